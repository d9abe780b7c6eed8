package journal_test

import (
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/journal"
)

// Whatever stands in the folder, reading it ends, and says whole or not.
func FuzzAJournalFileIsReadOrRefused(f *testing.F) {
	f.Add([]byte(`{"seq":1,"prev":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","day":0,"of":{"vault":"v","node":"a"}} c2ln` + "\n"))
	f.Add([]byte("\n\n"))
	f.Add([]byte("\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		folder := filepath.Join(dir, "a")
		if err := errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(filepath.Join(folder, "0000000000000001.journal"), b, 0o600)); err != nil {
			t.Fatal(err)
		}
		public := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
		p := journal.Place{Dir: dir, Node: "a", Keys: []ed25519.PublicKey{public}, Now: time.Now}
		reports, err := p.Check(nil)
		if err == nil && len(reports) == 1 && reports[0].Head.Seq > 0 {
			t.Error("a journal that nobody signed is whole")
		}
		if err != nil && !errors.Is(err, journal.ErrRefused) {
			t.Errorf("refused with %v", err)
		}
	})
}

// A head that is read is written as it was.
func FuzzAHeadHasOneSpelling(f *testing.F) {
	f.Add(journal.Head{Node: "a", Seq: 1}.String())
	f.Fuzz(func(t *testing.T, line string) {
		if h, err := journal.ParseHead(line); err == nil && h.String() != line {
			t.Errorf("%q is read and written as %q", line, h)
		}
		if _, err := journal.ParseHeads(line); err != nil && !errors.Is(err, journal.ErrHead) {
			t.Error(err)
		}
	})
}
