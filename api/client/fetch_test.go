package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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

// The program is killed in the middle: what it had is there, sealed, and the next
// time it goes on there. No byte comes twice, and to her it is one opening.
func TestAFetchGoesOnAfterTheProgramWasKilled(t *testing.T) {
	s := newBroken(t)
	if err := s.save(t); !errors.Is(err, client.ErrUnavailable) {
		t.Fatal(err)
	}
	_, kept := s.only(t)
	if len(kept) != tornAt || !bytes.HasPrefix(kept, []byte("age-encryption.org/v1\n")) || bytes.Contains(kept, s.video[:64]) {
		t.Errorf("%d bytes are kept", len(kept))
	}
	s.mended()
	if err := s.save(t); err != nil {
		t.Fatal(err)
	}
	s.whole(t)
	size := int64(headerSize) + partLength(t, s)
	if len(s.ranges) != 1 || s.ranges[0] != "bytes=1048576-" || s.fetched.Load() != size {
		t.Errorf("asked for %q, %d bytes came of %d", s.ranges, s.fetched.Load(), size)
	}
	list, err := s.salma.Grants(t.Context(), s.tid)
	if err != nil || len(list[0].Openings) != 1 || len(s.counted) != 0 {
		t.Errorf("%+v, %v, asked about %v", list, err, s.counted)
	}
}

func partLength(t *testing.T, s *broken) int64 {
	t.Helper()
	shown, err := s.salma.Show(t.Context(), s.tid)
	if err != nil {
		t.Fatal(err)
	}
	return shown.Details[0].Length
}

// When she has taken it back, what had come is deleted, and the reader is told.
func TestWhatWasFetchedGoesWithTheGrant(t *testing.T) {
	s := newBroken(t)
	if err := s.save(t); !errors.Is(err, client.ErrUnavailable) {
		t.Fatal(err)
	}
	if _, err := s.salma.Revoke(t.Context(), s.tid, s.grant); err != nil {
		t.Fatal(err)
	}
	s.mended()
	if err := s.save(t); !errors.Is(err, client.ErrTakenBack) || !errors.Is(err, client.ErrNotFound) || !strings.Contains(err.Error(), "taken back") {
		t.Error(err)
	}
	if left := s.left(t); len(left) != 0 {
		t.Errorf("%d files are left", len(left))
	}
	if err := s.save(t); errors.Is(err, client.ErrTakenBack) || !errors.Is(err, client.ErrNotFound) {
		t.Errorf("when nothing is left to delete: %v", err)
	}
}

// The same, when she takes it back while it comes.
func TestAFetchEndsAtOnceWhenItIsTakenBack(t *testing.T) {
	s := newBroken(t)
	asked := 0
	s.line.before = func(r *http.Request) error {
		if asked++; s.isFile(r) && r.Header.Get("Range") != "" {
			asked = 0
			_, err := s.salma.Revoke(t.Context(), s.tid, s.grant)
			return err
		}
		return nil
	}
	if err := s.save(t); !errors.Is(err, client.ErrTakenBack) {
		t.Error(err)
	}
	if left := s.left(t); len(left) != 0 || asked != 0 {
		t.Errorf("%d files are left, asked %d times more", len(left), asked)
	}
}

// When she has locked it anew, nothing of the old bytes is used.
func TestAFetchBeginsAnewAfterARelock(t *testing.T) {
	s := newBroken(t)
	if err := s.save(t); !errors.Is(err, client.ErrUnavailable) {
		t.Fatal(err)
	}
	if _, err := s.salma.Relock(t.Context(), s.tid, 1); err != nil {
		t.Fatal(err)
	}
	s.mended()
	if err := s.save(t); err != nil {
		t.Fatal(err)
	}
	s.whole(t)
	if !slices.Equal(s.ranges, []string{""}) {
		t.Errorf("asked for %q", s.ranges)
	}
}

// The same, when she does it while it comes. That counts as another opening, and the
// reader is asked before.
func TestAFetchBeginsAnewDuringARelock(t *testing.T) {
	s := newBroken(t)
	relocked := false
	s.line.before = func(r *http.Request) error {
		if s.isFile(r) && r.Header.Get("Range") != "" && !relocked {
			relocked = true
			s.line.heard = nil
			_, err := s.salma.Relock(t.Context(), s.tid, 1)
			return err
		}
		return nil
	}
	if err := s.save(t); err != nil {
		t.Fatal(err)
	}
	s.whole(t)
	if len(s.counted) != 1 {
		t.Errorf("asked %d times", len(s.counted))
	}
}

// After its day an opening is over. Going on counts as another: the reader is asked
// before, and who says no has lost nothing.
func TestGoingOnAfterTheSessionCountsOnlyIfTheReaderAgrees(t *testing.T) {
	s := newBroken(t)
	if err := s.save(t); !errors.Is(err, client.ErrUnavailable) {
		t.Fatal(err)
	}
	s.Pass(25 * time.Hour)
	s.mended()
	s.answer = errors.New("not now")
	if err := s.save(t); !errors.Is(err, s.answer) || !slices.Equal(s.counted, []api.ID{s.grant}) {
		t.Fatalf("%v, asked about %v", err, s.counted)
	}
	if _, kept := s.only(t); len(kept) != tornAt {
		t.Errorf("%d bytes are kept", len(kept))
	}
	openings := func() int {
		list, err := s.salma.Grants(t.Context(), s.tid)
		if err != nil {
			t.Fatal(err)
		}
		return len(list[0].Openings)
	}
	if n := openings(); n != 1 {
		t.Errorf("%d openings before the reader agreed", n)
	}
	s.answer = nil
	if err := s.save(t); err != nil {
		t.Fatal(err)
	}
	s.whole(t)
	if n := openings(); n != 2 {
		t.Errorf("%d openings", n)
	}
}

// A disk that lost power may hold anything where the bytes were: then they are
// fetched once more, and the vault is not accused.
func TestAPartialFileIsBelievedNothing(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"zeros at its end": func(t *testing.T, path string) { overwrite(t, path, tornAt-5000, make([]byte, 5000)) },
		"another header":   func(t *testing.T, path string) { overwrite(t, path, 100, []byte("AAAA")) },
		"only a beginning": func(t *testing.T, path string) { truncate(t, path, 10) },
		"empty":            func(t *testing.T, path string) { truncate(t, path, 0) },
		"too long":         func(t *testing.T, path string) { truncate(t, path, 100<<20) },
		"a link": func(t *testing.T, path string) {
			if err := errors.Join(os.Rename(path, path+".x"), os.Symlink(path+".x", path)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newBroken(t)
			if err := s.save(t); !errors.Is(err, client.ErrUnavailable) {
				t.Fatal(err)
			}
			partial, _ := s.only(t)
			spoil(t, filepath.Join(filepath.Dir(s.dir), partial))
			s.mended()
			if err := s.save(t); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(readFile(t, s.dir, client.ContentFile), s.video) {
				t.Error("the content is another")
			}
		})
	}
}

func overwrite(t *testing.T, path string, at int64, with []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(with, at)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// Everything else that is kept goes on as well: the sealed file, an export, her own
// part, and a takeout.
func TestWhateverIsKeptGoesOn(t *testing.T) {
	for name, save := range map[string]func(t *testing.T, s *broken) (string, error){
		"sealed": func(t *testing.T, s *broken) (string, error) {
			_, err := s.reader.SaveGrantedAge(t.Context(), s.grant, 1, s.dir, nil)
			return filepath.Join(s.dir, client.AgeFile), err
		},
		"an export": func(t *testing.T, s *broken) (string, error) {
			_, err := s.reader.Export(t.Context(), s.grant, 1, s.dir, nil)
			return filepath.Join(s.dir, client.ContentFile), err
		},
		"her own": func(t *testing.T, s *broken) (string, error) {
			err := s.hers().SaveOwn(t.Context(), s.tid, 1, s.dir, nil)
			return filepath.Join(s.dir, client.ContentFile), err
		},
		"a takeout": func(t *testing.T, s *broken) (string, error) {
			_, err := s.hers().TakeOut(t.Context(), s.dir, "en", nil)
			return filepath.Join(s.dir, "001", "part-1.age"), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newBroken(t)
			if _, err := save(t, s); !errors.Is(err, client.ErrUnavailable) {
				t.Fatal(err)
			}
			s.mended()
			path, err := save(t, s)
			if err != nil {
				t.Fatal(err)
			}
			size := int64(headerSize) + partLength(t, s)
			if len(s.ranges) != 1 || s.ranges[0] != "bytes=1048576-" || s.fetched.Load() != size {
				t.Errorf("asked for %q, %d bytes came of %d", s.ranges, s.fetched.Load(), size)
			}
			if info, err := os.Stat(path); err != nil || info.Size() != size && info.Size() != int64(len(s.video)) {
				t.Errorf("%v, %v", info, err)
			}
			for name := range s.left(t) {
				if strings.HasPrefix(name, ".") {
					t.Errorf("%s is left", name)
				}
			}
		})
	}
}

// hers is her client on the line.
func (s *broken) hers() *client.Client {
	c := client.Over(s.salma, &http.Client{Transport: s.line}, nil)
	pauses := new(int)
	client.DoNotPause(c, pauses)
	return c
}

// A line that brings nothing any more, and does not say that it is broken, counts as
// broken after a while.
func TestALineThatStallsIsLeft(t *testing.T) {
	s := newBroken(t)
	client.StallAfter(s.reader, 20*time.Millisecond)
	stalls := 2
	s.line.before = nil
	s.line.heard = func(resp *http.Response) {
		if s.isFile(resp.Request) && stalls > 0 {
			stalls--
			resp.Body = &stalled{resp.Body, tornAt, resp.Request.Context()}
		}
	}
	if err := s.save(t); err != nil || stalls != 0 {
		t.Fatalf("%d stalls are left, %v", stalls, err)
	}
	s.whole(t)
}

// stalled brings so many bytes, and then nothing until its request is ended.
type stalled struct {
	io.ReadCloser
	left int
	ctx  context.Context
}

func (r *stalled) Read(p []byte) (int, error) {
	if r.left == 0 {
		<-r.ctx.Done()
		return 0, r.ctx.Err()
	}
	n, err := r.ReadCloser.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}

// A vault that is busy in the middle is given the time it asks for; patience ends
// after attempts that bring nothing, not after a time.
func TestAFetchWaitsAsLongAsTheVaultAsks(t *testing.T) {
	s := newBroken(t)
	var waited []time.Duration
	client.Patience(s.reader, &waited)
	busy := 0
	s.line.before = nil
	s.Vault.Before = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Range") == "" {
			return false
		}
		busy++
		rw.Header().Set("Retry-After", "7")
		rw.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	if err := s.save(t); !errors.Is(err, client.ErrUnavailable) {
		t.Fatal(err)
	}
	if !slices.Contains(waited, 7*time.Second) || slices.Max(waited) > 30*time.Second || busy > 40 {
		t.Errorf("waited %v, asked %d times", waited, busy)
	}
	s.only(t)
}

// A line on which little comes each time goes on for as long as something does, and
// every byte comes once.
func TestAFetchLivesOnLittle(t *testing.T) {
	s := newBroken(t)
	s.line.before = nil
	s.line.heard = func(resp *http.Response) {
		if s.isFile(resp.Request) {
			resp.Body = &tallied{&torn{resp.Body, 50_001}, &s.fetched}
		}
	}
	if err := s.save(t); err != nil {
		t.Fatal(err)
	}
	s.whole(t)
	if size := int64(headerSize) + partLength(t, s); s.fetched.Load() != size {
		t.Errorf("%d bytes came of %d", s.fetched.Load(), size)
	}
}

// A text that is shown and not kept begins anew when it is locked anew meanwhile, if
// whoever shows it can forget what came.
func TestASinkThatForgetsBeginsAnew(t *testing.T) {
	for _, forgets := range []bool{true, false} {
		s := newBroken(t)
		relocked := false
		s.line.before = func(r *http.Request) error {
			if s.isFile(r) && r.Header.Get("Range") != "" && !relocked {
				relocked = true
				s.line.heard = nil
				_, err := s.salma.Relock(t.Context(), s.tid, 1)
				return err
			}
			return nil
		}
		var b buffer
		var sink client.Sink = &b
		if forgets {
			sink = &forgetful{&b}
		}
		_, err := s.reader.Open(t.Context(), s.grant, 1, sink)
		if forgets && (err != nil || !bytes.Equal(b.Bytes(), s.video)) || !forgets && !errors.Is(err, client.ErrChanged) {
			t.Errorf("forgets: %v: %d bytes, %v", forgets, b.Len(), err)
		}
	}
}

type forgetful struct{ *buffer }

func (f *forgetful) Restart() { f.Reset() }

// Where a part of a file lies is read in one spelling.
func FuzzContentRange(f *testing.F) {
	for _, s := range []string{"bytes 0-9/10", "bytes 0-9/*", "bytes */10", "bytes 5-4/10", "bytes 00-9/10", "bytes 0-9/9", "items 0-9/10", "bytes 0-9223372036854775807/9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		from, to, size, ok := client.ContentRange(s)
		if ok && (from < 0 || from >= to || to > size) {
			t.Errorf("%q is %d to %d of %d", s, from, to, size)
		}
	})
}
