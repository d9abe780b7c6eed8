package app_test

import (
	"bytes"
	"crypto/rand"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// twice is the real program with a second store, and somebody's recording in it.
type twice struct {
	t             *testing.T
	b             *vaulttest.Binary
	settings      []string
	first, second string // where objects lie
	keys          *client.Keys
	tid           api.ID
	recording     []byte
}

func newTwice(t *testing.T) *twice {
	t.Helper()
	dir := t.TempDir()
	w := &twice{t: t, b: vaulttest.Build(t), first: filepath.Join(dir, "vault", "blobs", "objects"), second: filepath.Join(dir, "second", "objects"), recording: make([]byte, 900_000)}
	w.settings = []string{"data_dir=" + filepath.Join(dir, "vault"), "listen=127.0.0.1:0", "enrolment.pow_bits=4", "blobs.second.engine=dir", "blobs.second.dir=" + filepath.Join(dir, "second")}
	_, err := rand.Read(w.recording)
	w.must(err)
	w.run("found", "--practice")
	p := w.b.Serve(w.settings...)
	defer p.Stop()
	secret, err := client.NewSecret(rand.Reader)
	w.must(err)
	w.keys, err = client.KeysFor(secret, p.ID)
	w.must(err)
	c := p.Client(w.keys)
	w.must(c.Enrol(t.Context(), statement.Participant, ""))
	w.tid, err = c.Create(t.Context(), client.Testimony{Title: "Winter", Parts: []client.Content{client.Bytes("voice.ogg", "", w.recording)}})
	w.must(err)
	return w
}

func (w *twice) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// run runs a command and gives what it said.
func (w *twice) run(args ...string) string {
	w.t.Helper()
	for _, s := range w.settings {
		args = append(args, "--set", s)
	}
	out, err := w.b.Run(args...)
	if err != nil {
		w.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

func (w *twice) files(dir string) (out []string) {
	w.t.Helper()
	w.must(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			out = append(out, path)
		}
		return err
	}))
	return out
}

// flip changes one bit of the one object.
func (w *twice) flip() {
	w.t.Helper()
	object := w.files(w.first)[0]
	b, err := os.ReadFile(object)
	w.must(err)
	b[len(b)/3] ^= 4
	w.must(os.WriteFile(object, b, 0o600))
}

// opens wants the recording back, whole.
func (w *twice) opens(c *client.Client) {
	w.t.Helper()
	var got bytes.Buffer
	err := c.OpenOwn(w.t.Context(), w.tid, 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return &got, nil }))
	if err != nil || !bytes.Equal(got.Bytes(), w.recording) {
		w.t.Errorf("%d bytes came back, %v", got.Len(), err)
	}
}

// What the disk loses comes back from the second copy: when the operator asks, when a
// reader comes, and all of it at once.
func TestWhatADiskLosesComesBack(t *testing.T) {
	w := newTwice(t)
	w.run("fixity", "run")
	if n := len(w.files(w.second)); n != 1 {
		t.Fatalf("%d copies, want 1", n)
	}
	w.flip()
	if out := w.run("fixity", "run"); !strings.Contains(out, "1 healed") {
		t.Errorf("after a bit flipped: %s", out)
	}
	for _, object := range w.files(w.first) {
		w.must(os.Remove(object))
	}
	if out := w.run("blobs", "restore"); !strings.Contains(out, "1 healed") {
		t.Errorf("after all was lost: %s", out)
	}
	for _, object := range w.files(w.first) {
		w.must(os.Truncate(object, 70_000))
	}
	p := w.b.Serve(w.settings...)
	c := p.Client(w.keys)
	w.opens(c)
	w.flip()
	w.must(c.SaveOwn(t.Context(), w.tid, 1, filepath.Join(t.TempDir(), "part"), nil)) // its client says that something else came
	events, _, err := c.Feed(t.Context(), w.tid)
	w.must(err)
	if last := events[len(events)-1]; last.Kind != api.EventHealed || last.Actor != api.ActorVault || last.N != 1 || last.Time != 0 {
		t.Errorf("the last event is %+v", last)
	}
	left, err := c.EraseAndLook(t.Context(), w.tid)
	if err != nil || left {
		t.Errorf("erased: left %v, %v", left, err)
	}
	p.Stop()
	if n := len(w.files(w.first)) + len(w.files(w.second)); n != 0 {
		t.Errorf("%d objects of an erased testimony are left", n)
	}
	if out := w.run("fixity", "report"); !strings.Contains(out, "0 pieces") || !strings.Contains(out, "Nothing is known to be damaged") {
		t.Error(out)
	}
	if strings.Contains(p.Log.String(), string(w.tid)) {
		t.Error("the log names the testimony")
	}
}
