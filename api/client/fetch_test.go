package client_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

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
