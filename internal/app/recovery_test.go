package app_test

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

// somebody is a participant and her secret.
func (w *witness) somebody() (*client.Client, client.Secret) {
	w.t.Helper()
	s, err := client.NewSecret(rand.Reader)
	w.must(err)
	keys, err := client.KeysFor(s, w.v.ID)
	w.must(err)
	c := w.client(keys)
	w.must(c.Enrol(w.t.Context(), statement.Participant, ""))
	return c, s
}

// recover loses words and gets them back by two of three.
func (w *witness) recover() {
	ctx := w.t.Context()
	her, words := w.somebody()
	var trustees []*client.Client
	var named []api.Account
	for range 3 {
		c, _ := w.somebody()
		w.must(c.Introduce(ctx, true))
		trustees, named = append(trustees, c), append(named, c.Account())
	}
	w.must(her.SetRecovery(ctx, words, client.RecoveryTerms{Trustees: named, Threshold: 2, Wait: 1, Note: "for the day I forget"}))
	claimant, _ := w.somebody()
	claim, err := claimant.Claim(ctx, her.Account())
	w.must(err)
	stands, err := her.Recovery(ctx)
	if err != nil || len(stands.Claims) != 1 || len(stands.Trustees) != 3 {
		w.t.Fatalf("%+v, %v", stands, err)
	}
	for i, c := range trustees[:2] {
		list, err := c.NamedRecoveries(ctx)
		if err != nil || len(list) != 1 || list[0].Err != nil || list[0].From != her.Account() || list[0].Note != "for the day I forget" {
			w.t.Fatalf("trustee %d: %+v, %v", i, list, err)
		}
		w.must(c.AnswerRecovery(ctx, list[0].ID, true))
		if err := c.ReleaseTo(ctx, claim, named[2]); !errors.Is(err, client.ErrRefused) {
			w.t.Errorf("to another fingerprint than the claimant's: %v", err)
		}
		w.must(c.ReleaseTo(ctx, claim, claimant.Account()))
	}
	if _, err := claimant.Recovered(ctx, claim, her.Account()); !errors.Is(err, client.ErrNotFound) {
		w.t.Errorf("before the wait is over: %v", err)
	}
	w.v.Clock.Forward(48 * time.Hour)
	back, err := claimant.Recovered(ctx, claim, her.Account())
	if err != nil || !back.Equal(words) {
		w.t.Fatalf("the words do not come back: %v", err)
	}
	_, err = her.Recovery(ctx) // signs in anew, and learns what day it is
	w.must(err)
	w.must(her.EndRecovery(ctx))
	if _, err := claimant.Recovered(ctx, claim, her.Account()); !errors.Is(err, client.ErrNotFound) {
		w.t.Errorf("after she ended it: %v", err)
	}
}

// Lost words come back through trustees, in traffic that keeps the contract.
func TestLostWordsComeBack(t *testing.T) { newWitness(t).recover() }

// A trustee who changed the words since being named cannot open the share, is told
// so, and can still decline.
func TestATrusteeWithNewWordsDeclines(t *testing.T) {
	w, ctx := newWitness(t), t.Context()
	her, words := w.somebody()
	var trustees []*client.Client
	var named []api.Account
	for range 2 {
		c, _ := w.somebody()
		w.must(c.Introduce(ctx, true))
		trustees, named = append(trustees, c), append(named, c.Account())
	}
	w.must(her.SetRecovery(ctx, words, client.RecoveryTerms{Trustees: named, Threshold: 2, Wait: 1}))
	s, err := client.NewSecret(rand.Reader)
	w.must(err)
	keys, err := client.KeysFor(s, w.v.ID)
	w.must(err)
	changed, err := trustees[0].Rekey(ctx, keys)
	w.must(err)
	list, err := changed.NamedRecoveries(ctx)
	if err != nil || len(list) != 1 || !errors.Is(list[0].Err, client.ErrOldShare) {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := changed.AnswerRecovery(ctx, list[0].ID, true); !errors.Is(err, client.ErrOldShare) {
		t.Errorf("agreeing: %v", err)
	}
	w.must(changed.AnswerRecovery(ctx, list[0].ID, false))
	stands, err := her.Recovery(ctx)
	if err != nil || len(stands.Trustees) != 2 {
		t.Fatalf("%+v, %v", stands, err)
	}
	for _, one := range stands.Trustees {
		if (one.Account == changed.Account()) != (one.Answer == api.TrusteeDeclined) {
			t.Errorf("%s has %s", one.Account, one.Answer)
		}
	}
}
