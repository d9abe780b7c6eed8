package uploadtest_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stockagetest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// upload is one upload of one woman's, at one door.
type upload struct {
	t       *testing.T
	door    *peopletest.Door
	her     *peopletest.Person
	tid     api.ID
	path    string
	payload []byte
	key     envelope.FileKey
	header  []byte
}

// each does a test on both engines, with an upload of about so many bytes begun.
func each(t *testing.T, size int, test func(v *vaulttest.Vault, u *upload)) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) {
			v := vaulttest.New(t, vaulttest.On(engine))
			test(v, begun(t, doorOf(v), size))
		})
	}
}

func doorOf(v *vaulttest.Vault) *peopletest.Door {
	return &peopletest.Door{T: v.T, Origin: v.URL, Vault: v.ID, Steward: v.Steward, Now: v.Clock.Now}
}

// begun is an upload that has been begun, with a testimony around it.
func begun(t *testing.T, door *peopletest.Door, size int) *upload {
	t.Helper()
	u := &upload{t: t, door: door, her: door.Participant()}
	var err error
	u.tid, err = u.her.Create(t.Context(), client.Testimony{Title: "x"})
	u.must(err)
	u.seal(size)
	u.begin()
	return u
}

func (u *upload) must(err error) {
	u.t.Helper()
	if err != nil {
		u.t.Fatal(err)
	}
}

// seal makes a payload of random content.
func (u *upload) seal(size int) {
	u.t.Helper()
	content := make([]byte, size)
	rand.Read(content) // never fails
	info := envelope.PartInfo{MediaType: "audio/mp4", Kind: envelope.Original, Name: canary}
	var err error
	u.key, err = envelope.NewFileKey(rand.Reader)
	u.must(err)
	nonce, err := envelope.NewNonce(rand.Reader)
	u.must(err)
	plain, err := envelope.Contain(info, bytes.NewReader(content), int64(size))
	u.must(err)
	var payload bytes.Buffer
	_, err = envelope.Seal(&payload, plain, u.key, nonce, 2)
	u.must(err)
	u.payload = payload.Bytes()
	to, _, err := envelope.ParseRecipient(u.her.Keys.Recipient)
	u.must(err)
	u.header, err = envelope.ComposeHeader(u.key, to)
	u.must(err)
}

const canary = "canary-name-of-a-recording.m4a"

// begin signs for the payload and opens its slot, as part 1.
func (u *upload) begin() {
	u.t.Helper()
	u.path = fmt.Sprintf("/v1/testimonies/%s/parts/1/payload", u.tid)
	said := u.her.Says(statement.ActBegin, statement.Begin{Testimony: u.tid, N: 1, HeaderSHA256: api.HashOf(u.header).String(),
		Nonce: statement.B64(u.payload[:16]), Length: int64(len(u.payload))})
	u.post("/parts", api.NewPart{Statement: said, Header: u.header})
}

// add makes the payload part 1, opens it the way she does, and wants it whole.
func (u *upload) add() {
	u.t.Helper()
	sum := api.HashOf(u.payload)
	commit := envelope.Commit(u.key, sum)
	said := u.her.Says(statement.ActAdd, statement.Add{Testimony: u.tid, N: 1, Length: int64(len(u.payload)), PayloadSHA256: sum.String(),
		Commit: statement.B64(commit[:]), HeaderSHA256: api.HashOf(u.header).String()})
	u.post("/parts/1/add", api.Signed{Statement: said})
	got := u.ask(u.her.Request(http.MethodGet, fmt.Sprintf("/v1/testimonies/%s/parts/1/content", u.tid), nil))
	if !bytes.Equal(got.body, append(u.header, u.payload...)) {
		u.t.Error("the part is not what was sealed")
	}
}

func (u *upload) post(path string, body any) {
	u.t.Helper()
	b, err := json.Marshal(body)
	u.must(err)
	req := u.her.Request(http.MethodPost, "/v1/testimonies/"+string(u.tid)+path, bytes.NewReader(b))
	req.Header.Set("Content-Type", api.MediaJSON)
	req.Header.Set(api.HeaderIdempotencyKey, u.door.IdempotencyKey())
	if a := u.ask(req); a.StatusCode != http.StatusCreated {
		u.t.Fatalf("POST %s: %d %s", path, a.StatusCode, a.body)
	}
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body []byte
}

func (u *upload) ask(req *http.Request) answer {
	u.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	u.must(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	u.must(err)
	return answer{resp, b}
}

// tus makes a request of tus about the upload; headers come in pairs, and one with
// an empty value is left out.
func (u *upload) tus(method string, body io.Reader, headers ...string) *http.Request {
	u.t.Helper()
	req := u.her.Request(method, u.path, body)
	req.Header.Set(api.HeaderTusResumable, api.TusVersion)
	if method == http.MethodPatch {
		req.Header.Set("Content-Type", api.MediaTus)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Del(headers[i])
		if headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	return req
}

// patch sends the bytes from one offset to another.
func (u *upload) patch(from, to int, headers ...string) answer {
	u.t.Helper()
	return u.ask(u.tus(http.MethodPatch, bytes.NewReader(u.payload[from:to]), append([]string{api.HeaderUploadOffset, strconv.Itoa(from)}, headers...)...))
}

// offset asks how far the upload has come.
func (u *upload) offset() int {
	u.t.Helper()
	a := u.ask(u.tus(http.MethodHead, nil))
	n, err := strconv.Atoi(a.Header.Get(api.HeaderUploadOffset))
	if err != nil || a.StatusCode != http.StatusOK {
		u.t.Fatalf("HEAD: %d, Upload-Offset %q", a.StatusCode, a.Header.Get(api.HeaderUploadOffset))
	}
	return n
}

// opensWithStockTools opens the part with age, tar and sha256sum, and her key.
func (u *upload) opensWithStockTools() {
	u.t.Helper()
	dir := u.t.TempDir()
	part := u.ask(u.her.Request(http.MethodGet, fmt.Sprintf("/v1/testimonies/%s/parts/1/content", u.tid), nil))
	u.must(os.WriteFile(filepath.Join(dir, "part.age"), part.body, 0o600))
	u.must(os.WriteFile(filepath.Join(dir, "key.txt"), u.her.Keys.IdentityFile().Reveal(), 0o600))
	for _, line := range [][]string{{stockagetest.Binary(u.t), "-d", "-i", "key.txt", "-o", "part.tar", "part.age"}, {"tar", "-xf", "part.tar"}, {"sha256sum", "-c", "SHA256SUMS"}} {
		cmd := exec.Command(line[0], line[1:]...)
		cmd.Dir = dir
		if b, err := cmd.CombinedOutput(); err != nil {
			u.t.Fatalf("%s: %v: %s", line[0], err, b)
		}
	}
}
