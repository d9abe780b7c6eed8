package client_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/statement"
)

// broken is a part that somebody may keep, on a line that breaks for good after so
// many bytes, as a program that is killed leaves it.
type broken struct {
	*clienttest.World
	salma, reader *client.Client // the reader as on a new start of the program
	tid, grant    api.ID
	video         []byte
	dir           string // where it goes
	ranges        []string
	counted       []api.ID // what the reader was asked about
	answer        error    // of the reader
	fetched       atomic.Int64
	line          *line
}

const tornAt = 1 << 20

func newBroken(t *testing.T) *broken {
	t.Helper()
	w := clienttest.NewWorld(t)
	s := &broken{World: w, video: reel(t), dir: filepath.Join(t.TempDir(), "part-1")}
	s.salma, _ = w.Participant(t)
	leyla := w.Researcher(t, "Dr. Leyla")
	tid, err := s.salma.Create(t.Context(), client.Testimony{Title: "t", Parts: []client.Content{client.Bytes("clip.mp4", "", s.video)}})
	if err != nil {
		t.Fatal(err)
	}
	s.tid = tid
	o := offer(tid, leyla, 1)
	o.Terms.Access, o.Terms.Attribution = statement.Download, statement.ChathamHouse
	s.grant = granted(t, s.salma, o)
	s.line = &line{}
	s.reader = client.Over(leyla, &http.Client{Transport: s.line}, s.again)
	pauses := new(int)
	client.DoNotPause(s.reader, pauses)
	s.breaks()
	return s
}

func (s *broken) again(_ context.Context, grant api.ID, _ int64) error {
	s.counted = append(s.counted, grant)
	return s.answer
}

func (s *broken) isFile(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/content") || strings.HasSuffix(r.URL.Path, "/export")
}

// breaks lets so much through, and then nothing more.
func (s *broken) breaks() {
	down := false
	s.line.before = func(r *http.Request) error {
		if s.isFile(r) && down {
			return errLine
		}
		return nil
	}
	s.line.heard = func(resp *http.Response) {
		if s.isFile(resp.Request) {
			resp.Body = &tallied{&torn{resp.Body, tornAt}, &s.fetched}
			down = true
		}
	}
}

// mended is the line of another day.
func (s *broken) mended() {
	s.line.before = func(r *http.Request) error {
		if s.isFile(r) {
			s.ranges = append(s.ranges, r.Header.Get("Range"))
		}
		return nil
	}
	s.line.heard = func(resp *http.Response) {
		if s.isFile(resp.Request) {
			resp.Body = &tallied{resp.Body, &s.fetched}
		}
	}
}

func (s *broken) save(t *testing.T) error {
	t.Helper()
	_, err := s.reader.SaveGranted(t.Context(), s.grant, 1, s.dir, nil)
	return err
}

// left are the files beside the target, with what is in them.
func (s *broken) left(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(filepath.Dir(s.dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others can read %s", path)
		}
		b, readErr := os.ReadFile(path)
		out[d.Name()] = b
		return errors.Join(err, readErr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// only is the one partial file there is.
func (s *broken) only(t *testing.T) (name string, b []byte) {
	t.Helper()
	left := s.left(t)
	for name, b = range left {
		if len(left) != 1 || !strings.HasPrefix(name, ".part-1.") || !strings.HasSuffix(name, ".partial") {
			t.Errorf("there is %s", name)
		}
	}
	return name, b
}

func (s *broken) whole(t *testing.T) {
	t.Helper()
	left := s.left(t)
	if !bytes.Equal(left[client.ContentFile], s.video) || len(left) != 3 {
		t.Errorf("%d bytes of content, %d files", len(left[client.ContentFile]), len(left))
	}
}
