package envelope_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/envelope"
)

// Whatever she says of the content, and when she says nothing, the file has one length,
// and the reader alone reads it.
func TestContentLabelsAreAlikeFromOutside(t *testing.T) {
	reader, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for _, labels := range [][]string{nil, {"death"}, {"self-harm", "violence"}, envelope.Labels()} {
		file, err := envelope.SealLabels(labels, reader.Recipient(), rand.Reader)
		if err != nil || len(file) != envelope.LabelsFileSize {
			t.Fatalf("%v: %d bytes, %v", labels, len(file), err)
		}
		if got, err := envelope.OpenLabels(file, reader); err != nil || !slices.Equal(got, labels) {
			t.Errorf("%v came back as %v, %v", labels, got, err)
		}
		if _, err := envelope.OpenLabels(file, other); err == nil {
			t.Error("somebody else's key opened them")
		}
		file[len(file)-20] ^= 1
		if _, err := envelope.OpenLabels(file, reader); err == nil {
			t.Error("changed labels were opened")
		}
	}
}

func TestOnlyTheFixedWordsAreContentLabels(t *testing.T) {
	reader, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for _, labels := range [][]string{{"I know where you live"}, {""}, {"death", "death"}, {"violence", "death"}} {
		if _, err := envelope.SealLabels(labels, reader.Recipient(), rand.Reader); !errors.Is(err, envelope.ErrLabels) {
			t.Errorf("%q was sealed: %v", labels, err)
		}
	}
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := envelope.SealLabels(nil, classic.Recipient(), rand.Reader); !errors.Is(err, envelope.ErrLabels) {
		t.Errorf("they were sealed to a classic recipient: %v", err)
	}
	// An age program can seal what it likes to her reader; what is no label is not shown.
	for _, text := range []string{"death death", "violence death", " death", "threat", "death\n"} {
		forged := text + strings.Repeat(" ", envelope.LabelsSize-1-len(text)) + "\n"
		if got, err := envelope.OpenLabels(stockAge(t, forged, reader.Recipient()), reader); !errors.Is(err, envelope.ErrLabels) {
			t.Errorf("%q was read as %v, %v", text, got, err)
		}
	}
	if got, err := envelope.OpenLabels(stockAge(t, strings.Repeat(" ", envelope.LabelsSize-1)+"\n", reader.Recipient()), reader); err != nil || got != nil {
		t.Errorf("no labels were read as %v, %v", got, err)
	}
}

func stockAge(t *testing.T, text string, to age.Recipient) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := age.Encrypt(&file, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func FuzzContentLabels(f *testing.F) {
	reader, err := age.GenerateHybridIdentity()
	if err != nil {
		f.Fatal(err)
	}
	good, err := envelope.SealLabels([]string{"death"}, reader.Recipient(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("age-encryption.org/v1\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		labels, err := envelope.OpenLabels(file, reader)
		for _, l := range labels {
			if err != nil || !slices.Contains(envelope.Labels(), l) {
				t.Errorf("a label that is none: %q, %v", l, err)
			}
		}
	})
}
