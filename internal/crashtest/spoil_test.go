package crashtest_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/internal/crashtest"
	"github.com/relatingfield/vault/internal/daemontest"
)

// A vault that did not keep its word is found out: these are crashes of a disk
// that lies, and each must fail the round.
func TestAVaultThatForgetsIsFoundOut(t *testing.T) {
	program, err := daemontest.Build(t.TempDir(), "cmd/testimonyd")
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(dir string) error{
		"what was written last is lost":   loseTheLog,
		"the journal's last line is lost": cutTheJournal,
		"a payload is lost":               eachPayload(os.Remove),
		"a payload is cut":                eachPayload(func(path string) error { return os.Truncate(path, 1000) }),
		"a payload is altered":            eachPayload(alter),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := crashtest.New(t.Context(), crashtest.Config{Program: program, Seed: 3, Dir: t.TempDir(), Log: t.Output()})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := w.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}()
			for range 3 { // so that there is something to lose
				if err := w.Round(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			crashtest.Spoil(w, spoil)
			// A crash right after a checkpoint loses nothing with the log, so a
			// single one proves nothing; a disk that lies at every crash does not
			// get through six.
			for range 6 {
				if err = w.Round(t.Context()); err != nil {
					t.Logf("noticed: %v", err)
					return
				}
			}
			t.Error("nobody noticed")
		})
	}
}

// loseTheLog drops SQLite's write-ahead log, as if it had never been flushed.
func loseTheLog(dir string) error {
	return errors.Join(os.Remove(filepath.Join(dir, "vault.db-wal")), os.Remove(filepath.Join(dir, "vault.db-shm")))
}

// cutTheJournal takes the newest line of the journal away.
func cutTheJournal(dir string) error {
	file := filepath.Join(dir, "journal", "one", "0000000000000001.journal")
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.Truncate(file, int64(bytes.LastIndexByte(bytes.TrimSuffix(b, []byte("\n")), '\n')+1))
}

func eachPayload(spoil func(path string) error) func(dir string) error {
	return func(dir string) error {
		return filepath.WalkDir(filepath.Join(dir, "blobs", "objects"), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return spoil(path)
		})
	}
}

func alter(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b[len(b)/2] ^= 1
	return os.WriteFile(path, b, 0o600)
}
