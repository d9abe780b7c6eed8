package grant_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/closure"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// shared is two testimonies of two parts, all of it granted to two readers.
type shared struct {
	*testimonytest.World
	t      [2]id.ID
	reader [2]*accounttest.Person
	grant  [2][2]id.ID // by testimony, by reader
	parts  [2]sealedParts
}

// newShared has a woman of its own in the world.
func newShared(w *testimonytest.World) *shared {
	own := *w
	own.Her = w.Enrolled(statement.Participant)
	s := &shared{World: &own}
	second, accreditation := s.Researcher()
	first := s.World.Reader
	s.reader = [2]*accounttest.Person{first, second}
	for i := range s.t {
		s.t[i] = s.Create(s.Her)
		parts := sealedParts{1: s.Add(s.Her, s.t[i], 1, []byte("one")), 2: s.Add(s.Her, s.t[i], 2, []byte("two"))}
		s.parts[i] = parts
		s.grant[i][0] = s.World.Grant(s.t[i], parts)
		was := s.Accreditation
		s.World.Reader, s.Accreditation = second, accreditation
		s.grant[i][1] = s.World.Grant(s.t[i], parts)
		s.World.Reader, s.Accreditation = first, was
	}
	return s
}

// open lists what can be opened, as testimony, reader, part.
func (s *shared) open() []string {
	var out []string
	for i := range s.t {
		for j, r := range s.reader {
			for n := int64(1); n <= 2; n++ {
				if _, err := s.Read(r, s.grant[i][j], n); err == nil {
					out = append(out, string([]byte{'0' + byte(i), '0' + byte(j), '0' + byte(n)}))
				} else if !errors.Is(err, grant.ErrNotFound) {
					s.T.Fatal(err)
				}
			}
		}
	}
	return out
}

// What she withdraws ends, whatever else stands goes on: a part, a testimony, a
// reader, a reader on one testimony, everything.
func TestWithdrawingEndsExactlyWhatItNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		for name, c := range map[string]struct {
			body  func(s *shared) statement.Withdraw
			ended int64
			left  []string
		}{
			"everything": {func(*shared) statement.Withdraw { return statement.Withdraw{} }, 4, nil},
			"a testimony": {func(s *shared) statement.Withdraw { return statement.Withdraw{Testimony: s.t[0]} }, 2,
				[]string{"101", "102", "111", "112"}},
			"a reader": {func(s *shared) statement.Withdraw { return statement.Withdraw{Grantee: s.reader[1].ID} }, 2,
				[]string{"001", "002", "101", "102"}},
			"a reader on a testimony": {func(s *shared) statement.Withdraw {
				return statement.Withdraw{Testimony: s.t[1], Grantee: s.reader[0].ID}
			}, 1,
				[]string{"001", "002", "011", "012", "111", "112"}},
			"a part": {func(s *shared) statement.Withdraw { return statement.Withdraw{Testimony: s.t[0], N: 2} }, 2,
				[]string{"001", "011", "101", "102", "111", "112"}},
			"a part of a reader": {func(s *shared) statement.Withdraw {
				return statement.Withdraw{Testimony: s.t[0], N: 2, Grantee: s.reader[0].ID}
			}, 1,
				[]string{"001", "011", "012", "101", "102", "111", "112"}},
			"a reader who has nothing": {func(s *shared) statement.Withdraw { return statement.Withdraw{Grantee: s.Her.ID} }, 0,
				[]string{"001", "002", "011", "012", "101", "102", "111", "112"}},
		} {
			s := newShared(w)
			body := c.body(s)
			if n := s.Withdraw(body); n != c.ended {
				t.Errorf("%s: %d grants, want %d", name, n, c.ended)
			}
			if got := s.open(); !slices.Equal(got, c.left) {
				t.Errorf("%s: open are %v, want %v", name, got, c.left)
			}
			if n := s.Withdraw(body); n != 0 {
				t.Errorf("%s, again: %d grants", name, n)
			}
			s.agrees()
		}
	})
}

// agrees compares what her statements add up to with what the vault lists.
func (s *shared) agrees() {
	book, err := s.Chain(s.Her).Book()
	if err != nil {
		s.T.Fatal(err)
	}
	for i := range s.t {
		list, err := s.Grants.List(s.T.Context(), s.Her.Caller, s.t[i], 0, 10)
		if err != nil || len(list) != 2 {
			s.T.Fatalf("%v, %d", err, len(list))
		}
		for _, g := range list {
			hers := book.Testimonies[s.t[i]].Grants[g.ID]
			if hers.Revoked != (g.State == release.Revoked) {
				s.T.Errorf("grant %s: she says ended %v, the vault says %s", g.ID, hers.Revoked, g.State)
			}
		}
	}
}

// When the last part is withdrawn the grant ends, and makes room for another.
func TestAGrantEndsWithItsLastPart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newShared(testimonytest.New(t, db))
		s.World.Grants.PerTestimony = 2
		s.Withdraw(statement.Withdraw{Testimony: s.t[0], N: 1})
		body, headers := s.GrantBody(s.t[0], sealedParts{3: s.Add(s.Her, s.t[0], 3, []byte("three"))})
		if _, _, err := s.Grants.Grant(t.Context(), s.Her.Caller, s.t[0], s.Her.Sign(body).Compact(), headers, nil); !errors.Is(err, grant.ErrLimit) {
			t.Fatalf("with two grants that stand: %v", err)
		}
		s.Withdraw(statement.Withdraw{Testimony: s.t[0], N: 2, Grantee: s.reader[1].ID})
		s.agrees()
		if _, _, err := s.Grants.Grant(t.Context(), s.Her.Caller, s.t[0], s.Her.Sign(body).Compact(), headers, nil); err != nil {
			t.Errorf("with one: %v", err)
		}
		list, err := s.Grants.ClosedGrant(t.Context(), s.Her.Caller, s.grant[0][1])
		if err != nil || len(list) != 2 || !slices.Equal(list[0].Parts, []int64{1}) || !slices.Equal(list[1].Parts, []int64{2}) {
			t.Errorf("%v, %+v", err, list)
		}
	})
}

// A part that was withdrawn is not carried over when it is sealed anew.
func TestARelockDoesNotBringAWithdrawnPartBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newShared(testimonytest.New(t, db))
		s.Withdraw(statement.Withdraw{Testimony: s.t[0], N: 1})
		anew := s.Seal([]byte("one"), s.Her.Recipient)
		s.Upload(s.Her, s.t[0], 1, anew)
		s.Relock(s.t[0], 1, s.parts[0][1], anew)
		want := []string{"002", "012", "101", "102", "111", "112"}
		if got := s.open(); !slices.Equal(got, want) {
			t.Errorf("open are %v, want %v", got, want)
		}
	})
}

// What a restore has ended again, without the statement that it lost, is still
// hers to end: then there is a receipt, and the reader owes an answer.
func TestWhatARestoreEndedCanBeWithdrawn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newShared(testimonytest.New(t, db))
		s.World.Grants.PerTestimony = 2
		restored := func(sql string, grant id.ID) {
			t.Helper()
			err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				_, err := tx.ExecContext(ctx, sql, string(grant))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		restored("UPDATE grants SET revoked_day = 86400 WHERE id = $1", s.grant[0][0])
		restored("UPDATE testimonies SET grants = grants - 1 WHERE id = (SELECT testimony FROM grants WHERE id = $1)", s.grant[0][0])
		restored("UPDATE grant_parts SET header = NULL WHERE n = 2 AND grant_id = $1", s.grant[1][1])
		if n := s.Withdraw(statement.Withdraw{}); n != 4 {
			t.Errorf("%d grants, want 4", n)
		}
		for i := range s.t {
			for j := range s.reader {
				if got := revocation(t, s.World, receipt(t, s.World, s.grant[i][j])); len(got.Parts) != 2 {
					t.Errorf("%+v", got)
				}
			}
			body, headers := s.GrantBody(s.t[i], sealedParts{1: s.parts[i][1]})
			for want := range 3 {
				_, _, err := s.Grants.Grant(t.Context(), s.Her.Caller, s.t[i], s.Her.Sign(body).Compact(), headers, nil)
				if errors.Is(err, grant.ErrLimit) != (want == 2) {
					t.Errorf("testimony %d, grant %d of 2: %v", i, want+1, err)
				}
			}
		}
	})
}

// What is not hers to withdraw is not there; what does not follow her chain is
// told where it stands, and changes nothing.
func TestOnlySheWithdraws(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newShared(testimonytest.New(t, db))
		other := s.Enrolled(statement.Participant)
		theirs := other.Sign(statement.Withdraw{Testimony: s.t[0]})
		if _, err := s.Grants.Withdraw(t.Context(), other.Caller, theirs.Compact(), nil); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("another's testimony: %v", err)
		}
		if out, err := s.Grants.Withdraw(t.Context(), other.Caller, other.Sign(statement.Withdraw{}).Compact(), nil); err != nil || out.Grants != 0 {
			t.Errorf("everything of somebody else's: %v, %d", err, out.Grants)
		}
		if _, err := s.Grants.Withdraw(t.Context(), other.Caller, s.Her.Sign(statement.Withdraw{}).Compact(), nil); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("her statement sent by another: %v", err)
		}
		var order *ledger.OutOfOrder
		late := s.Her.SignAt(statement.Head{Seq: 1, Hash: s.Her.Statement(1).Hash()}, statement.Withdraw{})
		if _, err := s.Grants.Withdraw(t.Context(), s.Her.Caller, late.Compact(), nil); !errors.As(err, &order) {
			t.Errorf("out of order: %v", err)
		}
		if got := s.open(); len(got) != 8 {
			t.Errorf("open are %v", got)
		}
	})
}

// Her feed says of each grant that it ended, and of a part which one.
func TestTheFeedTellsOfEachWithdrawnGrant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newShared(testimonytest.New(t, db))
		s.Withdraw(statement.Withdraw{Testimony: s.t[0], N: 2})
		s.Withdraw(statement.Withdraw{})
		for i := range s.t {
			events, _, err := s.Feed.Read(t.Context(), s.Her.ID, s.t[i], 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			told := map[id.ID][]int64{}
			for _, e := range events {
				if e.Kind == custody.Revoked {
					told[e.Grant] = append(told[e.Grant], e.N)
				}
			}
			want := [][]int64{{2, 0}, {0}}[i]
			for j := range s.reader {
				if !slices.Equal(told[s.grant[i][j]], want) {
					t.Errorf("testimony %d, reader %d: told of %v, want %v", i, j, told[s.grant[i][j]], want)
				}
			}
		}
	})
}

// A grant that races with the withdrawal of everything has its place in her chain
// before it, and ends, or after it, and was not part of everything yet.
func TestEverythingHoldsForGrantsThatRaceWithIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		body, headers := w.GrantBody(tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))})
		for range 10 {
			head := w.ChainHead(w.Her)
			given, all := w.Her.SignAt(head, body), w.Her.SignAt(head, statement.Withdraw{})
			var granted, withdrawn error
			var wait sync.WaitGroup
			wait.Go(func() {
				_, _, granted = w.Grants.Grant(t.Context(), w.Her.Caller, tid, given.Compact(), headers, nil)
			})
			wait.Go(func() { _, withdrawn = w.Grants.Withdraw(t.Context(), w.Her.Caller, all.Compact(), nil) })
			wait.Wait()
			if (granted == nil) == (withdrawn == nil) {
				t.Fatalf("for one place: grant %v, withdrawal %v", granted, withdrawn)
			}
			if withdrawn != nil {
				w.Withdraw(statement.Withdraw{})
			}
			if _, err := w.Read(w.Reader, given.ID, 1); !errors.Is(err, grant.ErrNotFound) {
				t.Fatalf("after everything was withdrawn: %v", err)
			}
		}
	})
}

// An opening that races with a withdrawal is in the receipt, or is refused: what
// she is told when it has returned is all that ever left.
func TestWhatRacesWithAWithdrawalIsInItsReceipt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		parts := sealedParts{1: w.Add(w.Her, tid, 1, []byte("one")), 2: w.Add(w.Her, tid, 2, []byte("two"))}
		for round := range 20 {
			g, body := w.Grant(tid, parts), statement.Withdraw{Testimony: tid, N: int64(round % 2)}
			said := w.Her.Sign(body).Compact()
			var read, withdrawn error
			var told []grant.Closed
			var wait sync.WaitGroup
			wait.Go(func() { _, read = w.Read(w.Reader, g, 1) })
			wait.Go(func() {
				if _, withdrawn = w.Grants.Withdraw(t.Context(), w.Her.Caller, said, nil); withdrawn == nil {
					told, withdrawn = w.Grants.ClosedGrant(t.Context(), w.Her.Caller, g)
				}
			})
			wait.Wait()
			if withdrawn != nil || read != nil && !errors.Is(read, grant.ErrNotFound) && !errors.Is(read, grant.ErrCut) {
				t.Fatalf("withdrawal: %v, opening: %v", withdrawn, read)
			}
			after := receipt(t, w, g)
			if told[0].Receipt != after || errors.Is(read, grant.ErrNotFound) != (len(revocation(t, w, after).Fetched) == 0) {
				t.Errorf("opened %v: told %+v, afterwards %+v", read, revocation(t, w, told[0].Receipt), revocation(t, w, after))
			}
		}
	})
}

// A slow reader in the middle of a large part is cut, whichever way it ended.
func TestWithdrawingCutsStreamsUnderWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		for name, body := range map[string]func(id.ID) statement.Withdraw{
			"everything": func(id.ID) statement.Withdraw { return statement.Withdraw{} },
			"a part":     func(tid id.ID) statement.Withdraw { return statement.Withdraw{Testimony: tid, N: 1} },
		} {
			tid := w.Create(w.Her)
			g := w.Grant(tid, sealedParts{1: w.Add(w.Her, tid, 1, bytes.Repeat([]byte("large "), 4<<20)), 3: w.Add(w.Her, tid, 3, []byte("more"))})
			sent, far := slow(t, w, g)
			w.Withdraw(body(tid))
			if err := <-sent; !errors.Is(err, grant.ErrCut) {
				t.Errorf("%s: the stream ended with %v, want ErrCut", name, err)
			}
			list, err := w.Grants.ClosedGrant(t.Context(), w.Her.Caller, g)
			if err != nil || len(list) != 1 || list[0].State != closure.Notified {
				t.Fatalf("%s: %v, %+v", name, err, list)
			}
			saysAll(t, w, far, list[0].Receipt)
		}
	})
}

// slow streams part 1 of a grant to a reader who stands still after a while.
func slow(t *testing.T, w *testimonytest.World, g id.ID) (<-chan error, *net.TCPConn) {
	t.Helper()
	near, far := tcpPair(t)
	o, err := w.Grants.Open(t.Context(), w.Reader.Caller, g, 1, testimonytest.Whole)
	if err != nil {
		t.Fatal(err)
	}
	sent := make(chan error, 1)
	go func() { sent <- o.Send(t.Context(), near, grant.OnTCP(near, func() error { return nil })) }()
	if _, err := io.ReadFull(far, make([]byte, begun)); err != nil {
		t.Fatal(err)
	}
	return sent, far
}

const begun = 10_000

// saysAll wants every byte that arrived to be in the receipt.
func saysAll(t *testing.T, w *testimonytest.World, far io.Reader, receipt string) {
	t.Helper()
	rest, err := io.Copy(io.Discard, far)
	if err == nil {
		t.Errorf("the connection ended in order after %d bytes more, want a reset", rest)
	}
	r := revocation(t, w, receipt)
	if len(r.Fetched) != 1 || r.Fetched[0].Complete || r.Fetched[0].Bytes < begun+rest {
		t.Errorf("%d bytes arrived, the receipt says %+v", begun+rest, r.Fetched)
	}
}

// revocation verifies a receipt as anybody can who has the vault's public key.
func revocation(t *testing.T, w *testimonytest.World, receipt string) *statement.Revocation {
	t.Helper()
	key := w.Ledger.ReceiptKey().Public().(ed25519.PublicKey)
	r, err := statement.ParseRevocation(receipt, key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
