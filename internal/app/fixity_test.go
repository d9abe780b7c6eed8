package app_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/s3test"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// twice is the real program with a second store, and somebody's recording in it.
type twice struct {
	t         *testing.T
	b         *vaulttest.Binary
	settings  []string
	data      string
	lies      lies
	keys      *client.Keys
	tid       api.ID
	recording []byte
}

// lies is where the objects of two stores lie as files, and how the program is told.
type lies struct {
	first, second string
	told          []string
}

func newTwice(t *testing.T, b vaulttest.Binary, l lies) *twice {
	t.Helper()
	w := &twice{t: t, b: &b, data: filepath.Join(t.TempDir(), "vault"), lies: l, recording: make([]byte, 900_000)}
	b.T = t
	for _, s := range l.told {
		name, value, _ := strings.Cut(s, "=")
		b.Env = append(b.Env, "TESTIMONYD_"+strings.ToUpper(strings.ReplaceAll(name, ".", "_"))+"="+value)
	}
	w.settings = []string{"data_dir=" + w.data, "listen=127.0.0.1:0", "enrolment.pow_bits=4"}
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
	out, err := w.try(args...)
	if err != nil {
		w.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

func (w *twice) try(args ...string) (string, error) {
	w.t.Helper()
	for _, s := range w.settings {
		args = append(args, "--set", s)
	}
	return w.b.Run(args...)
}

func (w *twice) files(dir string) (out []string) {
	w.t.Helper()
	w.must(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if path == dir && errors.Is(err, fs.ErrNotExist) {
			return nil // an S3 server keeps no empty folder
		}
		if err == nil && d.Type().IsRegular() {
			out = append(out, path)
		}
		return err
	}))
	return out
}

// flip changes one bit of the one object of each place.
func (w *twice) flip(places ...string) {
	w.t.Helper()
	for _, place := range places {
		object := w.files(place)[0]
		b, err := os.ReadFile(object)
		w.must(err)
		b[len(b)/3] ^= 4
		w.must(os.WriteFile(object, b, 0o600))
	}
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

// layouts are the places that two stores may have.
func layouts(t *testing.T) map[string]lies {
	t.Helper()
	dir, server := t.TempDir(), s3test.New(t)
	const copies = "copies"
	if err := server.MakeBucket(t.Context(), copies); err != nil {
		t.Fatal(err)
	}
	bucket := func(path, name, prefix string) []string {
		return append(server.Settings(path, prefix), path+".s3.bucket="+name)
	}
	objects := func(name, prefix string) string { return filepath.Join(server.Files(), name, prefix) }
	folder := func(path, name string) []string {
		return []string{path + ".engine=dir", path + ".dir=" + filepath.Join(dir, name)}
	}
	files := func(name string) string { return filepath.Join(dir, name, "objects") }
	return map[string]lies{
		"two folders":           {files("a1"), files("a2"), append(folder("blobs", "a1"), folder("blobs.second", "a2")...)},
		"two buckets":           {objects(s3test.Bucket, "b/"), objects(copies, "b/"), append(bucket("blobs", s3test.Bucket, "b/"), bucket("blobs.second", copies, "b/")...)},
		"two parts of a bucket": {objects(s3test.Bucket, "c1/"), objects(s3test.Bucket, "c2/"), append(bucket("blobs", s3test.Bucket, "c1/"), bucket("blobs.second", s3test.Bucket, "c2/")...)},
		"a bucket and a folder": {objects(s3test.Bucket, "d/"), files("d"), append(bucket("blobs", s3test.Bucket, "d/"), folder("blobs.second", "d")...)},
	}
}

// What the disk of the first store loses comes back from the second copy: when the
// operator asks, when a reader comes, and all of it at once. Where both are lost she is
// told, and told again when it is there. Nothing is left in either after she erases it.
func TestWhatADiskLosesComesBack(t *testing.T) {
	program := vaulttest.Build(t)
	for name, l := range layouts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTwice(t, *program, l)
			w.operatorAsks()
			w.bothAreLost()
			w.readersCome()
			w.leavesNothing()
		})
	}
}

func (w *twice) operatorAsks() {
	w.t.Helper()
	w.run("fixity", "run")
	if n := len(w.files(w.lies.second)); n != 1 {
		w.t.Fatalf("%d copies, want 1", n)
	}
	w.flip(w.lies.first)
	if out := w.run("fixity", "run"); !strings.Contains(out, "1 healed") {
		w.t.Errorf("after a bit flipped: %s", out)
	}
	w.must(os.Remove(w.files(w.lies.first)[0]))
	if out := w.run("blobs", "restore"); !strings.Contains(out, "1 healed") {
		w.t.Errorf("after all was lost: %s", out)
	}
}

// bothAreLost spoils both, and puts one back.
func (w *twice) bothAreLost() {
	w.t.Helper()
	kept := w.files(w.lies.second)[0]
	was, err := os.ReadFile(kept)
	w.must(err)
	w.flip(w.lies.first, w.lies.second)
	if out, err := w.try("fixity", "run"); err == nil || !strings.Contains(out, "1 damaged without a good copy") {
		w.t.Errorf("both are lost: %v, %s", err, out)
	}
	w.must(os.WriteFile(kept, was, 0o600))
	w.run("fixity", "run")
	p := w.b.Serve(w.settings...)
	defer p.Stop()
	// What is healed without ever having been known to be lost is said once a day.
	if told := w.told(p.Client(w.keys)); !slices.Equal(told, []api.EventKind{api.EventHealed, api.EventDamaged, api.EventHealed}) {
		w.t.Errorf("her feed says %v", told)
	}
}

// told is what her feed says of the vault's own findings, in order.
func (w *twice) told(c *client.Client) (out []api.EventKind) {
	w.t.Helper()
	events, _, err := c.Feed(w.t.Context(), w.tid)
	w.must(err)
	for _, e := range events {
		if e.Kind != api.EventDamaged && e.Kind != api.EventHealed {
			continue
		}
		if e.Actor != api.ActorVault || e.N != 1 || e.Time != 0 {
			w.t.Errorf("her feed says too much or too little: %+v", e)
		}
		out = append(out, e.Kind)
	}
	return out
}

// readersCome has her and her reader come to what is damaged.
func (w *twice) readersCome() {
	w.t.Helper()
	w.must(os.Truncate(w.files(w.lies.first)[0], 70_000))
	p := w.b.Serve(w.settings...)
	defer p.Stop()
	her := p.Client(w.keys)
	w.opens(her)
	w.flip(w.lies.first)
	w.must(her.SaveOwn(w.t.Context(), w.tid, 1, filepath.Join(w.t.TempDir(), "part"), nil)) // her client says that something else came

	words, err := os.ReadFile(filepath.Join(w.data, "practice-steward.words"))
	w.must(err)
	steward, err := client.ParseSecret(strings.TrimSpace(string(words)))
	w.must(err)
	reader := (&peopletest.Door{T: w.t, Origin: p.URL, Vault: p.ID, Steward: steward}).Researcher(100)
	g, err := her.Grant(w.t.Context(), client.Offer{Testimony: w.tid, Parts: []int64{1}, To: reader.Account(), Terms: api.Terms{Access: statement.Download}})
	w.must(err)
	for _, spoil := range []func(){func() { w.flip(w.lies.first) }, func() { w.must(os.Remove(w.files(w.lies.first)[0])) }} {
		spoil()
		_, err = reader.SaveGranted(w.t.Context(), g.ID, 1, filepath.Join(w.t.TempDir(), "part"), nil)
		w.must(err)
	}
	if strings.Contains(p.Log.String(), string(w.tid)) {
		w.t.Error("the log names the testimony")
	}
}

func (w *twice) leavesNothing() {
	w.t.Helper()
	p := w.b.Serve(w.settings...)
	left, err := p.Client(w.keys).EraseAndLook(w.t.Context(), w.tid)
	if err != nil || left {
		w.t.Errorf("erased: left %v, %v", left, err)
	}
	p.Stop()
	if n := len(w.files(w.lies.first)) + len(w.files(w.lies.second)); n != 0 {
		w.t.Errorf("%d objects of an erased testimony are left", n)
	}
	if out := w.run("fixity", "report"); !strings.Contains(out, "0 pieces") || !strings.Contains(out, "Nothing is known to be damaged") {
		w.t.Error(out)
	}
}
