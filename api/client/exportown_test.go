package client_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/bag"
	"github.com/relatingfield/vault/internal/bundle"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stockagetest"
)

// own makes a bundle of her testimony, which she keeps as evidence.
func (e *evidence) own(t *testing.T, sealed bool, parts ...int64) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "own")
	_, err := e.salma.ExportOwnBundle(t.Context(), e.tid, parts, dir, sealed, nil)
	must(t, err)
	return dir
}

func (e *evidence) choose(t *testing.T) {
	t.Helper()
	must(t, e.salma.KeepAsEvidence(t.Context(), e.tid, "ar", func(client.Warning) error { return nil }))
}

// What somebody makes of her own testimony checks as others' bundles do, and says whose
// account it is; not who read it, and nothing of parts that are not in it.
func TestABundleOfOnesOwnChecksAndNamesNoReader(t *testing.T) {
	e := newEvidence(t)
	dir := filepath.Join(t.TempDir(), "listening")
	if _, err := e.salma.ExportOwnBundle(t.Context(), e.tid, nil, dir, false, nil); !errors.Is(err, client.ErrBundleListening) {
		t.Errorf("what is only listened to: %v", err)
	}
	g := e.grant(t, statement.Pseudonym, 2)
	_ = e.bundle(t, g, true)
	_, err := e.salma.Revoke(t.Context(), e.tid, g)
	must(t, err)
	e.choose(t)
	dir = e.own(t, false, 2)
	wellMade(t, dir)
	if got := string(readFile(t, dir, "data/working/item-1/short.txt")); got != "كنت أحمل الخبز" {
		t.Errorf("%q", got)
	}
	all := everything(t, dir)
	for _, text := range []string{"اسمي سلمى. كنت", "شهادتي.txt", "Dr. Leyla"} {
		if holds(all, text) {
			t.Errorf("%q is in it", text)
		}
	}
	events := string(readFile(t, dir, "data", bundle.EventsFile))
	if !strings.Contains(events, `"event":"opened`) || strings.Contains(events, string(e.reader.Account())) {
		t.Errorf("%s", events)
	}
	report, err := client.CheckBundle(os.DirFS(dir))
	if err != nil || !report.Own || report.Signer != e.salma.Account() || report.Name != "" {
		t.Errorf("%+v, %v", report, err)
	}
	sealed := e.own(t, true)
	wellMade(t, sealed)
	if holds(everything(t, sealed), "الخبز") {
		t.Error("a sealed bundle can be read")
	}
}

// wellMade is checksElsewhere for a bundle that no institution signed.
func wellMade(t *testing.T, dir string) {
	t.Helper()
	for _, m := range []string{bag.Manifest512, bag.TagManifest512} {
		run(t, dir, "sha512sum", "-c", "--strict", "--quiet", m)
	}
	crate(t, dir)
	custody(t, dir)
	if note := string(readFile(t, dir, "data", bundle.ProofsNote)); !strings.Contains(note, "no such log yet") {
		t.Error("the proofs pretend")
	}
}

// A sealed bundle of one's own opens with her words and stock age.
func TestASealedBundleOfOnesOwnOpensWithHerKey(t *testing.T) {
	e := newEvidence(t)
	e.choose(t)
	dir := e.own(t, true, 1)
	work := t.TempDir()
	key := filepath.Join(work, "key.txt")
	must(t, os.WriteFile(key, e.salmaKeys.IdentityFile().Reveal(), 0o600))
	run(t, work, stockagetest.Binary(t), "-d", "-i", key, "-o", "part.tar", filepath.Join(dir, "data/original/item-1", client.AgeFile))
	run(t, work, "tar", "-xf", "part.tar")
	run(t, work, "sha256sum", "-c", "SHA256SUMS")
}

// A bundle of one's own that somebody else signs again is no bundle of hers.
func TestAnothersSignatureIsNotHers(t *testing.T) {
	e, other := newEvidence(t), newEvidence(t)
	e.choose(t)
	other.choose(t)
	dir, elsewhere := e.own(t, false), other.own(t, false)
	sums, err := bag.Check(os.DirFS(dir))
	must(t, err)
	checked, err := bundle.Check(os.DirFS(dir))
	must(t, err)
	jws, err := bundle.Sign(other.salmaKeys, checked.Signed.Vault, checked.Signed.Day, sums[bag.TagManifest512], sums[bag.TagManifest256])
	must(t, err)
	write(t, dir, bundle.SignatureFile, []byte(jws))
	if _, err := client.CheckBundle(os.DirFS(dir)); !errors.Is(err, client.ErrBundle) {
		t.Errorf("%v", err)
	}
	if _, err := client.CheckBundle(os.DirFS(elsewhere)); err != nil {
		t.Error(err)
	}
}

// Whoever has changed her words makes bundles with the new key, and they check.
func TestABundleAfterAChangeOfWordsChecks(t *testing.T) {
	e := newEvidence(t)
	e.choose(t)
	var err error
	e.salma, err = e.salma.Rekey(t.Context(), e.w.Keys(t))
	must(t, err)
	dir := e.own(t, false)
	report, err := client.CheckBundle(os.DirFS(dir))
	if err != nil || report.Signer != e.salma.Account() {
		t.Errorf("%+v, %v", report, err)
	}
}
