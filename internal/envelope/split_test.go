package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"filippo.io/age"
	"github.com/relatingfield/vault/internal/envelope"
)

// Splitting leaves the reader exactly at the payload's first byte, however the
// bytes arrive, and joining undoes it.
func TestSplitStandsAtThePayloadAndJoinUndoesIt(t *testing.T) {
	for _, to := range []age.Recipient{hybrid(t).Recipient(), classic(t).Recipient()} {
		header, payload := compose(t, newKey(t), to), noise(20_000)
		file := append(bytes.Clone(header), payload...)
		for _, r := range []io.Reader{bytes.NewReader(file), iotest.OneByteReader(bytes.NewReader(file)), iotest.DataErrReader(bytes.NewReader(file))} {
			gotHeader, rest, err := envelope.Split(r)
			if err != nil || !bytes.Equal(gotHeader, header) {
				t.Fatalf("header of %d bytes, %v", len(gotHeader), err)
			}
			again, err := io.ReadAll(envelope.Join(gotHeader, rest))
			if err != nil || !bytes.Equal(again, file) {
				t.Fatalf("joined to %d bytes of %d, %v", len(again), len(file), err)
			}
		}
	}
}

// A file that is not age's, or whose header does not end soon, is refused
// without reading on; a line that breaks is not called a bad file.
func TestSplitRefusesWhatHasNoHeader(t *testing.T) {
	good := string(compose(t, newKey(t), classic(t).Recipient()))
	for name, s := range map[string]string{
		"empty": "", "text": "hello\n", "torn": good[:100], "no newline": strings.Repeat("x", 9000),
		"armor":         "-----BEGIN AGE ENCRYPTED FILE-----\n",
		"endless":       "age-encryption.org/v1\n" + strings.Repeat("-> X25519 a\n\n", 2000),
		"not canonical": strings.Replace(good, "\n", "\r\n", 1), "bad MAC": good[:len(good)-3] + "\n",
	} {
		if _, _, err := envelope.Split(strings.NewReader(s)); !errors.Is(err, envelope.ErrHeader) {
			t.Errorf("%s: got %v, want ErrHeader", name, err)
		}
	}
	broken := errors.New("line broke")
	_, _, err := envelope.Split(io.MultiReader(strings.NewReader(good[:100]), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || errors.Is(err, envelope.ErrHeader) {
		t.Errorf("got %v, want the reader's error", err)
	}
}

func FuzzSplitAgreesWithAgeAndLosesNothing(f *testing.F) {
	f.Add(append(compose(f, newKey(f), classic(f).Recipient()), "payload"...))
	f.Add(append(compose(f, newKey(f), hybrid(f).Recipient()), "payload"...))
	for _, v := range vectors(f) {
		f.Add(v.file[:min(len(v.file), 2000)])
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		header, payload, err := envelope.Split(bytes.NewReader(file))
		if err != nil {
			return
		}
		again, err := io.ReadAll(envelope.Join(header, payload))
		if err != nil || !bytes.Equal(again, file) || len(header) > envelope.MaxHeader {
			t.Fatalf("split %q and joined %q, %v", file, again, err)
		}
		if theirs, err := age.ExtractHeader(bytes.NewReader(file)); err != nil || !bytes.Equal(theirs, header) {
			t.Fatalf("age finds the header %q, %v", theirs, err)
		}
	})
}
