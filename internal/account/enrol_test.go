package account_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/proofofwork"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// means is what a key brings to be admitted.
type means func(w *accounttest.World, p *accounttest.Person) account.Request

func nothing(*accounttest.World, *accounttest.Person) account.Request { return account.Request{} }

func work(w *accounttest.World, p *accounttest.Person) account.Request {
	challenge := w.Work.Issue()
	solution, err := proofofwork.Solve(w.T.Context(), challenge, string(p.ID))
	if err != nil {
		w.T.Fatal(err)
	}
	return account.Request{Challenge: challenge, Solution: solution}
}

// anothersWork is work done for another key. By chance it can be good for this
// one too, so it is done until it is not.
func anothersWork(w *accounttest.World, p *accounttest.Person) account.Request {
	for range 100 {
		req := work(w, w.Stranger())
		if w.Work.Check(req.Challenge, string(p.ID), req.Solution) != nil {
			return req
		}
	}
	w.T.Fatal("everybody's work is good for everybody")
	return account.Request{}
}

func invited(by statement.Role, to statement.Role) means {
	return func(w *accounttest.World, _ *accounttest.Person) account.Request {
		inviter := w.Stewards[0]
		if by == statement.Partner {
			inviter = w.Enrolled(statement.Partner)
		}
		return account.Request{Invitation: w.Invite(inviter, to)}
	}
}

func oldWork(w *accounttest.World, p *accounttest.Person) account.Request {
	req := work(w, p)
	w.Clock.Forward(2 * time.Hour)
	return req
}

func guess(*accounttest.World, *accounttest.Person) account.Request {
	return account.Request{Invitation: "aaaaaaaaaaaaaaaaaaaaaaaaaa"}
}

// Who may enrol: the whole rule, mode by mode.
func TestWhoMayEnrol(t *testing.T) {
	every := []account.Mode{account.Open, account.Code, account.Partners}
	open, closed := every[:1], every[1:]
	cases := map[string]struct {
		role  statement.Role
		modes []account.Mode
		bring means
		want  error
	}{
		"participant with work":                       {statement.Participant, open, work, nil},
		"researcher with work":                        {statement.Researcher, open, work, nil},
		"participant with work where it is not asked": {statement.Participant, closed, work, account.ErrRefused},
		"researcher with work where it is not asked":  {statement.Researcher, closed, work, account.ErrRefused},
		"partner with work":                           {statement.Partner, every, work, account.ErrRefused},
		"steward with work":                           {statement.Steward, every, work, account.ErrRefused},
		"participant with nothing":                    {statement.Participant, every, nothing, account.ErrRefused},
		"participant with another's work":             {statement.Participant, open, anothersWork, account.ErrRefused},
		"participant with old work":                   {statement.Participant, open, oldWork, account.ErrRefused},
		"participant invited by a partner":            {statement.Participant, every, invited(statement.Partner, statement.Participant), nil},
		"participant invited by a steward":            {statement.Participant, every, invited(statement.Steward, statement.Participant), nil},
		"researcher invited by a steward":             {statement.Researcher, every, invited(statement.Steward, statement.Researcher), nil},
		"partner invited by a steward":                {statement.Partner, every, invited(statement.Steward, statement.Partner), nil},
		"partner with a participant's invitation":     {statement.Partner, every, invited(statement.Steward, statement.Participant), account.ErrRefused},
		"researcher with a participant's invitation":  {statement.Researcher, every, invited(statement.Partner, statement.Participant), account.ErrRefused},
		"participant with a guess":                    {statement.Participant, every, guess, account.ErrRefused},
		"steward outside the roster":                  {statement.Steward, every, nothing, account.ErrRefused},
		"steward outside the roster, invited":         {statement.Steward, every, invited(statement.Steward, statement.Partner), account.ErrRefused},
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		for name, c := range cases {
			for _, mode := range c.modes {
				w.Accounts.Mode = mode
				p := w.Stranger()
				req := c.bring(w, p)
				req.Statement = p.Key(c.role).Compact()
				_, err := w.Accounts.Enrol(t.Context(), req, nil)
				if !errors.Is(err, c.want) {
					t.Errorf("%s, mode %s: %v, want %v", name, mode, err, c.want)
				}
				role := statement.Role("")
				if c.want == nil {
					role = c.role
				}
				if got, err := w.Accounts.Find(t.Context(), p.ID); err != nil || got.Known() != p.ID || got.Role != role {
					t.Errorf("%s, mode %s: afterwards %+v, %v", name, mode, got, err)
				}
			}
		}
	})
}

// A key statement that could not serve later is refused, and nothing is left of
// the attempt: the invitation it came with is still good.
func TestKeyStatementsThatCannotServeAreRefused(t *testing.T) {
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		code := w.Invite(w.Stewards[0], statement.Participant)
		p := w.Stranger()
		key := p.Key(statement.Participant)
		next := p.SignAt(statement.Head{Seq: 1, Hash: key.Hash()}, statement.Card{Testimony: "aaaaaaaaaaaaaaaaaaaaaaaaaa", CardSHA256: w.Vault})
		with := func(recipient string) string {
			return p.SignAt(statement.Head{}, statement.Key{Role: statement.Participant, Recipient: recipient}).Compact()
		}
		for name, c := range map[string]struct {
			compact string
			want    error
		}{
			"no statement":        {"", statement.ErrRefused},
			"no key statement":    {next.Compact(), statement.ErrRefused},
			"another vault":       {p.For(statement.B64(make([]byte, 32))).Key(statement.Participant).Compact(), ledger.ErrVault},
			"a classic recipient": {with(classic.Recipient().String()), statement.ErrRefused},
			"a cut recipient":     {with(p.Recipient[:len(p.Recipient)-1]), statement.ErrRefused},
			"a secret key":        {with("AGE-SECRET-KEY-PQ-1"), statement.ErrRefused},
		} {
			if _, err := w.Accounts.Enrol(t.Context(), account.Request{Statement: c.compact, Invitation: code}, nil); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		w.Clock.Forward(48 * time.Hour)
		if _, err := w.Accounts.Enrol(t.Context(), account.Request{Statement: key.Compact(), Invitation: code}, nil); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("a statement of two days ago: %v", err)
		}
		if got, err := w.Accounts.Find(t.Context(), p.ID); err != nil || got.Role != "" {
			t.Fatalf("after refusals only: %+v, %v", got, err)
		}
		p.Enrol(statement.Participant, account.Request{Invitation: code})
	})
}

// A retry is answered like the first time, also on another day and without the
// invitation, which is used up. Another statement of the same key is not a retry.
func TestEnrollingTwiceIsEnrollingOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		p := w.Stranger()
		req := account.Request{Statement: p.Key(statement.Participant).Compact(), Invitation: w.Invite(w.Stewards[0], statement.Participant)}
		first, err := w.Accounts.Enrol(t.Context(), req, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Forward(100 * 24 * time.Hour)
		for _, again := range []account.Request{req, {Statement: req.Statement}} {
			if second, err := w.Accounts.Enrol(t.Context(), again, nil); err != nil || second != first {
				t.Errorf("again: %+v, %v, want %+v", second, err, first)
			}
		}
		other := account.Request{Statement: p.Key(statement.Participant).Compact(), Invitation: w.Invite(w.Stewards[0], statement.Participant)}
		if _, err := w.Accounts.Enrol(t.Context(), other, nil); !errors.Is(err, account.ErrConflict) {
			t.Errorf("another key statement: %v, want ErrConflict", err)
		}
		w.Stranger().Enrol(statement.Participant, account.Request{Invitation: other.Invitation})
	})
}

// What the caller wants to remember of an enrolment is as durable as it, and no
// more: if remembering fails, nobody has enrolled.
func TestEnrolmentAndItsMemoryAreOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		p := w.Stranger()
		req := account.Request{Statement: p.Key(statement.Participant).Compact(), Invitation: w.Invite(w.Stewards[0], statement.Participant)}
		lost := errors.New("no memory")
		fail := func(context.Context, store.Tx, ...ledger.Accepted) error { return lost }
		if _, err := w.Accounts.Enrol(t.Context(), req, fail); !errors.Is(err, lost) {
			t.Fatalf("%v, want the hook's error", err)
		}
		var remembered []ledger.Accepted
		keep := func(_ context.Context, _ store.Tx, a ...ledger.Accepted) error { remembered = a; return nil }
		answer, err := w.Accounts.Enrol(t.Context(), req, keep)
		if err != nil || len(remembered) != 1 || remembered[0] != answer {
			t.Errorf("answered %+v, %v, remembered %+v", answer, err, remembered)
		}
	})
}

// Proof of work admits so many a day; who was invited comes in all the same.
func TestTheDaysQuotaIsForStrangersOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		w.Accounts.PerDay = 3 // one of them is the steward
		worker := func() error {
			p := w.Stranger()
			req := work(w, p)
			req.Statement = p.Key(statement.Participant).Compact()
			_, err := w.Accounts.Enrol(t.Context(), req, nil)
			return err
		}
		for n, want := range []error{nil, nil, account.ErrRefused} {
			if err := worker(); !errors.Is(err, want) {
				t.Errorf("stranger %d: %v, want %v", n+1, err, want)
			}
		}
		w.Enrolled(statement.Participant)
		w.Clock.Forward(24 * time.Hour)
		if err := worker(); err != nil {
			t.Errorf("the next day: %v", err)
		}
	})
}
