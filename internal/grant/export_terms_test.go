package grant_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// exporting is a world with one granted part.
type exporting struct {
	*testimonytest.World
	tid id.ID
	s   testimonytest.Sealed
}

func newExporting(t *testing.T, db *store.DB) *exporting {
	w := testimonytest.New(t, db)
	tid := w.Create(w.Her)
	return &exporting{w, tid, w.Add(w.Her, tid, 1, []byte("شهادة"))}
}

func (e *exporting) grant(attribution statement.Attribution, access statement.Access, maxReads int64) id.ID {
	e.T.Helper()
	body, headers := e.GrantBody(e.tid, sealedParts{1: e.s})
	body.Attribution, body.Access, body.MaxReads = attribution, access, maxReads
	g, _, err := e.Grants.Grant(e.T.Context(), e.Her.Caller, e.tid, e.Her.Sign(body).Compact(), headers, nil)
	if err != nil {
		e.T.Fatal(err)
	}
	return g
}

func (e *exporting) export(p *accounttest.Person, g id.ID) ([]byte, error) {
	e.T.Helper()
	o, err := e.Grants.Export(e.T.Context(), p.Caller, g, 1, testimonytest.Whole)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	line, _ := testimonytest.Line()
	err = o.Send(e.T.Context(), &out, line)
	return out.Bytes(), err
}

// openings are the details of the opening events in her feed.
func (e *exporting) openings() (details []string) {
	e.T.Helper()
	events, _, err := e.Feed.Read(e.T.Context(), e.Her.ID, e.tid, 0, 100)
	if err != nil {
		e.T.Fatal(err)
	}
	for _, ev := range events {
		if ev.Kind == custody.Opened {
			details = append(details, ev.Detail)
		}
	}
	return details
}

// The terms decide what leaves the vault's world: what is for the listener alone,
// off the record or only to be looked at does not. A refusal opens nothing.
func TestTermsDecideWhatIsExported(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		e := newExporting(t, db)
		for _, a := range statement.Attributions() {
			for _, access := range []statement.Access{statement.View, statement.Download} {
				before := len(e.openings())
				file, err := e.export(e.Reader, e.grant(a, access, 0))
				allowed := access == statement.Download && a != statement.ListenOnly && a != statement.OffTheRecord
				if allowed != (err == nil) || !allowed && !errors.Is(err, grant.ErrExport) {
					t.Errorf("%s, %s: %v", a, access, err)
				}
				if allowed && !bytes.Equal(e.Decrypt(e.Reader, file), e.s.Plain) {
					t.Errorf("%s, %s: another content", a, access)
				}
				if seen := e.openings()[before:]; allowed != (len(seen) == 1 && seen[0] == grant.Exported) {
					t.Errorf("%s, %s: she sees %q", a, access, seen)
				}
			}
		}
	})
}

// Only who could open the part now learns that it must not be exported: to
// everybody else it does not exist, whatever the terms are.
func TestARefusedExportTellsStrangersNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		e := newExporting(t, db)
		other, _ := e.Researcher()
		closed, open := e.grant(statement.OffTheRecord, statement.Download, 0), e.grant(statement.ChathamHouse, statement.Download, 0)
		for _, g := range []id.ID{closed, open, e.ID()} {
			if _, err := e.export(other, g); !errors.Is(err, grant.ErrNotFound) {
				t.Errorf("another reader: %v", err)
			}
			if _, err := e.export(e.Her, g); !errors.Is(err, grant.ErrNotFound) {
				t.Errorf("she herself: %v", err)
			}
		}
		spent := e.grant(statement.OffTheRecord, statement.Download, 1)
		if _, err := e.Read(e.Reader, spent, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := e.export(e.Reader, spent); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("used up: %v", err)
		}
		e.Revoke(e.tid, closed)
		if _, err := e.export(e.Reader, closed); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("revoked: %v", err)
		}
	})
}

// An export is a read of its own, also while a session goes on in which the part
// is open; ranges of it belong to it.
func TestAnExportIsAReadOfItsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		e := newExporting(t, db)
		g := e.grant(statement.ChathamHouse, statement.Download, 2)
		for range 2 {
			if _, err := e.Read(e.Reader, g, 1); err != nil {
				t.Fatal(err)
			}
			if _, err := e.export(e.Reader, g); err != nil {
				t.Fatal(err)
			}
		}
		if seen := e.openings(); len(seen) != 2 || seen[0] != "" || seen[1] != grant.Exported {
			t.Errorf("she sees %q", seen)
		}
		e.Clock.Forward(grant.Session)
		if _, err := e.export(e.Reader, g); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("a third read: %v", err)
		}
	})
}

// She sees which openings were exports, in her list, in what was fetched and in
// the revocation receipt, also when the file of the export is no longer there.
func TestSheSeesWhichOpeningsWereExports(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		e := newExporting(t, db)
		g := e.grant(statement.ChathamHouse, statement.Download, 0)
		if _, err := e.Read(e.Reader, g, 1); err != nil {
			t.Fatal(err)
		}
		e.Clock.Forward(time.Second)
		if _, err := e.export(e.Reader, g); err != nil {
			t.Fatal(err)
		}
		relock(e.World, e.tid, g, e.s)
		list, err := e.Grants.List(t.Context(), e.Her.Caller, e.tid, 0, 10)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v, %d grants", err, len(list))
		}
		if f := list[0].Fetched; len(f) != 2 || f[0].Export || !f[1].Export {
			t.Errorf("her list has %+v", f)
		}
		e.Revoke(e.tid, g)
		closed, err := e.Grants.ClosedGrant(t.Context(), e.Her.Caller, g)
		if err != nil || len(closed) != 1 {
			t.Fatalf("%v, %d ended", err, len(closed))
		}
		said, err := base64.RawURLEncoding.DecodeString(strings.Split(closed[0].Receipt, ".")[1])
		if err != nil || bytes.Count(said, []byte(`"export":true`)) != 1 || bytes.Contains(said, []byte(`"export":false`)) {
			t.Errorf("%v: the receipt says %s", err, said)
		}
	})
}

// An export under way ends when she narrows the terms to such as allow none, and
// is over when narrowing is answered; a reading goes on.
func TestNarrowingCutsAnExportUnderWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		body, headers := w.GrantBody(tid, sealedParts{1: w.Add(w.Her, tid, 1, bytes.Repeat([]byte("large "), 4<<20))})
		body.Attribution, body.Access = statement.ChathamHouse, statement.Download
		g, _, err := w.Grants.Grant(t.Context(), w.Her.Caller, tid, w.Her.Sign(body).Compact(), headers, nil)
		o := &one{w, tid, g, body.Terms}
		o.must(err)
		exported, read := o.under(w.Grants.Export), o.under(w.Grants.Open)
		o.Access = statement.View
		_, err = o.narrow(o.Terms)
		o.must(err)
		o.must(w.Grants.Settle(t.Context(), tid))
		if err := exported.ended(); !errors.Is(err, grant.ErrCut) {
			t.Errorf("the export ended with %v, want ErrCut", err)
		}
		go func() { _, _ = io.Copy(io.Discard, read.far) }()
		if err := read.ended(); err != nil {
			t.Errorf("the reading ended with %v", err)
		}
	})
}

// underWay is a stream that goes on.
type underWay struct {
	far   *net.TCPConn
	ended func() error
}

// under begins a stream of the part and lets it come so far that it is under way.
func (o *one) under(begin func(context.Context, account.Caller, id.ID, int64, grant.Pick) (*grant.Opening, error)) underWay {
	o.T.Helper()
	near, far := tcpPair(o.T)
	opening, err := begin(o.T.Context(), o.Reader.Caller, o.grant, 1, testimonytest.Whole)
	o.must(err)
	sent := make(chan error, 1)
	go func() { sent <- opening.Send(o.T.Context(), near, grant.OnTCP(near, func() error { return nil })) }()
	_, err = io.ReadFull(far, make([]byte, 10_000))
	o.must(err)
	return underWay{far, func() error { return <-sent }}
}
