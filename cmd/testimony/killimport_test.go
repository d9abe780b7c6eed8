package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// newCollection is a device with the words of a collection, in a vault behind a meter.
func newCollection(t *testing.T) (*device, *meter) {
	t.Helper()
	m := newMeter(t)
	url := "http://" + m.listener.Addr().String()
	v := vaulttest.New(t, vaulttest.With(func(c *config.Config) { c.Origins = []string{url} }))
	m.serve(t, v.Addr)
	p := partnertest.New(v).Partner()
	s, err := client.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	words, err := client.Words(s, "en")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := client.KeysFor(s, v.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Officers[0].OpenCollection(t.Context(), p.ID, keys, v.Clock.Now().Add(60*24*time.Hour).Unix()); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	d := &device{t, filepath.Join(dir, "collection.words"), []string{"TESTIMONY_SERVER=" + url, "TESTIMONY_VAULT=" + v.ID.String()}, dir}
	d.write("collection.words", []byte(strings.Join(words, " ")+"\n"))
	return d, m
}

// An import is killed again and again, each time on a machine that knows nothing but
// the words and the folder. In the end each file is stored once, and no more was sent
// than they have and a little for each kill.
func TestAnImportSurvivesBeingKilled(t *testing.T) {
	d, m := newCollection(t)
	if err := os.Mkdir(filepath.Join(d.dir, "holdings"), 0o700); err != nil {
		t.Fatal(err)
	}
	const files, each, kills = 6, 700_000, 4
	for i := range files {
		b := make([]byte, each)
		_, _ = mathrand.NewChaCha8([32]byte{byte(i)}).Read(b)
		d.write(filepath.Join("holdings", fmt.Sprintf("%d.bin", i)), b)
	}
	before := m.sent.Load()
	for range kills {
		d.killed(m, mathrand.Int64N(files*each/kills)+100<<10, "collection", "import", "holdings")
	}
	out, said := d.run(0, "collection", "import", "holdings", "--json")
	if !strings.Contains(said, "6 of 6") {
		t.Errorf("it said %q and %q", said, out)
	}
	if sent := m.sent.Load() - before; sent > files*each*33/32+(kills+files)*oneBuffer {
		t.Errorf("%d bytes were sent for %d files of %d and %d kills", sent, files, each, kills)
	}
	out, _ = d.run(0, "collection", "import", "holdings", "--json")
	var again collectedFiles
	if err := json.Unmarshal([]byte(out), &again); err != nil || again.There != files || again.Stored != 0 {
		t.Errorf("once more: %s, %v", out, err)
	}
	out, _ = d.run(0, "list", "--json")
	var list struct {
		Testimonies []listed
		Unfinished  []halfway
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list.Testimonies) != files || len(list.Unfinished) != 0 {
		t.Errorf("%d testimonies and %d unfinished, %v", len(list.Testimonies), len(list.Unfinished), err)
	}
}
