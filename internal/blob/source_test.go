package blob_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/relatingfield/vault/internal/blob"
)

// What is written to a source is what comes out of it, read or written on.
func TestASourceGivesWhatIsWritten(t *testing.T) {
	content := bytes.Repeat([]byte("her words "), 50_000)
	produce := func(w io.Writer) error {
		for rest := content; len(rest) > 0; {
			n := min(len(rest), 70_001)
			if _, err := w.Write(rest[:n]); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	}
	for name, from := range map[string]func(*blob.Source) io.Reader{
		"written": func(s *blob.Source) io.Reader { return s },
		"read":    func(s *blob.Source) io.Reader { return struct{ io.Reader }{s} },
	} {
		s := blob.NewSource(produce)
		var out bytes.Buffer
		n, err := io.Copy(struct{ io.Writer }{&out}, from(s))
		if err != nil || n != int64(len(content)) || !bytes.Equal(out.Bytes(), content) || s.Close() != nil {
			t.Errorf("%s: %d bytes of %d, %v", name, n, len(content), err)
		}
	}
}

// A source that fails ends with its own error, so that nothing takes what came
// before for the whole.
func TestASourceThatFailsEndsWithItsError(t *testing.T) {
	broken := errors.New("the line broke")
	produce := func(w io.Writer) error {
		_, err := w.Write([]byte("half"))
		return errors.Join(err, broken)
	}
	for _, from := range []io.Reader{blob.NewSource(produce), struct{ io.Reader }{blob.NewSource(produce)}} {
		if n, err := io.Copy(io.Discard, from); n != 4 || !errors.Is(err, broken) {
			t.Errorf("%d bytes, %v", n, err)
		}
	}
}

// A source that is given up does not go on: closing it returns when its function
// has, with no goroutine left.
func TestASourceThatIsGivenUpEnds(t *testing.T) {
	ended := false
	s := blob.NewSource(func(w io.Writer) error {
		defer func() { ended = true }()
		for {
			if _, err := w.Write(make([]byte, 1<<10)); err != nil {
				return err
			}
		}
	})
	if _, err := io.ReadFull(s, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil || !ended {
		t.Errorf("%v, ended: %v", err, ended)
	}
}
