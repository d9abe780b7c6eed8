package s3blob_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/blob/s3blob"
	"github.com/relatingfield/vault/internal/s3test"
)

// A listing goes on over pages, and passes what is not the store's own: folders,
// and the empty objects by which some programs show them.
func TestAListingGoesOnOverPages(t *testing.T) {
	t.Parallel() // it waits, mostly
	server := s3test.New(t)
	prefix := rand.Text() + "/"
	s := open(t, server, func(c *s3blob.Config) { c.Prefix = prefix })
	const n = 1010
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			for range n / 10 {
				if err := s.Put(t.Context(), blobtest.Key(t), 1, bytes.NewReader([]byte{1})); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	plant(t, server, prefix+"deeper/"+string(blobtest.Key(t)))
	plant(t, server, prefix)
	seen := 0
	if err := s.List(t.Context(), func(blob.Entry) error { seen++; return nil }); err != nil || seen != n {
		t.Errorf("%d listed of %d, %v", seen, n, err)
	}
	plant(t, server, prefix+"notes.txt")
	if err := s.List(t.Context(), func(blob.Entry) error { return nil }); err == nil {
		t.Error("something that is no object was passed over")
	} else {
		discreet(t, err, server, "notes")
	}
}

func plant(t *testing.T, server *s3test.Server, name string) {
	t.Helper()
	c, err := server.Client()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutObject(t.Context(), s3test.Bucket, name, bytes.NewReader(nil), 0, minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
}

// Parts that a crash left go when a listing comes by a week later, and not while
// somebody may be at them; those of others stay.
func TestPartsOfACrashAreSwept(t *testing.T) {
	server := s3test.New(t)
	c, err := server.Client()
	if err != nil {
		t.Fatal(err)
	}
	core := minio.Core{Client: c}
	for _, name := range []string{"ours/" + string(blobtest.Key(t)), "others/x"} {
		if _, err := core.NewMultipartUpload(t.Context(), s3test.Bucket, name, minio.PutObjectOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	cfg := server.Config("ours/", t.TempDir())
	s, err := s3blob.Open(cfg, s3blob.Deps{Now: func() time.Time { return now }, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after      time.Duration
		ours, rest int
	}{{0, 1, 1}, {6 * 24 * time.Hour, 1, 1}, {2 * 24 * time.Hour, 0, 1}} {
		now = now.Add(c.after)
		if err := s.List(t.Context(), func(blob.Entry) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if ours, rest := len(uploads(t, server, "ours/")), len(uploads(t, server, "others/")); ours != c.ours || rest != c.rest {
			t.Errorf("%s later %d uploads of ours and %d of others are left, want %d and %d", c.after, ours, rest, c.ours, c.rest)
		}
	}
}

// Hundreds of slow uploads hold little memory and no more disk than has come, leave
// no name on the disk, and do not keep the server waiting.
func TestManySlowUploadsStayFlat(t *testing.T) {
	const uploads, first, second, each = 300, 40 << 10, 5 << 10, 64 << 10
	server := s3test.New(t)
	scratch := t.TempDir()
	b := stand(t, server)
	s := through(t, server, b, func(c *s3blob.Config) { c.Scratch = scratch })
	content := blobtest.Random(t, first+second)
	before := heap()
	var group, begun sync.WaitGroup
	begun.Add(uploads)
	goOn := make(chan struct{})
	for range uploads {
		group.Go(func() {
			line := &slowLine{first: content[:first], second: content[first:], begun: begun.Done, goOn: goOn}
			if n, err := s.PutSome(t.Context(), blobtest.Key(t), 1<<30, line); err != nil || n != first+second {
				t.Errorf("%d stored, %v", n, err)
			}
		})
	}
	begun.Wait()
	if held := heap() - before; held > uploads*each {
		t.Errorf("%d uploads hold %d KiB each", uploads, held/uploads>>10)
	}
	if asked := b.noted(); len(asked) != 0 {
		t.Errorf("the server was asked %d times before anything was whole", len(asked))
	}
	if names, err := os.ReadDir(scratch); err != nil || len(names) != 0 {
		t.Errorf("%d names in the scratch folder, %v", len(names), err)
	}
	close(goOn)
	group.Wait()
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// slowLine gives its first bytes, waits, and gives its last.
type slowLine struct {
	first, second []byte
	begun         func()
	goOn          <-chan struct{}
	waited        bool
}

// Read implements io.Reader.
func (l *slowLine) Read(p []byte) (int, error) {
	if len(l.first) == 0 && !l.waited {
		l.begun()
		<-l.goOn
		l.first, l.waited = l.second, true
	}
	n := copy(p, l.first)
	l.first = l.first[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// What a crash left in the scratch folder goes, and nothing else; a folder that
// cannot be had is an error at once.
func TestTheScratchFolderIsSwept(t *testing.T) {
	server := s3test.New(t)
	scratch := filepath.Join(t.TempDir(), "a", "b")
	set := func(c *s3blob.Config) { c.Scratch = scratch }
	open(t, server, set)
	for _, name := range []string{"arriving-1", "other"} {
		if err := os.WriteFile(filepath.Join(scratch, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, server, set)
	if left, err := os.ReadDir(scratch); err != nil || len(left) != 1 || left[0].Name() != "other" {
		t.Errorf("left: %v, %v", left, err)
	}
	cfg := server.Config("", filepath.Join(scratch, "other", "deeper"))
	if _, err := s3blob.Open(cfg, s3test.Deps()); err == nil {
		t.Error("a scratch folder that cannot be was accepted")
	}
}

// Settings that name no server that could be asked are refused before anything is.
func TestSettingsAreChecked(t *testing.T) {
	server := s3test.New(t)
	for name, spoil := range map[string]func(*s3blob.Config){
		"no endpoint":     func(c *s3blob.Config) { c.Endpoint = "" },
		"no scheme":       func(c *s3blob.Config) { c.Endpoint = server.Addr() },
		"a path":          func(c *s3blob.Config) { c.Endpoint += "/x" },
		"no bucket":       func(c *s3blob.Config) { c.Bucket = "" },
		"no region":       func(c *s3blob.Config) { c.Region = "" },
		"no scratch":      func(c *s3blob.Config) { c.Scratch = "" },
		"an open prefix":  func(c *s3blob.Config) { c.Prefix = "a" },
		"small parts":     func(c *s3blob.Config) { c.PartLimit = 5<<20 - 1 },
		"large parts":     func(c *s3blob.Config) { c.PartLimit = 5<<30 + 1 },
		"odd encryption":  func(c *s3blob.Config) { c.Encryption = "rot13" },
		"a wrong address": func(c *s3blob.Config) { c.Endpoint = "http://[::1" },
	} {
		cfg := server.Config("", t.TempDir())
		spoil(&cfg)
		_, err := s3blob.Open(cfg, s3test.Deps())
		if err == nil {
			t.Errorf("%s is accepted", name)
		}
		discreet(t, err, server, "[::1")
	}
}

// Whether a bucket keeps versions is told only by a server that knows.
func TestVersionsAreToldOf(t *testing.T) {
	server := s3test.New(t)
	b := stand(t, server)
	s := through(t, server, b, asItIs)
	for status, want := range map[string]bool{"": false, "<Status>Enabled</Status>": true, "<Status>Suspended</Status>": true} {
		b.instead = versioning(status)
		if got := s.KeepsVersions(t.Context()); got != want {
			t.Errorf("%q: %t, want %t", status, got, want)
		}
	}
	b.instead = refuse(501, "NotImplemented")
	if s.KeepsVersions(t.Context()) {
		t.Error("a server that knows no versions keeps some")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s.KeepsVersions(ctx) {
		t.Error("nobody was asked, and versions are kept")
	}
}

// A source that fails leaves nothing, whether it got as far as the scratch folder
// or not.
func TestASourceThatFailsInTheScratchFolderLeavesNothing(t *testing.T) {
	server := s3test.New(t)
	s := open(t, server, asItIs)
	broken := errors.New("the line broke")
	for _, n := range []int{100, 100 << 10} {
		r := io.MultiReader(bytes.NewReader(make([]byte, n)), &blobtest.Failing{Err: broken})
		if got, err := s.PutSome(t.Context(), blobtest.Key(t), 1<<20, r); got != 0 || !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %d, %v", n, got, err)
		}
	}
	if err := s.List(t.Context(), func(blob.Entry) error { t.Error("something is left"); return nil }); err != nil {
		t.Fatal(err)
	}
}

// What somebody copied into the bucket from a folder is read, though the server
// has no checksum of it.
func TestObjectsThatWereCopiedIntoTheBucketAreRead(t *testing.T) {
	server := s3test.New(t)
	prefix := rand.Text() + "/"
	s := open(t, server, func(c *s3blob.Config) { c.Prefix = prefix })
	c, err := server.Client()
	if err != nil {
		t.Fatal(err)
	}
	key, content := blobtest.Key(t), blobtest.Random(t, 6<<20)
	if _, err := c.PutObject(t.Context(), s3test.Bucket, prefix+string(key), bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{PartSize: 5 << 20}); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(openKey(t, s, key)); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes came back, %v", len(got), err)
	}
}
