package app_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// buffer is a client.Sink in memory.
type buffer struct{ bytes.Buffer }

func (b *buffer) Begin(client.PartInfo, int64) (io.Writer, error) { return b, nil }

const told = "قالت إنها سمعت أخيرًا"

// The vault's main job with the vault's own client, on both engines, every
// exchange held against the contract: sealed to her, granted by her, opened by
// one reader, taken back by her.
func TestTheStoryFromEndToEnd(t *testing.T) {
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) { story(t, vaulttest.New(t, vaulttest.On(e))) })
	}
}

func story(t *testing.T, v *vaulttest.Vault) {
	her, reader := enrolled(t, v, statement.Participant), accredited(t, v)
	voice := bytes.Repeat([]byte("sound"), 300<<10)
	tid, err := her.Create(t.Context(), client.Testimony{Title: "عنوان", Language: "ar", Parts: []client.Content{
		client.Bytes("story.txt", "", []byte(told)), client.Bytes("voice.ogg", "", voice),
	}})
	if err != nil {
		t.Fatal(err)
	}
	n, err := her.AddOnArrival(t.Context(), tid, client.Bytes("photo.jpg", "", []byte("\xff\xd8\xff pixels")))
	if err != nil {
		t.Fatal(err)
	}
	if err := her.Adopt(t.Context(), tid, n, &buffer{}); err != nil {
		t.Fatal(err)
	}
	g, err := her.Grant(t.Context(), client.Offer{Testimony: tid, Parts: []int64{1, 2}, To: reader.Account(), Terms: api.Terms{Access: statement.Download}})
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[int64]string{1: told, 2: string(voice)} {
		var b buffer
		if _, err := reader.Open(t.Context(), g.ID, part, &b); err != nil || b.String() != want {
			t.Errorf("part %d: %d bytes, %v", part, b.Len(), err)
		}
	}
	if _, err := reader.Open(t.Context(), g.ID, n, &buffer{}); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("a part that was not granted: %v", err)
	}
	if fetched, err := her.Revoke(t.Context(), tid, g.ID); err != nil || len(fetched) != 2 {
		t.Errorf("revoked: %+v, %v", fetched, err)
	}
	if _, err := reader.Open(t.Context(), g.ID, 1, &buffer{}); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("after revoking: %v", err)
	}
	after(t, v, her, tid)
}

// after is what she sees and what nobody else does.
func after(t *testing.T, v *vaulttest.Vault, her *client.Client, tid api.ID) {
	t.Helper()
	if events, _, err := her.Feed(t.Context(), tid); err != nil || len(events) < 7 {
		t.Errorf("her feed has %d events, %v", len(events), err)
	}
	if _, err := v.Client(v.Keys()).List(t.Context()); !errors.Is(err, client.ErrNotEnrolled) {
		t.Errorf("other words: %v", err)
	}
	if err := her.Erase(t.Context(), tid); err != nil {
		t.Error(err)
	}
	if list, err := her.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("after erasing: %+v, %v", list, err)
	}
	if log := v.Log.String(); strings.Contains(log, "level=ERROR") || strings.Contains(log, string(tid)) || strings.Contains(log, string(her.Account())) {
		t.Errorf("the log:\n%s", log)
	}
}

func enrolled(t *testing.T, v *vaulttest.Vault, role statement.Role) *client.Client {
	t.Helper()
	c := v.Client(v.Keys())
	if err := c.Enrol(t.Context(), role, ""); err != nil {
		t.Fatal(err)
	}
	return c
}

func accredited(t *testing.T, v *vaulttest.Vault) *client.Client {
	t.Helper()
	steward, reader := v.StewardClient(), enrolled(t, v, statement.Researcher)
	for _, err := range []error{
		steward.Enrol(t.Context(), statement.Steward, ""),
		reader.Apply(t.Context(), "Dr. Leyla", "An institute", "To listen"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := steward.Accredit(t.Context(), reader.Account(), 30); err != nil {
		t.Fatal(err)
	}
	return reader
}
