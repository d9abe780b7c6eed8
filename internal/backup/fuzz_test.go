package backup_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"testing"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/backup"
)

// sealed is something that anybody may seal to the operator.
func (w *world) sealed(text string) []byte {
	w.t.Helper()
	var b bytes.Buffer
	to, err := age.Encrypt(&b, w.maker.To...)
	w.must(err)
	_, err = io.WriteString(to, text)
	w.must(errors.Join(err, to.Close()))
	return b.Bytes()
}

// A manifest that is accepted has one form, and names nothing outside its folder.
func FuzzParseManifest(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	good, err := backup.Manifest{Format: 1, Vault: "v", Name: "2026-11-23T100000Z", Taken: 1, Expires: 2, Schema: "0001_vault", Recipients: []string{},
		Objects: backup.Copied, Pool: "objects-0123456789abcdef", Files: []backup.File{{Name: "database.age", SHA256: make([]byte, 32)}}}.Line(key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(bytes.ReplaceAll(good, []byte("database.age"), []byte("../database")))
	f.Fuzz(func(t *testing.T, b []byte) {
		// The text is signed here, so that the fuzzer gets behind the signature.
		for _, text := range [][]byte{b, backup.Signed(b, key)} {
			m, err := backup.ParseManifest(text, []ed25519.PublicKey{key.Public().(ed25519.PublicKey)})
			if err != nil {
				if !errors.Is(err, backup.ErrManifest) && !errors.Is(err, backup.ErrForeign) {
					t.Fatal(err)
				}
				continue
			}
			again, err := m.Line(key)
			if err != nil || !bytes.Equal(again, text) {
				t.Fatalf("%q is read and written as %q", text, again)
			}
			for _, file := range m.Files {
				if file.Name != "database.age" && file.Name != "objects.list" && file.Name != "objects.wanted" {
					t.Fatalf("it names %q", file.Name)
				}
			}
		}
	})
}

// A container is whole or refused: no cut of one, and nothing else, is read to its end.
func FuzzContainer(f *testing.F) {
	good := backup.SampleContainer()
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(append(bytes.Clone(good), 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		again, err := backup.Rewrite(b)
		if err == nil && !bytes.Equal(again, b) {
			t.Fatal("two streams are one container")
		}
		if err == nil {
			if _, err := backup.Rewrite(b[:len(b)-1]); err == nil {
				t.Fatal("a container that was cut is whole")
			}
		}
	})
}

// The list of payloads has one form.
func FuzzObjects(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijkl 5 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := backup.ReadObjects(bytes.NewReader(b))
		if err != nil {
			return
		}
		var again []byte
		for _, o := range list {
			again = append(again, backup.LineOf(o)...)
		}
		if !bytes.Equal(bytes.TrimSuffix(again, []byte("\n")), bytes.TrimSuffix(b, []byte("\n"))) {
			t.Fatalf("%q is read and written as %q", b, again)
		}
	})
}
