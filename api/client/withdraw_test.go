package client_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/statement"
)

// With her words on a new device and nothing else, one call takes everything
// back, and another shows how each reader answers.
func TestEverythingIsTakenBackFromANewDevice(t *testing.T) {
	s := newScene(t)
	second := s.Researcher(t, "Dr. Oksana")
	other := granted(t, s.salma, offer(s.tid, second, 2, 3))
	if err := openGranted(s); err != nil {
		t.Fatal(err)
	}
	list, err := fresh(s).Withdraw(t.Context(), client.Scope{})
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %+v", err, list)
	}
	for _, w := range list {
		if !w.Known || w.State != api.ClosureNotified || (w.Grant == s.grant) != (len(w.Said.Fetched) == 1) {
			t.Errorf("%+v, said %+v", w, w.Said)
		}
	}
	if err := openGranted(s); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("afterwards: %v", err)
	}
	confirmed := func([]client.Ending) error { return nil }
	if err := s.reader.Reply(t.Context(), client.Answer{Grant: s.grant, Say: statement.Destroyed, Confirm: confirmed}); err != nil {
		t.Error(err)
	}
	if err := second.Reply(t.Context(), client.Answer{Grant: other, Say: statement.Kept, Reason: "a court asked for it"}); err != nil {
		t.Error(err)
	}
	list, err = fresh(s).Withdrawals(t.Context())
	if err != nil || len(list) != 2 || list[0].State != api.ClosureDestroyed || list[1].State != api.ClosureKept || list[1].Reply.Reason != "a court asked for it" {
		t.Errorf("%v, %+v", err, list)
	}
	if list, err := fresh(s).Withdraw(t.Context(), client.Scope{}); err != nil || len(list) != 0 {
		t.Errorf("again: %v, %+v", err, list)
	}
}

// A part, a reader, a reader on a testimony: exactly that, and a slip of the hand
// takes nothing back.
func TestTakingBackIsExact(t *testing.T) {
	for name, c := range map[string]struct {
		scope func(s *scene) client.Scope
		want  []int64 // parts that ended
		err   error
	}{
		"a part":      {func(s *scene) client.Scope { return client.Scope{Testimony: s.tid, Part: 1} }, []int64{1}, nil},
		"a testimony": {func(s *scene) client.Scope { return client.Scope{Testimony: s.tid} }, []int64{1, 2}, nil},
		"a reader":    {func(s *scene) client.Scope { return client.Scope{Reader: s.reader.Account()} }, []int64{1, 2}, nil},
		"a reader on a part": {func(s *scene) client.Scope {
			return client.Scope{Testimony: s.tid, Part: 2, Reader: s.reader.Account()}
		}, []int64{2}, nil},
		"a reader who has nothing": {func(s *scene) client.Scope { return client.Scope{Reader: s.mallory.Account()} }, nil, nil},
		"a part that is not":       {func(s *scene) client.Scope { return client.Scope{Testimony: s.tid, Part: 9} }, nil, client.ErrNotFound},
		"a testimony that is not":  {func(s *scene) client.Scope { return client.Scope{Testimony: s.grant} }, nil, client.ErrNotFound},
		"a part of nothing":        {func(*scene) client.Scope { return client.Scope{Part: 1} }, nil, client.ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			if _, err := s.salma.Revoke(t.Context(), s.tid, s.grant); err != nil {
				t.Fatal(err)
			}
			g := granted(t, s.salma, offer(s.tid, s.reader, 1, 2))
			list, err := s.salma.Withdraw(t.Context(), c.scope(s))
			if !errors.Is(err, c.err) {
				t.Fatalf("%v, want %v", err, c.err)
			}
			var got []int64
			for _, w := range list {
				if w.Grant == g {
					got = w.Parts
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("parts %v have ended, want %v", got, c.want)
			}
		})
	}
}

func withdrawAll(s *scene) error {
	_, err := fresh(s).Withdraw(context.Background(), client.Scope{})
	return err
}

func revokeOne(s *scene) error {
	_, err := fresh(s).Revoke(context.Background(), s.tid, s.grant)
	return err
}

// answered asks how the reader answered who has just acknowledged.
func answered(s *scene) error {
	if _, err := s.salma.Revoke(context.Background(), s.tid, s.grant); err != nil {
		return err
	}
	if err := s.reader.Reply(context.Background(), client.Answer{Grant: s.grant, Say: statement.Acknowledged}); err != nil {
		return err
	}
	_, err := fresh(s).Withdrawals(context.Background())
	return err
}

// A vault that says "withdrawn" and cannot prove it is noticed: no receipt,
// another grant's, another statement's, one that says less.
func TestALieAboutTheEndIsNoticed(t *testing.T) {
	const all, one = "GET /v1/withdrawals", "POST /v1/testimonies/{t}/revocations"
	another := func(t *testing.T, s *scene) (receipt string) {
		granted(t, s.salma, offer(s.tid, s.reader, 1))
		ended, err := s.salma.Withdraw(t.Context(), client.Scope{})
		if err != nil || len(ended) != 2 {
			t.Fatalf("%v, %+v", err, ended)
		}
		s.grant = granted(t, s.salma, offer(s.tid, s.reader, 1))
		return ended[1].Receipt
	}
	refuses(t, []attack{
		{"withdrawn, without a receipt", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, all, func(w *api.Withdrawals) { w.Withdrawals = nil })
		}, withdrawAll, client.ErrRevocation},
		{"withdrawn, an empty receipt", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, all, func(w *api.Withdrawals) { w.Withdrawals[0].Revocation = "" })
		}, withdrawAll, client.ErrRevocation},
		{"withdrawn, the receipt of an earlier grant", func(t *testing.T, s *scene) {
			earlier := another(t, s)
			clienttest.Lie(s.Vault, all, func(w *api.Withdrawals) { w.Withdrawals[len(w.Withdrawals)-1].Revocation = earlier })
		}, withdrawAll, client.ErrRevocation},
		{"withdrawn, an altered receipt", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, all, func(w *api.Withdrawals) { w.Withdrawals[0].Revocation = flip(w.Withdrawals[0].Revocation) })
		}, withdrawAll, client.ErrRevocation},
		{"revoked, without a receipt", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, one, func(r *api.Revoked) { r.Revocation = "" })
		}, revokeOne, client.ErrRevocation},
		{"revoked, the receipt of another grant", func(t *testing.T, s *scene) {
			earlier := another(t, s)
			clienttest.Lie(s.Vault, one, func(r *api.Revoked) { r.Revocation = earlier })
		}, revokeOne, client.ErrRevocation},
		{"revoked, and told of other openings", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, one, func(r *api.Revoked) { r.Fetched = append(r.Fetched, api.Opening{N: 1, Opened: 1, Bytes: 1}) })
		}, revokeOne, client.ErrRevocation},
		{"an attestation that nobody gave", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, all, func(w *api.Withdrawals) { w.Withdrawals[0].State = api.ClosureDestroyed })
		}, answered, client.ErrReplyForged},
		{"an answer that was altered", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, all, func(w *api.Withdrawals) { w.Withdrawals[0].Reply = flip(w.Withdrawals[0].Reply) })
		}, answered, client.ErrReplyForged},
		{"an answer that is hidden", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, all, func(w *api.Withdrawals) { w.Withdrawals[0].Reply = "" })
		}, answered, client.ErrReplyForged},
	})
}

// Somebody who owes an answer is not shared with, and nothing is signed.
func TestASilentReaderIsNotSharedWith(t *testing.T) {
	s := newScene(t)
	if err := withdrawAll(s); err != nil {
		t.Fatal(err)
	}
	s.Pass(15 * 24 * time.Hour)
	before := len(s.Vault.Chain(s.keys.ID))
	if err := share(s); !errors.Is(err, client.ErrReaderSilent) || len(s.Vault.Chain(s.keys.ID)) != before {
		t.Errorf("%v, %d statements more", err, len(s.Vault.Chain(s.keys.ID))-before)
	}
	if err := s.reader.Reply(t.Context(), client.Answer{Grant: s.grant, Say: statement.Acknowledged}); err != nil {
		t.Fatal(err)
	}
	if err := share(s); err != nil {
		t.Errorf("after the answer: %v", err)
	}
}

// A reader's client believes no ending that she did not sign, and attests to
// nothing that no person has looked at.
func TestAReaderAnswersOnlyToWhatSheEnded(t *testing.T) {
	s := newScene(t)
	if err := withdrawAll(s); err != nil {
		t.Fatal(err)
	}
	say := client.Answer{Grant: s.grant, Say: statement.Destroyed}
	if err := s.reader.Reply(t.Context(), say); !errors.Is(err, client.ErrRefused) {
		t.Errorf("unseen: %v", err)
	}
	no := errors.New("I have not looked yet")
	say.Confirm = func(e []client.Ending) error {
		if len(e) != 1 || e[0].Testimony != s.tid || e[0].Act != statement.ActWithdraw {
			t.Errorf("shown %+v", e)
		}
		return no
	}
	if err := s.reader.Reply(t.Context(), say); !errors.Is(err, no) {
		t.Errorf("not confirmed: %v", err)
	}
	forged := signed(t, &scene{World: s.World}, s.Keys(t), statement.Withdraw{})
	clienttest.Lie(s.Vault, "GET /v1/endings", func(e *api.Endings) { e.Endings[0].Ended = forged })
	list, err := s.reader.Endings(t.Context())
	if err != nil || len(list) != 1 || !errors.Is(list[0].Err, client.ErrGrantForged) {
		t.Errorf("%v, %+v", err, list)
	}
	say.Confirm = func([]client.Ending) error { return nil }
	if err := s.reader.Reply(t.Context(), say); !errors.Is(err, client.ErrGrantForged) {
		t.Errorf("to a forged end: %v", err)
	}
}

// With new words everything is taken back as with the old ones, and the reader
// knows both for one person; without the change of words it is nobody's end.
func TestEverythingIsTakenBackWithNewWords(t *testing.T) {
	s, account := handed(t)
	list, err := fresh(s).Withdraw(t.Context(), client.Scope{})
	if err != nil || len(list) != 1 || !list[0].Known || list[0].Said.Account != account {
		t.Fatalf("%v, %+v", err, list)
	}
	ended, err := s.reader.Endings(t.Context())
	if err != nil || len(ended) != 1 || ended[0].Err != nil || ended[0].From != account || ended[0].Testimony != s.tid {
		t.Errorf("%v, %+v", err, ended)
	}
	clienttest.Lie(s.Vault, "GET /v1/endings", func(e *api.Endings) { e.Endings[0].Rekeys = []string{} })
	ended, err = s.reader.Endings(t.Context())
	if err != nil || len(ended) != 1 || !errors.Is(ended[0].Err, client.ErrGrantForged) {
		t.Errorf("the change of words is withheld: %v, %+v", err, ended)
	}
}
