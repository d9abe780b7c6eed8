package grant_test

import (
	"errors"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

func (o *one) ask(g id.ID) (*statement.Statement, ledger.Accepted, error) {
	s := o.Reader.Sign(statement.Ask{Grant: g, Purposes: []statement.Purpose{"Research"}, Until: o.Clock.Now().Unix() + statement.DefaultTerm})
	a, err := o.Grants.Ask(o.T.Context(), o.Reader.Caller, g, s.Compact(), nil)
	return s, a, err
}

func (o *one) answer(answer string, until int64) error {
	s := o.Her.Sign(statement.Answer{Testimony: o.tid, Grant: o.grant, Answer: answer, Until: until})
	_, err := o.Grants.Answer(o.T.Context(), o.Her.Caller, o.tid, s.Compact(), nil)
	return err
}

// shows compares what is before her with what should be.
func (o *one) shows(when string, consent release.Consent, ask *statement.Statement) {
	o.T.Helper()
	g := o.given()
	if g.Consent != consent || (g.Ask == "") != (ask == nil) || ask != nil && g.Ask != ask.Compact() {
		o.T.Errorf("%s: %s, a request is shown: %v; want %s, %v", when, g.Consent, g.Ask != "", consent, ask != nil)
	}
}

const day = 24 * time.Hour

// A request is before her until she answers: not now keeps it from her until the
// second of her date, no until she renews the grant of her own accord. The reader
// is answered alike each time.
func TestARequestIsAnsweredOnceAndRestsUntilHerDate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		o.shows("before", release.ConsentGiven, nil)
		asked, _, err := o.ask(o.grant)
		o.must(err)
		o.shows("asked", release.ConsentRequested, asked)

		date := statement.DayOf(o.Clock.Now()) + 40*statement.Day
		o.must(o.answer(statement.Deferred, date))
		o.shows("not now", release.ConsentDeferred, nil)
		again, _, err := o.ask(o.grant)
		o.must(err)
		o.shows("asked again", release.ConsentDeferred, nil)
		o.Clock.Forward(time.Unix(date-1, 0).Sub(o.Clock.Now()))
		o.shows("in the second before her date", release.ConsentDeferred, nil)
		o.Clock.Forward(time.Second)
		o.shows("at her date", release.ConsentRequested, again)

		o.must(o.answer(statement.Refused, 0))
		o.shows("no", release.ConsentRefused, nil)
		_, _, err = o.ask(o.grant)
		o.must(err)
		o.Clock.Forward(100 * day)
		o.shows("asked after a no", release.ConsentRefused, nil)
		_, err = o.renew(o.Terms)
		o.must(err)
		o.shows("renewed", release.ConsentRenewed, nil)
		asked, _, err = o.ask(o.grant)
		o.must(err)
		o.shows("asked after that", release.ConsentRequested, asked)
	})
}

// Her answer reaches the reader, and stands in her feed; a request does not, since
// the feed would show it before its time.
func TestHerAnswerReachesTheReader(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		_, _, err := o.ask(o.grant)
		o.must(err)
		s := o.Her.Sign(statement.Answer{Testimony: o.tid, Grant: o.grant, Answer: statement.Refused})
		_, err = o.Grants.Answer(t.Context(), o.Her.Caller, o.tid, s.Compact(), nil)
		o.must(err)
		got, err := o.Grants.Receive(t.Context(), o.Reader.Caller, o.grant)
		if err != nil || got.Answer != s.Compact() || got.State != release.Live {
			t.Errorf("%v, answer %q, state %s", err, got.Answer, got.State)
		}
		events, _, err := o.Feed.Read(t.Context(), o.Her.ID, o.tid, 0, 100)
		o.must(err)
		last := events[len(events)-1]
		if last.Kind != custody.Answered || last.Actor != o.Her.ID || last.At%statement.Day != 0 || events[len(events)-2].Kind != custody.Granted {
			t.Errorf("the feed ends with %+v", last)
		}
	})
}

// More requests than she is shown in a month wait for the next one, in silence.
func TestRequestsAboveTheMonthsMostWait(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		part := sealedParts{1: o.Add(o.Her, o.tid, 2, []byte("more"))}
		grants := []id.ID{o.grant, o.Grant(o.tid, sealedParts{2: part[1]}), o.Grant(o.tid, sealedParts{2: part[1]})}
		for _, g := range grants { // the world shows two a month
			_, _, err := o.ask(g)
			o.must(err)
		}
		if got := o.pending(); got != 2 {
			t.Errorf("%d requests are shown, want 2", got)
		}
		o.must(o.answer(statement.Refused, 0))
		if got := o.pending(); got != 1 {
			t.Errorf("%d requests are shown after an answer, want 1: an answer makes no room", got)
		}
		now := o.Clock.Now().UTC()
		next := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		o.Clock.Forward(next.Sub(now) - time.Second)
		if got := o.pending(); got != 1 {
			t.Errorf("%d requests are shown in the last second of the month, want 1", got)
		}
		o.Clock.Forward(time.Second)
		if got := o.pending(); got != 2 {
			t.Errorf("%d requests are shown in the next month, want 2", got)
		}
	})
}

func (o *one) pending() (n int) {
	o.T.Helper()
	list, err := o.Grants.List(o.T.Context(), o.Her.Caller, o.tid, 0, 10)
	o.must(err)
	for _, g := range list {
		if g.Ask != "" {
			n++
		}
	}
	return n
}

// Only the reader of a grant that stands can ask; to everybody else there is
// nothing.
func TestOnlyTheReaderOfAGrantAsks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		other, _ := o.Researcher()
		s := other.Sign(statement.Ask{Grant: o.grant, Purposes: []statement.Purpose{"Research"}, Until: o.Until})
		if _, err := o.Grants.Ask(t.Context(), other.Caller, o.grant, s.Compact(), nil); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("another reader: %v", err)
		}
		if _, _, err := o.ask(o.ID()); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("no such grant: %v", err)
		}
		over := o.Reader.Sign(statement.Ask{Grant: o.grant, Purposes: []statement.Purpose{"Research"}, Until: o.Clock.Now().Unix()})
		if _, err := o.Grants.Ask(t.Context(), o.Reader.Caller, o.grant, over.Compact(), nil); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("until now: %v", err)
		}
		if err := o.answer(statement.Deferred, statement.DayOf(o.Clock.Now())); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("not before today: %v", err)
		}
		o.Revoke(o.tid, o.grant)
		if _, _, err := o.ask(o.grant); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("a revoked grant: %v", err)
		}
		if err := o.answer(statement.Refused, 0); !errors.Is(err, grant.ErrEnded) {
			t.Errorf("an answer about a revoked grant: %v", err)
		}
	})
}

// A grant whose term is over is nothing to its reader, asked about or not; what was
// asked before stays before her.
func TestAskingEndsWithTheTerm(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		o.Clock.Forward(statement.DefaultTerm*time.Second - time.Second)
		asked, _, err := o.ask(o.grant)
		o.must(err)
		o.Clock.Forward(time.Second)
		if _, _, err := o.ask(o.grant); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("in the first second after the term: %v", err)
		}
		o.shows("asked before the end", release.ConsentRequested, asked)
	})
}

// A request finds the first month with room, never before the day it may be shown.
func TestTheQueueOfRequestsHasAPlaceAMonth(t *testing.T) {
	on := func(y int, m time.Month, d int) int64 { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() }
	for name, c := range map[string]struct {
		booked   []int64
		earliest int64
		most     int64
		want     int64
	}{
		"an empty queue":       {nil, on(2026, 11, 23), 1, on(2026, 11, 23)},
		"room this month":      {[]int64{on(2026, 11, 1)}, on(2026, 11, 23), 2, on(2026, 11, 23)},
		"none this month":      {[]int64{on(2026, 11, 1), on(2026, 11, 30)}, on(2026, 11, 23), 2, on(2026, 12, 1)},
		"none until next year": {[]int64{on(2026, 11, 2), on(2026, 12, 31)}, on(2026, 11, 23), 1, on(2027, 1, 1)},
		"past a full month":    {[]int64{on(2026, 12, 1)}, on(2026, 11, 30), 1, on(2026, 11, 30)},
		"the last of January":  {[]int64{on(2027, 1, 31)}, on(2027, 1, 31), 1, on(2027, 2, 1)},
	} {
		if got, ok := grant.FirstFree(c.booked, c.earliest, c.most); !ok || got != c.want {
			t.Errorf("%s: %s, %v", name, time.Unix(got, 0).UTC(), ok)
		}
	}
	if day, ok := grant.FirstFree(nil, on(2026, 11, 23), 0); ok {
		t.Errorf("no room at all: %d", day)
	}
}
