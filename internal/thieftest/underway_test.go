package thieftest_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// What was on its way in when she erased the testimony does not arrive, and
// leaves no object behind.
func TestBodyUnderWayDuringAnErasureLeavesNothing(t *testing.T) {
	for what, request := range map[string]func(u *underWay, body io.Reader) *http.Request{"a payload": (*underWay).payload, "plaintext to be sealed": (*underWay).plaintext} {
		t.Run(what, func(t *testing.T) {
			v := vaulttest.New(t)
			u := &underWay{t: t, door: &peopletest.Door{T: t, Origin: v.URL, Vault: v.ID, Steward: v.Steward, Now: v.Clock.Now}}
			u.her = u.door.Participant()
			var err error
			u.testimony, err = u.her.Create(t.Context(), client.Testimony{Title: "x"})
			u.must(err)
			u.bytes = make([]byte, size)
			rand.Read(u.bytes) // never fails
			body, line := io.Pipe()
			status := u.send(request(u, body))
			_, err = line.Write(u.bytes[:size-1])
			u.must(err)
			u.until("an object is being written", func() bool { return len(u.files(v.Config.Blobs.Dir)) > 0 })
			u.must(u.her.At(u.door).Erase(t.Context(), u.testimony)) // from another device
			_, err = line.Write(u.bytes[size-1:])
			u.must(err)
			u.must(line.Close())
			if s := <-status; s < 400 {
				t.Errorf("a body for an erased testimony got %d", s)
			}
			if left := u.files(v.Config.Blobs.Dir); len(left) > 0 {
				t.Errorf("the erased testimony left %v", left)
			}
		})
	}
}

// size is that of the body: more than the server holds in memory, and a payload
// of whole chunks.
const size = 16 + 64*(64<<10+16)

// underWay is a body for a testimony that is about to be erased.
type underWay struct {
	t         *testing.T
	door      *peopletest.Door
	her       *peopletest.Person
	testimony api.ID
	bytes     []byte
}

func (u *underWay) must(err error) {
	u.t.Helper()
	if err != nil {
		u.t.Fatal(err)
	}
}

// payload begins part 1 and sends it.
func (u *underWay) payload(body io.Reader) *http.Request {
	u.t.Helper()
	key, err := envelope.NewFileKey(rand.Reader)
	u.must(err)
	to, _, err := envelope.ParseRecipient(u.her.Keys.Recipient)
	u.must(err)
	header, err := envelope.ComposeHeader(key, to)
	u.must(err)
	begin := u.her.Says(statement.ActBegin, statement.Begin{Testimony: u.testimony, N: 1, HeaderSHA256: api.HashOf(header).String(),
		Nonce: statement.B64(u.bytes[:16]), Length: size})
	doc, err := json.Marshal(api.NewPart{Statement: begin, Header: header})
	u.must(err)
	req := u.request(http.MethodPost, "/parts", bytes.NewReader(doc), api.MediaJSON)
	if s := <-u.send(req); s != http.StatusCreated {
		u.t.Fatalf("begin: %d", s)
	}
	req = u.request(http.MethodPatch, "/parts/1/payload", body, api.MediaTus)
	req.Header.Set(api.HeaderTusResumable, api.TusVersion)
	req.Header.Set(api.HeaderUploadOffset, "0")
	return req
}

// plaintext hands part 1 over.
func (u *underWay) plaintext(body io.Reader) *http.Request {
	u.t.Helper()
	info, err := envelope.PartInfo{MediaType: "audio/mp4", Kind: envelope.Original}.Encode()
	u.must(err)
	says := u.her.Says(statement.ActReceived, statement.Received{Testimony: u.testimony, N: 1, Length: size})
	req := u.request(http.MethodPost, "/arrivals/1", body, api.MediaBytes)
	req.Header.Set(api.HeaderStatement, says)
	req.Header.Set(api.HeaderPart, api.Bytes(info).String())
	return req
}

func (u *underWay) request(method, path string, body io.Reader, media string) *http.Request {
	u.t.Helper()
	req := u.her.Request(method, fmt.Sprintf("/v1/testimonies/%s%s", u.testimony, path), body)
	if media == api.MediaBytes {
		req.ContentLength = size
	}
	req.Header.Set("Content-Type", media)
	req.Header.Set(api.HeaderIdempotencyKey, u.door.IdempotencyKey())
	return req
}

// send gives the status when there is one.
func (u *underWay) send(req *http.Request) <-chan int {
	status := make(chan int, 1)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			status <- http.StatusBadGateway
			return
		}
		_ = resp.Body.Close()
		status <- resp.StatusCode
	}()
	return status
}

// until waits for something to become true.
func (u *underWay) until(what string, is func() bool) {
	u.t.Helper()
	tick, late := time.NewTicker(5*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-late:
			u.t.Fatalf("%s: it never came to that", what)
		}
	}
}

// files lists what lies in the object store.
func (u *underWay) files(dir string) (out []string) {
	u.t.Helper()
	u.must(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	}))
	return out
}
