package app_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// stories go beyond the main one. Each has its own woman and reader in a vault
// they share.
func TestOtherStories(t *testing.T) {
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) {
			v := vaulttest.New(t, vaulttest.On(e))
			for name, tell := range map[string]func(t *testing.T, v *vaulttest.Vault, her, reader *client.Client){
				"what arrived can be granted once she adopted it": arrives,
				"a re-lock carries the readers over":              relocks,
				"what is erased is gone for everybody":            erases,
				"a suspended researcher is out":                   suspends,
				"what leaves is by the terms":                     exports,
			} {
				reader := accredited(t, v)
				t.Run(name, func(t *testing.T) { tell(t, v, enrolled(t, v, statement.Participant), reader) })
			}
		})
	}
}

func long() []byte {
	return bytes.Repeat([]byte("голос з підвалу бібліотеки "), 20_000)
}

func tells(t *testing.T, her *client.Client, parts ...client.Content) api.ID {
	t.Helper()
	tid, err := her.Create(t.Context(), client.Testimony{Title: "شهادتي", Language: "ar", Parts: parts})
	if err != nil {
		t.Fatal(err)
	}
	return tid
}

func grants(t *testing.T, her, reader *client.Client, tid api.ID, n int64) api.ID {
	t.Helper()
	g, err := her.Grant(t.Context(), client.Offer{Testimony: tid, Parts: []int64{n}, To: reader.Account()})
	if err != nil {
		t.Fatal(err)
	}
	return g.ID
}

func opens(t *testing.T, reader *client.Client, g api.ID, n int64, want []byte) {
	t.Helper()
	var b buffer
	if _, err := reader.Open(t.Context(), g, n, &b); err != nil || !bytes.Equal(b.Bytes(), want) {
		t.Errorf("the reader got %d of %d bytes, %v", b.Len(), len(want), err)
	}
}

func arrives(t *testing.T, _ *vaulttest.Vault, her, reader *client.Client) {
	tid := tells(t, her)
	n, err := her.AddOnArrival(t.Context(), tid, client.Bytes("voice.m4a", "", long()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := her.Grant(t.Context(), client.Offer{Testimony: tid, Parts: []int64{n}, To: reader.Account()}); !errors.Is(err, client.ErrNotAdopted) {
		t.Errorf("granting before adopting: %v, want ErrNotAdopted", err)
	}
	if err := her.Adopt(t.Context(), tid, n, &buffer{}); err != nil {
		t.Fatal(err)
	}
	opens(t, reader, grants(t, her, reader, tid, n), n, long())
}

func relocks(t *testing.T, _ *vaulttest.Vault, her, reader *client.Client) {
	tid := tells(t, her, client.Bytes("voice.m4a", "", long()))
	g := grants(t, her, reader, tid, 1)
	opens(t, reader, g, 1, long())
	carried, err := her.Relock(t.Context(), tid, 1)
	if err != nil || len(carried) != 1 || carried[0] != g {
		t.Fatalf("carried %v over, %v", carried, err)
	}
	opens(t, reader, g, 1, long())
	var b buffer
	if err := her.OpenOwn(t.Context(), tid, 1, &b); err != nil || !bytes.Equal(b.Bytes(), long()) {
		t.Errorf("she got %d bytes, %v", b.Len(), err)
	}
}

func erases(t *testing.T, _ *vaulttest.Vault, her, reader *client.Client) {
	kept, tid := tells(t, her, client.Bytes("a.txt", "", []byte("kept"))), tells(t, her, client.Bytes("b.txt", "", []byte("gone")))
	g := grants(t, her, reader, tid, 1)
	if err := her.Erase(t.Context(), tid); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Open(t.Context(), g, 1, &buffer{}); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("the reader: %v, want ErrNotFound", err)
	}
	if list, err := her.List(t.Context()); err != nil || len(list) != 1 || list[0].ID != kept {
		t.Errorf("her list has %d entries, %v", len(list), err)
	}
	var b buffer
	if err := her.OpenOwn(t.Context(), kept, 1, &b); err != nil || b.String() != "kept" {
		t.Errorf("the other testimony: %q, %v", b.String(), err)
	}
}

func suspends(t *testing.T, v *vaulttest.Vault, her, reader *client.Client) {
	tid := tells(t, her, client.Bytes("a.txt", "", []byte(told)))
	g := grants(t, her, reader, tid, 1)
	if err := v.StewardClient().Suspend(t.Context(), reader.Account()); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Open(t.Context(), g, 1, &buffer{}); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("opening: %v, want ErrNotFound", err)
	}
	if _, err := her.Grant(t.Context(), client.Offer{Testimony: tid, Parts: []int64{1}, To: reader.Account()}); !errors.Is(err, client.ErrNotAccredited) {
		t.Errorf("granting: %v, want ErrNotAccredited", err)
	}
}
