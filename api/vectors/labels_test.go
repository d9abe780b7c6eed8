package vectors_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/keyring"
)

type labelVectors struct {
	Vocabulary []string       `json:"vocabulary"`
	Reader     labelReader    `json:"reader"`
	Sealed     []sealedLabels `json:"sealed"`
	Refused    []string       `json:"refused"`
}

type labelReader struct {
	AgeSeed   string `json:"age_seed_hex"`
	Identity  string `json:"age_identity"`
	Recipient string `json:"age_recipient"`
}

type sealedLabels struct {
	Labels    []string `json:"labels"`
	Plaintext string   `json:"plaintext"`
	File      string   `json:"file"`
}

// Sealing draws a key, so the files of labels.json are opened and not made again; all
// the rest of it is compared.
func TestContentLabelsAreThoseOfTheFile(t *testing.T) {
	keys, err := keyring.Derive(parseSecret(t, secrets()[0]), [32]byte{})
	if err != nil {
		t.Fatal(err)
	}
	reader := keyVectorOf(t, keyVector{Secret: secrets()[0]}, make([]byte, 32), keys)
	made := labelVectors{Vocabulary: envelope.Labels(), Reader: labelReader{reader.AgeSeed, reader.Identity, reader.Recipient}}
	for _, said := range [][]string{{}, {"death"}, {"sexual-violence", "torture"}, envelope.Labels()} {
		made.Sealed = append(made.Sealed, sealedLabels{said, padded(strings.Join(said, " ")), sealedTo(t, said, keys.Recipient)})
	}
	for _, text := range []string{"violence death", "death death", "death  torture", " death", "other", "Death"} {
		made.Refused = append(made.Refused, padded(text))
	}
	made.Refused = append(made.Refused, "", "death\n", padded("death")+"\n", strings.Repeat(" ", envelope.LabelsSize))
	if *update {
		write(t, "labels.json", made)
	}
	held := heldLabels(t)
	for i, v := range held.Sealed {
		checkSealed(t, v, keys)
		made.Sealed[i].File = v.File
	}
	for _, text := range held.Refused {
		if got, err := envelope.OpenLabels(byStockAge(t, text, keys.Recipient), keys); !errors.Is(err, envelope.ErrLabels) {
			t.Errorf("%q was read as %v, %v", text, got, err)
		}
	}
	if !bytes.Equal(encoded(t, held), encoded(t, made)) {
		t.Error("labels.json and the product differ")
	}
}

func padded(text string) string {
	return text + strings.Repeat(" ", envelope.LabelsSize-1-len(text)) + "\n"
}

func heldLabels(t *testing.T) (held labelVectors) {
	t.Helper()
	b, err := os.ReadFile("labels.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &held); err != nil || len(held.Sealed) != 4 {
		t.Fatalf("%d sealed, %v", len(held.Sealed), err)
	}
	return held
}

// checkSealed opens a file as the product does, and with the age library alone.
func checkSealed(t *testing.T, v sealedLabels, keys *keyring.Keys) {
	t.Helper()
	file, err := base64.RawURLEncoding.DecodeString(v.File)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := envelope.OpenLabels(file, keys); err != nil || !slices.Equal(got, v.Labels) {
		t.Errorf("%v was opened as %v, %v", v.Labels, got, err)
	}
	r, err := age.Decrypt(bytes.NewReader(file), keys)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); err != nil || string(text) != v.Plaintext {
		t.Errorf("%v: %q, %v", v.Labels, text, err)
	}
}

func sealedTo(t *testing.T, labels []string, recipient string) string {
	t.Helper()
	to, _, err := envelope.ParseRecipient(recipient)
	if err != nil {
		t.Fatal(err)
	}
	file, err := envelope.SealLabels(labels, to, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(file)
}

func byStockAge(t *testing.T, text, recipient string) []byte {
	t.Helper()
	to, _, err := envelope.ParseRecipient(recipient)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	w, err := age.Encrypt(&file, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
