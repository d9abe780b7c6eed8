package grant_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/closure"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

func (s *shared) note(p *accounttest.Person, text string) []byte {
	s.T.Helper()
	to, _, err := envelope.ParseRecipient(p.Recipient)
	if err != nil {
		s.T.Fatal(err)
	}
	sealed, err := envelope.SealNote(text, to, rand.Reader)
	if err != nil {
		s.T.Fatal(err)
	}
	return sealed
}

func (s *shared) keep(g id.ID, n int64, sealed []byte) {
	s.T.Helper()
	if err := s.Grants.SetNote(s.T.Context(), s.reader[0].Caller, g, grant.Note{N: n, Sealed: sealed}); err != nil {
		s.T.Fatal(err)
	}
}

// A note is kept for its reader and for nobody else, in one place a part, and what is no
// note is refused.
func TestANoteIsItsReadersAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newShared(testimonytest.New(t, db))
		ctx, g, me := t.Context(), s.grant[0][0], s.reader[0].Caller
		s.keep(g, 1, s.note(s.reader[0], "first"))
		second := s.note(s.reader[0], "second")
		s.keep(g, 1, second)
		list, err := s.Grants.Notes(ctx, me, g)
		if err != nil || len(list) != 1 || !bytes.Equal(list[0].Sealed, second) {
			t.Errorf("%d notes, %v", len(list), err)
		}
		for name, err := range map[string]error{
			"another reader's":   s.Grants.SetNote(ctx, s.reader[1].Caller, g, grant.Note{N: 1, Sealed: second}),
			"hers":               s.Grants.SetNote(ctx, s.Her.Caller, g, grant.Note{N: 1, Sealed: second}),
			"a part not granted": s.Grants.SetNote(ctx, me, g, grant.Note{N: 9, Sealed: second}),
			"no grant":           s.Grants.SetNote(ctx, me, s.ID(), grant.Note{N: 1, Sealed: second}),
		} {
			if !errors.Is(err, grant.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, bad := range [][]byte{second[1:], append(bytes.Clone(second), 0), make([]byte, len(second)), []byte("plain words")} {
			if err := s.Grants.SetNote(ctx, me, g, grant.Note{N: 1, Sealed: bad}); !errors.Is(err, statement.ErrRefused) {
				t.Errorf("%d bytes that are no note: %v", len(bad), err)
			}
		}
		if _, err := s.Grants.Notes(ctx, s.reader[1].Caller, g); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("another reader reads: %v", err)
		}
		s.keep(g, 1, nil)
		if list, err = s.Grants.Notes(ctx, me, g); err != nil || len(list) != 0 {
			t.Errorf("after it was destroyed: %d, %v", len(list), err)
		}
	})
}

// Whatever of hers ends a reader's header ends the notes about it in the same moment, in
// the table too, and both are told that there were some.
func TestNotesEndWithWhatTheyAreAbout(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		for name, c := range map[string]struct {
			end   func(s *shared)
			left  int
			notes int64
		}{
			"a part":     {func(s *shared) { s.Withdraw(statement.Withdraw{Testimony: s.t[0], N: 2}) }, 1, 1},
			"a revoke":   {func(s *shared) { s.Revoke(s.t[0], s.grant[0][0]) }, 0, 2},
			"everything": {func(s *shared) { s.Withdraw(statement.Withdraw{}) }, 0, 2},
			"an erasure": {func(s *shared) { s.Erase(s.t[0]) }, 0, 2},
		} {
			s := newShared(w)
			g := s.grant[0][0]
			for n := int64(1); n <= 2; n++ {
				s.keep(g, n, s.note(s.reader[0], "she says it twice"))
			}
			c.end(s)
			if n := s.count(string(g)); n != c.left {
				t.Errorf("%s: %d notes are left", name, n)
			}
			if c.left == 0 {
				if _, err := s.Grants.Notes(t.Context(), s.reader[0].Caller, g); !errors.Is(err, grant.ErrNotFound) {
					t.Errorf("%s: notes are served: %v", name, err)
				}
			}
			over, err := s.Grants.Endings(t.Context(), s.reader[0].Caller, closure.Place{}, 100)
			if err != nil || noted(over, g) != c.notes {
				t.Errorf("%s: the reader is told of %d notes, %v", name, noted(over, g), err)
			}
			hers, err := s.Grants.ClosedGrant(t.Context(), s.Her.Caller, g)
			if err != nil || len(hers) != 1 || hers[0].Notes != c.notes {
				t.Errorf("%s: she is told %+v, %v", name, hers, err)
			}
		}
	})
}

func noted(over []grant.Over, g id.ID) (n int64) {
	for _, o := range over {
		if o.Grant == g {
			n += o.Notes
		}
	}
	return n
}

func (s *shared) count(g string) (n int) {
	s.T.Helper()
	s.View(func(ctx context.Context, tx store.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM grant_parts WHERE note IS NOT NULL AND grant_id = $1", g).Scan(&n)
	})
	return n
}

// She is told that she was heard by who has opened something, once, in words that are
// fixed, and by nobody else.
func TestSheIsToldThatSheWasHeardByWhoHasRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newShared(testimonytest.New(t, db))
		g := s.grant[0][0]
		hear := func(p *accounttest.Person, g id.ID, word string) error {
			body := statement.Reply{Grant: g, Reply: word}
			_, err := s.Grants.Hear(t.Context(), p.Caller, g, p.Sign(body).Compact(), nil)
			return err
		}
		if err := hear(s.reader[0], g, statement.Heard); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("who has read nothing: %v", err)
		}
		if _, err := s.Read(s.reader[0], g, 1); err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{
			"another reader": hear(s.reader[1], g, statement.Heard), "she herself": hear(s.Her, g, statement.Heard), "no grant": hear(s.reader[0], s.ID(), statement.Heard),
		} {
			if !errors.Is(err, grant.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := hear(s.reader[0], g, statement.Acknowledged); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("an answer to an ending: %v", err)
		}
		if err := s.Reply(s.reader[0], g, statement.Heard, ""); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("as the answer to an ending: %v", err)
		}
		if err := hear(s.reader[0], g, statement.WithCare); err != nil {
			t.Fatal(err)
		}
		if err := hear(s.reader[0], g, statement.Heard); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("a second time: %v", err)
		}
		told(t, s.World, s.t[0], statement.WithCare)
	})
}
