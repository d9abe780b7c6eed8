package client_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
)

func lookUp(s *scene) error {
	_, err := fresh(s).Researcher(context.Background(), s.reader.Account())
	return err
}

// intruder is a roster with one steward of the vault operator's choice.
func intruder(t *testing.T, s *scene) (client.RosterTerms, *client.Keys) {
	t.Helper()
	keys := s.Keys(t)
	st, err := client.NewSteward("Amal", api.Bytes(keys.Public().(ed25519.PublicKey)))
	if err != nil {
		t.Fatal(err)
	}
	return client.RosterTerms{Threshold: 1, Stewards: []client.Steward{st}}, keys
}

// Who the stewards are follows from the vault id and from their own signatures,
// never from the vault's word.
func TestNoLieMakesOtherStewards(t *testing.T) {
	const theRoster = "GET /v1/roster"
	refuses(t, []attack{
		{"a founding of its own", func(t *testing.T, s *scene) {
			terms, _ := intruder(t, s)
			doc, err := roster.Found(rand.Reader, s.Now(), true, terms)
			if err != nil {
				t.Fatal(err)
			}
			clienttest.Lie(s.Vault, theRoster, func(r *api.Roster) { r.Links[0].Document = doc })
		}, lookUp, client.ErrWrongVault},
		{"a change nobody approved", func(t *testing.T, s *scene) {
			doc, _ := changed(t, s)
			clienttest.Lie(s.Vault, theRoster, func(r *api.Roster) { r.Links = append(r.Links, api.RosterLink{Document: doc}) })
		}, lookUp, client.ErrRosterBroken},
		{"a change approved by its own steward", func(t *testing.T, s *scene) {
			doc, keys := changed(t, s)
			text := signed(t, s, keys, statement.RosterChange{DocumentSHA256: api.HashOf(doc).String(), RosterSeq: 1})
			clienttest.Lie(s.Vault, theRoster, func(r *api.Roster) {
				r.Links = append(r.Links, api.RosterLink{Document: doc, Approvals: []string{text, text}})
			})
		}, lookUp, client.ErrRosterBroken},
		{"no roster", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, theRoster, func(r *api.Roster) { r.Links = nil })
		}, lookUp, client.ErrRosterBroken},
		{"another vault's name", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, "GET /v1/vault", func(v *api.Vault) { v.VaultID = api.HashOf(nil) })
		}, share, client.ErrWrongVault},
	})
}

// changed is a document that follows the real roster and makes the intruder its
// only steward.
func changed(t *testing.T, s *scene) ([]byte, *client.Keys) {
	t.Helper()
	now, err := s.salma.Roster(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	terms, keys := intruder(t, s)
	doc, err := now.Change(rand.Reader, s.Now(), terms)
	if err != nil {
		t.Fatal(err)
	}
	return doc, keys
}

// A change that enough stewards approved holds, and its new steward counts.
func TestARosterChangesByItsStewardsAlone(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	secret, err := client.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := client.StewardKeys(secret)
	if err != nil {
		t.Fatal(err)
	}
	third, err := client.NewSteward("Dilan", api.Bytes(keys.Public().(ed25519.PublicKey)))
	if err != nil {
		t.Fatal(err)
	}
	doc, effective, err := w.Stewards[0].ProposeRoster(ctx, func(now *client.Roster) (client.RosterTerms, error) {
		return client.RosterTerms{Threshold: 2, Stewards: append(now.Stewards(), third)}, nil
	})
	if err != nil || effective {
		t.Fatalf("one steward of two was enough: %v, %v", effective, err)
	}
	if err := w.Client(t, keys).Enrol(ctx, statement.Steward, ""); err == nil {
		t.Error("enrolled before the roster named them")
	}
	var seen int
	effective, err = w.Stewards[1].ApproveRoster(ctx, doc, func(_ *client.Roster, next *client.RosterDocument) error {
		seen = len(next.Stewards)
		return nil
	})
	if err != nil || !effective || seen != 3 {
		t.Fatalf("%v, %d stewards, %v", effective, seen, err)
	}
	if err := w.Client(t, keys).Enrol(ctx, statement.Steward, ""); err != nil {
		t.Error(err)
	}
}
