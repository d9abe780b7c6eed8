package grant_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// one is a grant of one part of a testimony, and its terms.
type one struct {
	*testimonytest.World
	tid, grant id.ID
	statement.Terms
}

func granted(t *testing.T, db *store.DB) *one {
	t.Helper()
	w := testimonytest.New(t, db)
	tid := w.Create(w.Her)
	body, headers := w.GrantBody(tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))})
	g, _, err := w.Grants.Grant(t.Context(), w.Her.Caller, tid, w.Her.Sign(body).Compact(), headers, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &one{w, tid, g, body.Terms}
}

func (o *one) renew(t statement.Terms) (*statement.Statement, error) {
	s := o.Her.Sign(statement.Renew{Testimony: o.tid, Grant: o.grant, Accreditation: o.Accreditation, Terms: t})
	_, err := o.Grants.Renew(o.T.Context(), o.Her.Caller, o.tid, s.Compact(), nil)
	return s, err
}

func (o *one) narrow(t statement.Terms) (*statement.Statement, error) {
	s := o.Her.Sign(statement.Narrow{Testimony: o.tid, Grant: o.grant, Terms: t})
	_, err := o.Grants.Narrow(o.T.Context(), o.Her.Caller, o.tid, s.Compact(), nil)
	return s, err
}

func (o *one) must(err error) {
	o.T.Helper()
	if err != nil {
		o.T.Fatal(err)
	}
}

// given is how she sees the grant.
func (o *one) given() grant.Given {
	o.T.Helper()
	list, err := o.Grants.List(o.T.Context(), o.Her.Caller, o.tid, 0, 10)
	if err != nil || len(list) != 1 {
		o.T.Fatalf("%v, %d grants", err, len(list))
	}
	return list[0]
}

// want reads the part, and compares with how it should have gone.
func (o *one) want(when string, want error) {
	o.T.Helper()
	if _, err := o.Read(o.Reader, o.grant, 1); !errors.Is(err, want) {
		o.T.Errorf("%s: %v, want %v", when, err, want)
	}
}

// A grant given for twelve months is open in the last second of them and not in
// the next, without anything having run; renewed before that, it goes on for as
// long as she said, to the second.
func TestAGrantEndsByItselfAndRenewingExtendsIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		if o.Until-o.From != statement.DefaultTerm {
			t.Fatalf("the grant is for %d seconds", o.Until-o.From)
		}
		o.vouch()
		o.Clock.Forward(statement.DefaultTerm*time.Second - time.Second)
		o.want("in the last second", nil)
		next := o.Terms
		next.Until += 100
		s, err := o.renew(next)
		o.must(err)
		o.Clock.Forward(time.Second)
		o.want("in the first second after the old end", nil)
		if g := o.given(); g.Terms != s.Compact() || g.State != release.Live || g.Consent != release.ConsentRenewed {
			t.Errorf("renewed, it is %s, %s", g.State, g.Consent)
		}
		o.Clock.Forward(99 * time.Second)
		o.want("in the last second of the new term", nil)
		o.Clock.Forward(time.Second)
		o.want("in the first second after it", grant.ErrNotFound)
		if g := o.given(); g.State != release.Ended || g.Consent != release.ConsentExpired {
			t.Errorf("over, it is %s, %s", g.State, g.Consent)
		}
		next.Until += 1000
		if _, err := o.renew(next); !errors.Is(err, grant.ErrOver) {
			t.Errorf("renewed after the end: %v, want ErrOver", err)
		}
	})
}

// vouch accredits the reader for longer than the grant of a year lasts.
func (o *one) vouch() {
	o.T.Helper()
	o.Clock.Forward(200 * 24 * time.Hour)
	defer o.Clock.Forward(-200 * 24 * time.Hour)
	key := o.Reader.Statement(1).Hash()
	apply := o.Reader.Statement(2)
	sum, body := apply.Hash(), apply.Body.(*statement.Apply)
	from := o.From - 60 + 100*statement.Day
	s := o.Stewards[0].Sign(statement.Accredit{Account: o.Reader.ID, KeySHA256: statement.B64(key[:]), ApplySHA256: statement.B64(sum[:]),
		Name: body.Name, Institution: body.Institution, Purpose: body.Purpose, From: from, Until: from + 365*statement.Day})
	_, err := o.Accreditations.Accredit(o.T.Context(), o.Stewards[0].Caller, s.Compact(), nil)
	o.must(err)
	hash := s.BodyHash()
	o.Accreditation = statement.B64(hash[:])
	_, err = o.renew(o.Terms)
	o.must(err)
}

// Renewing needs a reader who is vouched for now, and a term that is not over.
func TestARenewalIsRefusedWithoutGround(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		now := o.Clock.Now().Unix()
		over := o.Terms
		over.From, over.Until = now-10, now
		for name, c := range map[string]struct {
			body statement.Renew
			want error
		}{
			"nobody's accreditation": {statement.Renew{Testimony: o.tid, Grant: o.grant, Accreditation: testimonytest.Sum(nil), Terms: o.Terms}, grant.ErrUnaccredited},
			"a term that is over":    {statement.Renew{Testimony: o.tid, Grant: o.grant, Accreditation: o.Accreditation, Terms: over}, statement.ErrRefused},
			"another testimony":      {statement.Renew{Testimony: o.ID(), Grant: o.grant, Accreditation: o.Accreditation, Terms: o.Terms}, statement.ErrRefused},
			"no such grant":          {statement.Renew{Testimony: o.tid, Grant: o.ID(), Accreditation: o.Accreditation, Terms: o.Terms}, grant.ErrNotFound},
		} {
			if _, err := o.Grants.Renew(t.Context(), o.Her.Caller, o.tid, o.Her.Sign(c.body).Compact(), nil); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if g := o.given(); g.Terms != "" || g.Consent != release.ConsentGiven {
			t.Errorf("a refusal changed something: %+v", g)
		}
		o.Revoke(o.tid, o.grant)
		if _, err := o.renew(o.Terms); !errors.Is(err, grant.ErrEnded) {
			t.Errorf("a revoked grant: %v, want ErrEnded", err)
		}
	})
}

// Nobody but her can change the terms of her grant, or learn that there is one.
func TestAStrangerChangesNoTerms(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		for name, p := range map[string]*accounttest.Person{"the reader": o.Reader, "a stranger": o.Enrolled(statement.Participant)} {
			narrow := p.Sign(statement.Narrow{Testimony: o.tid, Grant: o.grant, Terms: o.Terms})
			if _, err := o.Grants.Narrow(t.Context(), p.Caller, o.tid, narrow.Compact(), nil); !errors.Is(err, grant.ErrNotFound) {
				t.Errorf("%s narrows: %v", name, err)
			}
			renew := p.Sign(statement.Renew{Testimony: o.tid, Grant: o.grant, Accreditation: o.Accreditation, Terms: o.Terms})
			if _, err := o.Grants.Renew(t.Context(), p.Caller, o.tid, renew.Compact(), nil); !errors.Is(err, grant.ErrNotFound) {
				t.Errorf("%s renews: %v", name, err)
			}
			answer := p.Sign(statement.Answer{Testimony: o.tid, Grant: o.grant, Answer: statement.Refused})
			if _, err := o.Grants.Answer(t.Context(), p.Caller, o.tid, answer.Compact(), nil); !errors.Is(err, grant.ErrNotFound) {
				t.Errorf("%s answers: %v", name, err)
			}
		}
	})
}

// Narrower terms are taken as they are, one after the other; wider ones than those
// in force never, also where the grant once had them.
func TestNarrowingGoesOneWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		less := o.Terms
		less.Attribution, less.Access, less.Until = statement.ListenOnly, statement.View, o.Until-100
		s, err := o.narrow(less)
		o.must(err)
		inbox, err := o.Grants.Receive(t.Context(), o.Reader.Caller, o.grant)
		if err != nil || inbox.Terms != s.Compact() {
			t.Errorf("the reader is not shown the terms in force: %v", err)
		}
		for name, wider := range map[string]func(*statement.Terms){
			"the terms of the grant": func(t *statement.Terms) { *t = o.Terms },
			"a second longer":        func(t *statement.Terms) { t.Until++ },
			"a second earlier":       func(t *statement.Terms) { t.From-- },
			"a copy":                 func(t *statement.Terms) { t.Access = statement.Download },
			"one use more":           func(t *statement.Terms) { t.Prohibited = t.Prohibited[1:] },
		} {
			terms := less
			wider(&terms)
			if _, err := o.narrow(terms); !errors.Is(err, statement.ErrWider) {
				t.Errorf("%s: %v, want ErrWider", name, err)
			}
		}
		_, err = o.narrow(less)
		o.must(err)
		_, err = o.renew(o.Terms)
		o.must(err)
		if _, err := o.narrow(o.Terms); err != nil {
			t.Errorf("the terms she renewed: %v", err)
		}
	})
}

// She can narrow what is waiting, suspended or over; only what she ended is out of
// her reach.
func TestNarrowingNeedsNobodysLeave(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		less := o.Terms
		less.From += 100
		_, err := o.narrow(less)
		o.must(err)
		if s := o.given().State; s != release.Waiting {
			t.Errorf("the grant is %s", s)
		}
		less.From++
		_, err = o.narrow(less)
		o.must(err)
		s := o.Stewards[0].Sign(statement.Suspend{Account: o.Reader.ID, Accreditation: o.Accreditation})
		_, err = o.Accreditations.Suspend(t.Context(), o.Stewards[0].Caller, s.Compact(), nil)
		o.must(err)
		less.MaxReads = 1
		_, err = o.narrow(less)
		o.must(err)
		o.Clock.Forward(2 * statement.DefaultTerm * time.Second)
		less.Access = statement.View
		_, err = o.narrow(less)
		o.must(err)
		o.Revoke(o.tid, o.grant)
		if _, err := o.narrow(less); !errors.Is(err, grant.ErrEnded) {
			t.Errorf("a revoked grant: %v, want ErrEnded", err)
		}
	})
}

// What she narrows to holds from the same second on.
func TestNarrowedTermsAreKeptToTheSecond(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		now := o.Clock.Now().Unix()
		less := o.Terms
		less.From, less.Until = now+100, now+200
		_, err := o.narrow(less)
		o.must(err)
		o.want("at once", grant.ErrNotFound)
		for _, c := range []struct {
			by   time.Duration
			want error
		}{{99 * time.Second, grant.ErrNotFound}, {time.Second, nil}, {99 * time.Second, nil}, {time.Second, grant.ErrNotFound}} {
			o.Clock.Forward(c.by)
			o.want(time.Unix(o.Clock.Now().Unix()-now, 0).UTC().Format("at second 04:05"), c.want)
		}
	})
}

// A stream under way ends when the terms she narrows to do not cover it, and
// nothing of it is left when the call has returned.
func TestNarrowingCutsAStreamUnderWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		body, headers := w.GrantBody(tid, sealedParts{1: w.Add(w.Her, tid, 1, bytes.Repeat([]byte("large "), 4<<20))})
		g, _, err := w.Grants.Grant(t.Context(), w.Her.Caller, tid, w.Her.Sign(body).Compact(), headers, nil)
		o := &one{w, tid, g, body.Terms}
		o.must(err)
		near, far := tcpPair(t)
		opening, err := w.Grants.Open(t.Context(), w.Reader.Caller, g, 1, testimonytest.Whole)
		o.must(err)
		var sent error
		var wait sync.WaitGroup
		wait.Go(func() { sent = opening.Send(t.Context(), near, grant.OnTCP(near, func() error { return nil })) })
		_, err = io.ReadFull(far, make([]byte, 10_000))
		o.must(err)
		o.From = w.Clock.Now().Unix() + 3600
		_, err = o.narrow(o.Terms)
		o.must(err)
		o.must(w.Grants.Settle(t.Context(), tid))
		wait.Wait()
		if !errors.Is(sent, grant.ErrCut) {
			t.Errorf("the stream ended with %v, want ErrCut", sent)
		}
	})
}

// Of two statements for one place one counts, and the terms are those of that one.
func TestTheTermsAreThoseOfTheStatementThatWasAccepted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		less := o.Terms
		less.MaxReads = 2
		first := o.Her.Sign(statement.Narrow{Testimony: o.tid, Grant: o.grant, Terms: less})
		less.MaxReads = 1
		second := o.Her.Sign(statement.Narrow{Testimony: o.tid, Grant: o.grant, Terms: less})
		errs := make([]error, 2)
		var wait sync.WaitGroup
		for i, s := range []*statement.Statement{first, second} {
			wait.Go(func() { _, errs[i] = o.Grants.Narrow(t.Context(), o.Her.Caller, o.tid, s.Compact(), nil) })
		}
		wait.Wait()
		winner := first
		if errs[0] != nil {
			winner = second
		}
		var order *ledger.OutOfOrder
		if (errs[0] == nil) == (errs[1] == nil) || !errors.As(errors.Join(errs...), &order) {
			t.Fatalf("%v, want one to be accepted and the other out of order", errs)
		}
		if g := o.given(); g.Terms != winner.Compact() {
			t.Error("the terms are those of the statement that was refused")
		}
		book, err := o.Chain(o.Her).Book()
		o.must(err)
		if got := book.Testimonies[o.tid].Grants[o.grant].Terms; !got.Equal(winner.Body.(*statement.Narrow).Terms) {
			t.Errorf("her book has %+v", got)
		}
	})
}

// What a restore has held back is free again when she renews it, and only then.
func TestRenewingFreesWhatARestoreHeldBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		o.must(db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE grants SET held = 1")
			return err
		}))
		o.want("held back", grant.ErrNotFound)
		_, err := o.narrow(o.Terms)
		o.must(err)
		o.want("narrowed", grant.ErrNotFound)
		_, err = o.renew(o.Terms)
		o.must(err)
		o.want("renewed", nil)
	})
}

// Renewing does not take a grant out of its policy, nor undo what was voted.
func TestARenewedGrantWaitsForItsPolicy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		part := w.Add(w.Her, tid, 1, []byte("text"))
		p := w.Set(tid, testimonytest.Terms{Threshold: 2}, w.Enrolled(statement.Participant), w.Enrolled(statement.Participant))
		body, _ := w.UnderBody(p, sealedParts{1: part})
		o := &one{w, tid, w.GrantUnder(p, sealedParts{1: part}), body.Terms}
		o.must(w.Vote(p, 0))
		_, err := o.renew(o.Terms)
		o.must(err)
		o.want("one of two trustees", grant.ErrNotFound)
		o.must(w.Vote(p, 1))
		o.want("two of two", nil)
	})
}

// Readings are counted over the whole life of a grant: renewing does not begin to
// count anew, narrowing to fewer than there were leaves none.
func TestReadingsAreCountedAcrossRenewals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		o.want("without a limit", nil)
		o.MaxReads = 2
		_, err := o.renew(o.Terms)
		o.must(err)
		o.Clock.Forward(grant.Session)
		o.want("the second of two", nil)
		o.Clock.Forward(grant.Session)
		o.want("the third of two", grant.ErrNotFound)
		o.MaxReads = 3
		_, err = o.renew(o.Terms)
		o.must(err)
		o.want("the third of three", nil)
		o.Clock.Forward(grant.Session)
		o.MaxReads = 1
		_, err = o.narrow(o.Terms)
		o.must(err)
		o.want("with one allowed", grant.ErrNotFound)
		if s := o.given().State; s != release.UsedUp {
			t.Errorf("the grant is %s", s)
		}
	})
}
