package grant_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

type sealedParts = map[int64]testimonytest.Sealed

// The reader gets header and payload of what was granted, opens them with their
// own key, and nothing else.
func TestAReaderOpensWhatWasGranted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		one, two := w.Add(w.Her, tid, 1, []byte("شهادة")), w.Add(w.Her, tid, 2, bytes.Repeat([]byte("x"), 100_000))
		w.Add(w.Her, tid, 3, []byte("not granted"))
		g := w.Grant(tid, sealedParts{1: one, 2: two})
		for n, s := range (sealedParts{1: one, 2: two}) {
			file, err := w.Read(w.Reader, g, n)
			if err != nil || !bytes.Equal(w.Decrypt(w.Reader, file), s.Plain) {
				t.Errorf("part %d: %v", n, err)
			}
		}
		for name, c := range map[string]struct {
			g id.ID
			n int64
		}{"third part": {g, 3}, "no such part": {g, 9}, "no such grant": {w.ID(), 1}} {
			if _, err := w.Read(w.Reader, c.g, c.n); !errors.Is(err, grant.ErrNotFound) {
				t.Errorf("%s: %v, want ErrNotFound", name, err)
			}
		}
		other, _ := w.Researcher()
		if _, err := w.Read(other, g, 1); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("another accredited reader: %v", err)
		}
		inbox, err := w.Grants.Inbox(t.Context(), w.Reader.Caller, "", 10)
		if err != nil || len(inbox) != 1 || inbox[0].ID != g || len(inbox[0].Parts) != 2 || inbox[0].State != release.Live {
			t.Errorf("inbox: %v, %+v", err, inbox)
		}
		if inbox, err := w.Grants.Inbox(t.Context(), other.Caller, "", 10); err != nil || len(inbox) != 0 {
			t.Errorf("another reader's inbox: %v, %d", err, len(inbox))
		}
	})
}

// The vault refuses a grant that is not exactly hers, of her parts, to a live
// reader, in headers of the right kind.
func TestAGrantIsRefusedUnlessEverythingFits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		s := w.Add(w.Her, tid, 1, []byte("text"))
		good, headers := w.GrantBody(tid, sealedParts{1: s})
		change := func(f func(*statement.Grant)) statement.Grant {
			c := good
			c.Parts = append([]statement.GrantedPart(nil), good.Parts...)
			f(&c)
			return c
		}
		other := w.Enrolled(statement.Researcher)
		now := w.Clock.Now().Unix()
		for name, c := range map[string]struct {
			body    statement.Grant
			headers [][]byte
			want    error
		}{
			"another payload":     {change(func(g *statement.Grant) { g.Parts[0].PayloadSHA256 = testimonytest.Sum(nil) }), headers, grant.ErrDigest},
			"another commitment":  {change(func(g *statement.Grant) { g.Parts[0].Commit = testimonytest.Sum(nil) }), headers, grant.ErrDigest},
			"another header":      {good, [][]byte{w.Head(s.Key, w.Reader.Recipient)}, grant.ErrDigest},
			"no header":           {good, nil, statement.ErrRefused},
			"a header of no age":  {change(func(g *statement.Grant) { g.Parts[0].HeaderSHA256 = testimonytest.Sum([]byte("x")) }), [][]byte{[]byte("x")}, grant.ErrSealed},
			"part that is not":    {change(func(g *statement.Grant) { g.Parts[0].N = 2 }), headers, grant.ErrNotFound},
			"unaccredited reader": {change(func(g *statement.Grant) { g.Grantee = other.ID }), headers, grant.ErrUnaccredited},
			"other accreditation": {change(func(g *statement.Grant) { g.Accreditation = testimonytest.Sum(nil) }), headers, grant.ErrUnaccredited},
			"another recipient":   {change(func(g *statement.Grant) { g.RecipientSHA256 = testimonytest.Sum(nil) }), headers, grant.ErrDigest},
			"over already":        {change(func(g *statement.Grant) { g.From, g.Until = now-100, now-1 }), headers, statement.ErrRefused},
		} {
			if _, _, err := w.Grants.Grant(t.Context(), w.Her.Caller, tid, w.Her.Sign(c.body).Compact(), c.headers, nil); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if _, _, err := w.Grants.Grant(t.Context(), other.Caller, tid, other.Sign(good).Compact(), headers, nil); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("by somebody else: %v", err)
		}
	})
}

// One classic header would make a post-quantum part classic: the mix is refused.
func TestAClassicHeaderForAPostQuantumPartIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		s := w.Add(w.Her, tid, 1, []byte("text"))
		g, _ := w.GrantBody(tid, sealedParts{1: s})
		classic := w.Head(s.Key, "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")
		g.Parts[0].HeaderSHA256 = testimonytest.Sum(classic)
		if _, _, err := w.Grants.Grant(t.Context(), w.Her.Caller, tid, w.Her.Sign(g).Compact(), [][]byte{classic}, nil); !errors.Is(err, grant.ErrMix) {
			t.Fatalf("%v, want ErrMix", err)
		}
	})
}

// Nothing before its time and nothing after: at the second itself.
func TestTheTermIsKeptToTheSecond(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		body, headers := w.GrantBody(tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))})
		now := w.Clock.Now().Unix()
		body.From, body.Until = now+100, now+200
		g, _, err := w.Grants.Grant(t.Context(), w.Her.Caller, tid, w.Her.Sign(body).Compact(), headers, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			by   time.Duration
			want error
		}{{99 * time.Second, grant.ErrNotFound}, {time.Second, nil}, {99 * time.Second, nil}, {time.Second, grant.ErrNotFound}} {
			w.Clock.Forward(c.by)
			if _, err := w.Read(w.Reader, g, 1); !errors.Is(err, c.want) {
				t.Errorf("at second %d: %v, want %v", w.Clock.Now().Unix()-now, err, c.want)
			}
		}
	})
}

// Without a live accreditation nothing opens, however valid the grant.
func TestASuspendedReaderOpensNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		g := w.Grant(tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))})
		s := w.Stewards[0].Sign(statement.Suspend{Account: w.Reader.ID, Accreditation: w.Accreditation})
		if _, err := w.Accreditations.Suspend(t.Context(), w.Stewards[0].Caller, s.Compact(), nil); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Read(w.Reader, g, 1); !errors.Is(err, grant.ErrNotFound) {
			t.Fatalf("%v, want ErrNotFound", err)
		}
		list, err := w.Grants.List(t.Context(), w.Her.Caller, tid, 0, 10)
		if err != nil || len(list) != 1 || list[0].State != release.Suspended {
			t.Errorf("%v, %+v", err, list)
		}
	})
}

// After revoking nothing opens, the inbox is empty, and she is told what had been
// fetched.
func TestRevokingEndsTheGrantAndTellsWhatWasFetched(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		one, two := w.Add(w.Her, tid, 1, []byte("text")), w.Add(w.Her, tid, 2, []byte("more"))
		g := w.Grant(tid, sealedParts{1: one, 2: two})
		file, err := w.Read(w.Reader, g, 1)
		if err != nil {
			t.Fatal(err)
		}
		w.Revoke(tid, g)
		for n := range int64(2) {
			if _, err := w.Read(w.Reader, g, n+1); !errors.Is(err, grant.ErrNotFound) {
				t.Errorf("part %d: %v", n+1, err)
			}
		}
		fetched, err := w.Grants.Fetched(t.Context(), w.Her.Caller, tid, g)
		want := grant.Fetched{N: 1, Opened: w.Clock.Now().Unix(), Bytes: int64(len(file)), Complete: true}
		if err != nil || len(fetched) != 1 || fetched[0] != want {
			t.Errorf("%v, fetched %+v, want %+v", err, fetched, want)
		}
		if inbox, err := w.Grants.Inbox(t.Context(), w.Reader.Caller, "", 10); err != nil || len(inbox) != 0 {
			t.Errorf("inbox: %v, %d", err, len(inbox))
		}
		again := w.Her.Sign(statement.Revoke{Testimony: tid, Grant: g})
		if _, err := w.Grants.Revoke(t.Context(), w.Her.Caller, tid, again.Compact(), nil); !errors.Is(err, grant.ErrEnded) {
			t.Errorf("again: %v, want ErrEnded", err)
		}
		never := w.Her.Sign(statement.Revoke{Testimony: tid, Grant: w.ID()})
		if _, err := w.Grants.Revoke(t.Context(), w.Her.Caller, tid, never.Compact(), nil); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("a grant that never was: %v", err)
		}
	})
}

// Ranges within a day are one opening; the day after is another.
func TestRangesOfOneDayAreOneOpening(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		g := w.Grant(tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))})
		read := func(from, to int64) {
			t.Helper()
			o, err := w.Grants.Open(t.Context(), w.Reader.Caller, g, 1, func(int64, string, bool) (int64, int64, error) { return from, to, nil })
			if err != nil {
				t.Fatal(err)
			}
			line, _ := testimonytest.Line()
			if err := o.Send(t.Context(), io.Discard, line); err != nil {
				t.Fatal(err)
			}
		}
		read(0, 100)
		w.Clock.Forward(23 * time.Hour)
		read(50, 150)
		read(1000, 1010)
		w.Clock.Forward(time.Hour)
		read(0, 1)
		fetched, err := w.Grants.Fetched(t.Context(), w.Her.Caller, tid, g)
		if err != nil || len(fetched) != 2 || fetched[0].Bytes != 160 || fetched[1].Bytes != 1 || fetched[0].Complete {
			t.Errorf("%v, %+v", err, fetched)
		}
		events, _, err := w.Feed.Read(t.Context(), w.Her.ID, tid, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		opened := 0
		for _, e := range events {
			if e.Kind == custody.Opened {
				opened++
				if e.Actor != w.Reader.ID || e.Grant != g || e.N != 1 {
					t.Errorf("event %+v", e)
				}
			}
		}
		if opened != 2 {
			t.Errorf("%d opening events, want 2", opened)
		}
	})
}

// Before the first byte leaves, the opening stands in her feed.
func TestTheOpeningIsDurableBeforeTheFirstByte(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		g := w.Grant(tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))})
		o, err := w.Grants.Open(t.Context(), w.Reader.Caller, g, 1, testimonytest.Whole)
		if err != nil {
			t.Fatal(err)
		}
		seen := false
		look := writerFunc(func(p []byte) (int, error) {
			events, _, err := w.Feed.Read(t.Context(), w.Her.ID, tid, 0, 100)
			seen = seen || err == nil && events[len(events)-1].Kind == custody.Opened
			return len(p), err
		})
		line, _ := testimonytest.Line()
		if err := o.Send(t.Context(), look, line); err != nil || !seen {
			t.Errorf("%v, event seen at the first byte: %v", err, seen)
		}
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// A slow reader in the middle of a large part is cut when she revokes: what the
// kernel still holds is dropped, and nothing follows the answer.
func TestRevokingCutsAStreamUnderWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		g := w.Grant(tid, sealedParts{1: w.Add(w.Her, tid, 1, bytes.Repeat([]byte("large "), 4<<20))})
		near, far := tcpPair(t)
		o, err := w.Grants.Open(t.Context(), w.Reader.Caller, g, 1, testimonytest.Whole)
		if err != nil {
			t.Fatal(err)
		}
		var sent error
		var wait sync.WaitGroup
		wait.Go(func() { sent = o.Send(t.Context(), near, grant.OnTCP(near, func() error { return nil })) })
		if _, err := io.ReadFull(far, make([]byte, 10_000)); err != nil {
			t.Fatal(err)
		}
		w.Revoke(tid, g)
		wait.Wait()
		if !errors.Is(sent, grant.ErrCut) {
			t.Errorf("the stream ended with %v, want ErrCut", sent)
		}
		fetched, err := w.Grants.Fetched(t.Context(), w.Her.Caller, tid, g)
		if err != nil || len(fetched) != 1 || fetched[0].Complete || fetched[0].Bytes < 10_000 {
			t.Errorf("%v, fetched %+v", err, fetched)
		}
		rest, err := io.Copy(io.Discard, far)
		if err == nil {
			t.Errorf("the connection ended in order after %d bytes more, want a reset", rest)
		}
		if rest+10_000 > fetched[0].Bytes {
			t.Errorf("%d bytes arrived, %d were told", rest+10_000, fetched[0].Bytes)
		}
	})
}

// A node that says nothing any more is waited for one second, and all it may
// have sent counts as fetched.
func TestASilentNodeIsCountedAgainstTheReader(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		g := w.Grant(tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))})
		o, err := w.Grants.Open(t.Context(), w.Reader.Caller, g, 1, testimonytest.Whole) // and never sent
		if err != nil {
			t.Fatal(err)
		}
		w.Revoke(tid, g)
		fetched, err := w.Grants.Fetched(t.Context(), w.Her.Caller, tid, g)
		if err != nil || len(fetched) != 1 || !fetched[0].Complete || fetched[0].Bytes != o.Size {
			t.Errorf("%v, fetched %+v, want all of %d", err, fetched, o.Size)
		}
	})
}

func tcpPair(t testing.TB) (near, far *net.TCPConn) {
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
