package uploadtest_test

import (
	"bytes"
	"crypto/sha1" // tus has it
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// step is a request of tus, and what the specification says of its answer. The steps
// of a table come one after the other at one upload.
type step struct {
	must    string // the sentence of tus 1.0.0, in our words
	method  string
	from    int
	to      int // of the payload: the body of a PATCH
	headers []string
	status  int
	answer  map[string]string // headers: a value, "" for none, "*" for any
}

// What tus 1.0.0 says that a server must do, for its core and for each extension that
// is announced; and where the vault is stricter than that.
func TestTus(t *testing.T) {
	each(t, 1<<20, func(_ *vaulttest.Vault, u *upload) {
		length := strconv.Itoa(len(u.payload))
		sha := func(from, to int) string {
			s := sha1.Sum(u.payload[from:to])
			return "sha1 " + base64.StdEncoding.EncodeToString(s[:])
		}
		sum := sha256.Sum256(u.payload[30:40])
		sha2 := "sha256 " + base64.StdEncoding.EncodeToString(sum[:])
		whole := sha256.Sum256(u.payload)
		const v, off, cks = api.HeaderTusResumable, api.HeaderUploadOffset, api.HeaderUploadChecksum
		for _, s := range []step{
			{must: "OPTIONS tells version, extensions, size and algorithms, without Tus-Resumable in the request", method: "OPTIONS", headers: []string{v, ""}, status: 204,
				answer: map[string]string{"Tus-Version": "1.0.0", "Tus-Extension": "creation,expiration,termination,checksum", "Tus-Max-Size": "*", "Tus-Checksum-Algorithm": "sha1,sha256"}},
			{must: "a version that is not there is 412 with Tus-Version, and nothing is processed", method: "HEAD", headers: []string{v, "0.2.2"}, status: 412, answer: map[string]string{"Tus-Version": "1.0.0"}},
			{must: "Tus-Resumable is in every request", method: "PATCH", to: 10, headers: []string{v, "", off, "0"}, status: 412, answer: map[string]string{"Tus-Version": "1.0.0"}},
			{must: "creation answers 201 with Location", method: "POST", headers: []string{"Upload-Length", length}, status: 201, answer: map[string]string{"Location": u.path, "Upload-Expires": "*"}},
			{must: "creation wants a length", method: "POST", status: 400},
			{must: "a length is a number that is not negative", method: "POST", headers: []string{"Upload-Length", "-1"}, status: 400},
			{must: "the length is the one she signed for", method: "POST", headers: []string{"Upload-Length", "17"}, status: 422},
			{must: "a deferred length is not there", method: "POST", headers: []string{"Upload-Defer-Length", "1"}, status: 400},
			{must: "metadata would tell a name", method: "POST", headers: []string{"Upload-Length", length, "Upload-Metadata", "filename " + base64.StdEncoding.EncodeToString([]byte(canary))}, status: 400},
			{must: "concatenation is not there", method: "POST", headers: []string{"Upload-Length", length, "Upload-Concat", "partial"}, status: 400},
			{must: "the method is the one that is proved", method: "POST", headers: []string{"Upload-Length", length, "X-HTTP-Method-Override", "DELETE"}, status: 400},
			{must: "HEAD tells offset and length, and is not cached", method: "HEAD", status: 200, answer: map[string]string{off: "0", "Upload-Length": length, "Cache-Control": "no-store", "Upload-Expires": "*", "Repr-Digest": ""}},
			{must: "PATCH has its content type, else 415", method: "PATCH", to: 10, headers: []string{off, "0", "Content-Type", "application/octet-stream"}, status: 415},
			{must: "PATCH has an offset", method: "PATCH", to: 10, status: 400},
			{must: "an offset is a number that is not negative", method: "PATCH", to: 10, headers: []string{off, "-1"}, status: 400},
			{must: "another offset is 409 and changes nothing", method: "PATCH", to: 10, headers: []string{off, "1"}, status: 409},
			{must: "bytes that fit are 204 with the new offset", method: "PATCH", to: 20, headers: []string{off, "0"}, status: 204, answer: map[string]string{off: "20", "Upload-Expires": "*", "Repr-Digest": ""}},
			{must: "the same again is 409", method: "PATCH", to: 20, headers: []string{off, "0"}, status: 409},
			{must: "an empty PATCH changes nothing", method: "PATCH", from: 20, to: 20, headers: []string{off, "20"}, status: 204, answer: map[string]string{off: "20"}},
			{must: "a checksum that fits", method: "PATCH", from: 20, to: 30, headers: []string{off, "20", cks, sha(20, 30)}, status: 204, answer: map[string]string{off: "30"}},
			{must: "a checksum that does not is 460", method: "PATCH", from: 30, to: 40, headers: []string{off, "30", cks, sha(0, 10)}, status: 460},
			{must: "and nothing of it is kept", method: "HEAD", status: 200, answer: map[string]string{off: "30"}},
			{must: "an unknown algorithm is 400", method: "PATCH", from: 30, to: 40, headers: []string{off, "30", cks, "crc32 AAAAAA=="}, status: 400},
			{must: "a checksum that is none is 400", method: "PATCH", from: 30, to: 40, headers: []string{off, "30", cks, "sha1 !"}, status: 400},
			{must: "and nothing of those is kept", method: "HEAD", status: 200, answer: map[string]string{off: "30"}},
			{must: "another algorithm", method: "PATCH", from: 30, to: 40, headers: []string{off, "30", cks, sha2}, status: 204, answer: map[string]string{off: "40"}},
			{must: "more than was begun is 413", method: "PATCH", from: 0, to: len(u.payload), headers: []string{off, "40"}, status: 413},
			{must: "the rest is 204 with the digest", method: "PATCH", from: 40, to: len(u.payload), headers: []string{off, "40"}, status: 204,
				answer: map[string]string{off: length, "Repr-Digest": "sha-256=:" + base64.StdEncoding.EncodeToString(whole[:]) + ":"}},
			{must: "an empty PATCH behind the end says what it is", method: "PATCH", from: len(u.payload), to: len(u.payload), headers: []string{off, length}, status: 204,
				answer: map[string]string{off: length, "Repr-Digest": "*", "Upload-Expires": ""}},
			{must: "bytes behind the end are 413", method: "PATCH", to: 10, headers: []string{off, length}, status: 413},
			{must: "and bytes that are there already 409", method: "PATCH", to: 10, headers: []string{off, "0"}, status: 409},
			{must: "creation of a whole one finds it", method: "POST", headers: []string{"Upload-Length", length}, status: 201, answer: map[string]string{"Location": u.path, "Repr-Digest": "*"}},
			{must: "HEAD without Tus-Resumable is 412", method: "HEAD", headers: []string{v, ""}, status: 412, answer: map[string]string{"Tus-Version": "1.0.0", off: ""}},
			{must: "HEAD of a whole one says so", method: "HEAD", status: 200, answer: map[string]string{off: length, "Upload-Length": length, "Upload-Expires": "", "Repr-Digest": "*"}},
			{must: "termination is 204", method: "DELETE", status: 204},
			{must: "and what was terminated is not there any more", method: "HEAD", status: 404},
			{must: "for PATCH, too", method: "PATCH", to: 10, headers: []string{off, "0"}, status: 404},
			{must: "nor for termination", method: "DELETE", status: 404},
		} {
			u.step(s)
		}
	})
}

func (u *upload) step(s step) {
	u.t.Helper()
	var a answer
	if s.method == http.MethodPatch {
		a = u.ask(u.tus(s.method, bytes.NewReader(u.payload[s.from:s.to]), s.headers...))
	} else {
		a = u.ask(u.tus(s.method, nil, s.headers...))
	}
	if a.StatusCode != s.status {
		u.t.Errorf("%s: %d %s, want %d", s.must, a.StatusCode, a.body, s.status)
	}
	if a.Header.Get(api.HeaderTusResumable) != api.TusVersion {
		u.t.Errorf("%s: the answer does not say which tus it speaks", s.must)
	}
	for name, want := range s.answer {
		if got := a.Header.Get(name); got != want && (want != "*" || got == "") {
			u.t.Errorf("%s: %s is %q, want %q", s.must, name, got, want)
		}
	}
	if s.status >= 400 && s.method != http.MethodHead && a.Header.Get("Content-Type") != api.MediaProblem {
		u.t.Errorf("%s: it is refused with %q", s.must, a.Header.Get("Content-Type"))
	}
}

// An upload expires when it said it would, and not before.
func TestAnUploadExpiresWhenItSaid(t *testing.T) {
	v := vaulttest.New(t)
	u := begun(t, doorOf(v), 1<<20)
	u.patch(0, 1000)
	until, err := http.ParseTime(u.ask(u.tus(http.MethodHead, nil)).Header.Get(api.HeaderUploadExpires))
	u.must(err)
	if want := v.Clock.Now().Truncate(24 * time.Hour).Add(31 * 24 * time.Hour); !until.Equal(want) {
		t.Errorf("it is kept until %v, want %v", until, want)
	}
}

// A body of unknown length is taken, up to what is missing.
func TestABodyMayComeInChunks(t *testing.T) {
	each(t, 1<<20, func(_ *vaulttest.Vault, u *upload) {
		chunked := func(from, to int) answer {
			body := struct{ *bytes.Reader }{bytes.NewReader(u.payload[from:to])}
			req := u.tus(http.MethodPatch, body, api.HeaderUploadOffset, strconv.Itoa(from))
			req.ContentLength = -1
			return u.ask(req)
		}
		if a := chunked(0, 500_000); a.StatusCode != http.StatusNoContent || u.offset() != 500_000 {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
		if a := chunked(500_000, len(u.payload)); a.StatusCode != http.StatusNoContent {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
		u.add()
	})
}

// Of a body that is longer than what is missing, and did not say so before, what is
// missing is kept and the rest is not: the answer says where that was.
func TestOfABodyThatIsTooLongWhatFitsIsKept(t *testing.T) {
	each(t, 1<<20, func(_ *vaulttest.Vault, u *upload) {
		u.patch(0, 100_000)
		for _, from := range []int{100_000, len(u.payload)} {
			body := append(bytes.Clone(u.payload[from:]), canary...)
			req := u.tus(http.MethodPatch, bytes.NewReader(body), api.HeaderUploadOffset, strconv.Itoa(from))
			req.ContentLength = -1
			if a := u.ask(req); a.StatusCode != http.StatusNoContent || a.Header.Get(api.HeaderUploadOffset) != strconv.Itoa(len(u.payload)) {
				t.Errorf("from %d: %d, at %s", from, a.StatusCode, a.Header.Get(api.HeaderUploadOffset))
			}
		}
		u.add()
	})
}

// Nobody else reaches an upload by any verb, nor makes its writer let go.
func TestNobodyElseReachesAnUpload(t *testing.T) {
	each(t, 1<<20, func(_ *vaulttest.Vault, u *upload) {
		u.patch(0, 100_000)
		other := *u
		other.her = u.door.Participant()
		for _, s := range []step{
			{must: "HEAD", method: "HEAD", status: 404},
			{must: "PATCH", method: "PATCH", from: 100_000, to: 100_100, headers: []string{api.HeaderUploadOffset, "100000"}, status: 404},
			{must: "POST", method: "POST", headers: []string{"Upload-Length", strconv.Itoa(len(u.payload))}, status: 404},
			{must: "DELETE", method: "DELETE", status: 404},
			{must: "GET", method: "GET", status: 404},
		} {
			other.step(s)
		}
		if got := u.offset(); got != 100_000 {
			t.Errorf("%d bytes are kept", got)
		}
	})
}

// No log tells an upload, its name or whose it is.
func TestUploadsLeaveNoNames(t *testing.T) {
	v := vaulttest.New(t)
	u := begun(t, doorOf(v), 1<<20)
	u.patch(0, 1000, "X-Request-Id", canary, "Upload-Metadata", canary)
	u.patch(0, 1000)
	u.patch(7, 1000)
	u.ask(u.tus(http.MethodDelete, nil))
	for _, name := range []string{canary, string(u.tid), string(u.her.Account()), "parts/1"} {
		if strings.Contains(v.Log.String(), name) {
			t.Errorf("the log has %q", name)
		}
	}
}
