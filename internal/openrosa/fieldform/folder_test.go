package fieldform_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/internal/openrosa/collecttest"
	"github.com/relatingfield/vault/internal/openrosa/fieldform"
)

// A folder opens whole, for its owner only, and leaves nothing beside it.
func TestAFolderOpensWhole(t *testing.T) {
	key := collecttest.NewKey(t, "3072")
	f := filled(collecttest.Collect)
	dir := t.TempDir()
	f.Encrypt(t, key).Save(t, filepath.Join(dir, "in"))
	m, err := fieldform.OpenFolder(filepath.Join(dir, "in"), filepath.Join(dir, "out"), privateKey(t, key))
	if err != nil || m.InstanceID != f.InstanceID {
		t.Fatal(err)
	}
	for _, want := range append(f.Media, collecttest.File{Name: "submission.xml", Content: []byte(f.Answers)}) {
		got, err := os.ReadFile(filepath.Join(dir, "out", want.Name))
		if err != nil || !bytes.Equal(got, want.Content) {
			t.Errorf("%s: %v", want.Name, err)
		}
	}
	alone(t, dir, "in", "out")
	info, err := os.Stat(filepath.Join(dir, "out", "submission.xml"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if _, err := fieldform.OpenFolder(filepath.Join(dir, "in"), filepath.Join(dir, "out"), privateKey(t, key)); err == nil {
		t.Error("a folder that is there was written over")
	}
}

// Whatever is wrong, nothing that was decrypted stays.
func TestAFolderThatIsWrongLeavesNothing(t *testing.T) {
	key, other := collecttest.NewKey(t, "3072"), collecttest.NewKey(t, "3072")
	f := filled(collecttest.Collect)
	for name, change := range map[string]func(in string) error{
		"another key": func(string) error { return nil },
		"changed": func(in string) error {
			return os.WriteFile(filepath.Join(in, "submission.xml.enc"), make([]byte, 32), 0o600)
		},
		"file missing":  func(in string) error { return os.Remove(filepath.Join(in, "a.bin.enc")) },
		"no manifest":   func(in string) error { return os.Remove(filepath.Join(in, "submission.xml")) },
		"link outside":  func(in string) error { return link(filepath.Join(in, "a.bin.enc"), key.Private) },
		"manifest link": func(in string) error { return link(filepath.Join(in, "submission.xml"), key.Private) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			in := filepath.Join(dir, "in")
			f.Encrypt(t, key).Save(t, in)
			if err := change(in); err != nil {
				t.Fatal(err)
			}
			with := key
			if name == "another key" {
				with = other
			}
			if _, err := fieldform.OpenFolder(in, filepath.Join(dir, "out"), privateKey(t, with)); err == nil {
				t.Error("it opened")
			}
			alone(t, dir, "in")
		})
	}
}

func link(path, to string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	return os.Symlink(to, path)
}

func alone(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(want) {
		t.Fatalf("%v, %v", entries, err)
	}
	for i, e := range entries {
		if e.Name() != want[i] {
			t.Errorf("%s is there", e.Name())
		}
	}
}

// Keys are read in the spellings that openssl writes, and nothing else is a key.
func FuzzParsePrivateKey(f *testing.F) {
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))
	f.Add([]byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		private, err := fieldform.ParsePrivateKey(text)
		if (private == nil) != (err != nil) {
			t.Fatalf("%v, %v", private, err)
		}
		public, err := fieldform.ParsePublicKey(text)
		if (public == nil) != (err != nil) {
			t.Fatalf("%v, %v", public, err)
		}
	})
}
