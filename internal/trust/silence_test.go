package trust_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/internal/trust"
)

// silent is a policy without trustees: two days of silence, one to think it over.
func silent() testimonytest.Terms { return testimonytest.Terms{Silence: 2 * day, Wait: day} }

// noticeAt and releaseAt count from the end of the day on which she was last heard.
func noticeAt(terms testimonytest.Terms, heard int64) int64 { return heard + day + terms.Silence }

func releaseAt(terms testimonytest.Terms, heard int64) int64 {
	return noticeAt(terms, heard) + terms.Wait
}

func (s *scene) today() int64 { return statement.DayOf(s.Clock.Now()) }

func (s *scene) notices() []trust.Notice {
	s.t.Helper()
	list, err := s.Trust.Notices(s.t.Context(), s.Her.Caller)
	s.must(err)
	return list
}

func (s *scene) opens(what string, g id.ID) {
	s.t.Helper()
	if _, err := s.Read(s.Reader, g, 1); err != nil {
		s.t.Errorf("%s: %v", what, err)
	}
}

// Nothing opens before her silence and the time to think it over have lasted, to
// the second; she finds a notice inside from the first of them on.
func TestSilenceCountsToTheSecond(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		p := s.Set(s.tid, silent())
		g := s.GrantUnder(p, s.parts)
		heard := s.today()
		notice, open := noticeAt(silent(), heard), releaseAt(silent(), heard)
		for _, c := range []struct {
			at      int64
			noticed bool
		}{{heard + day - 1, false}, {notice - 1, false}, {notice, true}, {open - 1, true}} {
			s.at(c.at)
			s.closed("before her silence counts", g)
			list := s.notices()
			if want := (trust.Notice{Policy: p.ID, Testimony: s.tid, Silence: trust.Silence{NoticeAt: notice, ReleaseAt: open}}); c.noticed != (len(list) == 1) ||
				c.noticed && list[0] != want {
				t.Errorf("%d s before the release: notices %+v", open-c.at, list)
			}
		}
		s.at(open)
		s.opens("at the second", g)
		given, err := s.Trust.Shares(t.Context(), s.Reader.Caller, g)
		if err != nil || len(given.Shares) != 0 || given.Statement != p.Statement.Compact() {
			t.Errorf("%+v, %v", given, err)
		}
		if k := s.kinds(); k[custody.Opened] != 1 || k[custody.Released] != 0 {
			t.Errorf("her feed: %v", k)
		}
	})
}

// Any statement of hers in the last second forbids what would be open in the next,
// and one that comes later closes it again.
func TestAnyActOfHersEndsTheSilence(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		g := s.GrantUnder(s.Set(s.tid, silent()), s.parts)
		for name, act := range map[string]func(){
			"a check-in":            func() { s.must(s.CheckIn()) },
			"another testimony":     func() { s.Create(s.Her) },
			"a policy":              func() { s.Set(s.tid, testimonytest.Terms{Threshold: 2}, s.trustees...) },
			"a statement to others": func() { s.sign(statement.PauseCode{}) },
		} {
			open := releaseAt(silent(), s.today())
			s.at(open - 1)
			s.closed(name, g)
			act()
			if list := s.notices(); len(list) != 0 {
				t.Errorf("%s: there is still a notice: %+v", name, list)
			}
			s.at(open)
			s.closed(name+" in the last second", g)
			s.at(releaseAt(silent(), statement.DayOf(s.Clock.Now())))
			s.opens("after another silence", g)
			act()
			s.closed(name+" after the release", g)
		}
	})
}

// sign puts a statement of hers into her chain as any domain does.
func (s *scene) sign(body statement.Body) {
	s.t.Helper()
	said := s.Her.Sign(body)
	s.must(s.DB.Update(s.t.Context(), func(ctx context.Context, tx store.Tx) error { return s.Ledger.Append(ctx, tx, nil, said) }))
}

// With both, votes are taken only while her silence lasts, and those of an earlier
// silence do not count for the next.
func TestVotesAreOfOneSilence(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		terms := testimonytest.Terms{Threshold: 2, Silence: 2 * day, Wait: day}
		p := s.Set(s.tid, terms, s.trustees...)
		g := s.GrantUnder(p, s.parts)
		s.must(s.Answer(p, p.Trustees[0], statement.Agreed))
		s.at(releaseAt(terms, s.today()) - 1)
		s.refused("a vote in the last second before", s.Vote(p, 0), trust.ErrNotNow)
		s.at(s.Clock.Now().Unix() + 1)
		s.closed("silent, and nobody has voted", g)
		s.must(s.Vote(p, 0))
		s.must(s.Vote(p, 1))
		s.opens("two have voted", g)

		s.must(s.CheckIn())
		s.closed("she is there", g)
		s.refused("a vote while she is there", s.Vote(p, 2), trust.ErrNotNow)
		s.at(releaseAt(terms, s.today()))
		s.closed("another silence, with the votes of the first", g)
		list, err := s.Trust.List(t.Context(), s.Her.Caller, s.tid, 0, 10)
		if err != nil || list[0].Trustees[0].Response != trust.Agreed || list[0].Trustees[1].Response != trust.NoAnswer {
			t.Errorf("%+v, %v", list[0].Trustees, err)
		}
		s.must(s.Vote(p, 1))
		s.closed("one has voted again", g)
		s.must(s.Vote(p, 2))
		given, err := s.Trust.Shares(t.Context(), s.Reader.Caller, g)
		if err != nil || len(given.Shares) != 2 {
			t.Fatalf("%d shares, %v", len(given.Shares), err)
		}
		s.Combine(p, given)
		if k := s.kinds(); k[custody.Voted] != 4 || k[custody.Released] != 1 {
			t.Errorf("her feed: %v", k)
		}
	})
}

// There is a notice only while some grant waits for the silence.
func TestANoticeNeedsAGrantThatWaits(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		p := s.Set(s.tid, silent())
		s.at(releaseAt(silent(), s.today()))
		if list := s.notices(); len(list) != 0 {
			t.Errorf("without a grant: %+v", list)
		}
		g := s.GrantUnder(p, s.parts) // which is an act of hers
		s.at(noticeAt(silent(), s.today()))
		if list := s.notices(); len(list) != 1 {
			t.Errorf("with a grant: %+v", list)
		}
		s.Revoke(s.tid, g)
		s.at(releaseAt(silent(), s.today()))
		if list := s.notices(); len(list) != 0 {
			t.Errorf("revoked: %+v", list)
		}
	})
}

// A check-in cuts what her silence had let flow, in the middle of the file.
func TestACheckInCutsAStreamUnderWay(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		large := map[int64]testimonytest.Sealed{2: s.Add(s.Her, s.tid, 2, bytes.Repeat([]byte("large "), 4<<20))}
		g := s.GrantUnder(s.Set(s.tid, silent()), large)
		s.at(releaseAt(silent(), s.today()))
		near, far := tcpPair(t)
		o, err := s.Grants.Open(t.Context(), s.Reader.Caller, g, 2, testimonytest.Whole)
		s.must(err)
		var sent error
		var wait sync.WaitGroup
		wait.Go(func() { sent = o.Send(t.Context(), near, grant.OnTCP(near, func() error { return nil })) })
		if _, err := io.ReadFull(far, make([]byte, 10_000)); err != nil {
			t.Fatal(err)
		}
		s.must(s.CheckIn())
		wait.Wait()
		if !errors.Is(sent, grant.ErrCut) {
			t.Errorf("the stream ended with %v, want ErrCut", sent)
		}
		fetched, err := s.Grants.Fetched(t.Context(), s.Her.Caller, s.tid, g)
		if err != nil || len(fetched) != 1 || fetched[0].Complete || fetched[0].Bytes < 10_000 {
			t.Errorf("%v, fetched %+v", err, fetched)
		}
	})
}

func tcpPair(t *testing.T) (near, far *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	a, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = a.Close(), c.Close() })
	return a.(*net.TCPConn), c.(*net.TCPConn)
}
