package main

import (
	"encoding/json"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// A program that brings a large file is killed again and again, and goes on by what it
// wrote down. She finds each file once, and little was sent twice.
func TestADeliverySurvivesBeingKilled(t *testing.T) {
	m := newMeter(t)
	url := "http://" + m.listener.Addr().String()
	v := vaulttest.New(t, vaulttest.With(func(c *config.Config) { c.Origins = []string{url} }))
	m.serve(t, v.Addr)
	p := partnertest.New(v).Partner()
	g := p.Program()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	inv, err := g.Client.InvitePresent(t.Context())
	must(err)
	her := v.Client(v.Keys())
	must(her.Enrol(t.Context(), statement.Participant, inv.Invitation))
	key, err := client.MarshalProgramKey(g.Key)
	must(err)
	d := &device{t: t, dir: t.TempDir(), env: []string{"TESTIMONY_SERVER=" + url, "TESTIMONY_VAULT=" + v.ID.String(),
		"TESTIMONY_PROGRAM_KEY=program.key", "TESTIMONY_CLIENT=" + string(g.ID)}}
	d.write("program.key", key)
	must(writeTrayCard(filepath.Join(d.dir, "her.card"), trayCard{Vault: v.ID, Recipient: her.Recipient(), Code: client.InvitedTray(inv.Invitation)}))
	const size, kills = 20 << 20, 3
	held := make([]byte, size)
	_, _ = mathrand.NewChaCha8([32]byte{7}).Read(held)
	d.write("held.bin", held)
	d.write("small.txt", []byte("and a note"))
	deliver := []string{"deliver", "small.txt", "held.bin", "--card", "her.card", "--notes", "notes.json", "--json"}
	before := m.sent.Load()
	for range kills {
		d.killed(m, mathrand.Int64N(size/(kills+1))+100<<10, deliver...)
	}
	if _, err := os.Stat(filepath.Join(d.dir, "notes.json")); err != nil {
		t.Error(err)
	}
	out, _ := d.run(0, deliver...)
	var said struct{ Items []string }
	must(json.Unmarshal([]byte(out), &said))
	if sent := m.sent.Load() - before; sent > size*33/32+(kills+2)*oneBuffer {
		t.Errorf("%d bytes were sent of %d, over %d kills", sent, size, kills)
	}
	list, err := her.Items(t.Context())
	must(err)
	if len(list) != 2 || len(said.Items) != 2 {
		t.Errorf("%d items wait for her, and %d are told of", len(list), len(said.Items))
	}
	if _, err := os.Stat(filepath.Join(d.dir, "notes.json")); !os.IsNotExist(err) {
		t.Errorf("the notes are still there: %v", err)
	}
}
