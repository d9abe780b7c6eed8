package grant_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/closure"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// toDue passes the time up to a second before an answer to what ends today is
// late.
func toDue(w *testimonytest.World) {
	due := closure.DueAt(statement.DayOf(w.Clock.Now()), testimonytest.AnswerWithin)
	w.Clock.Forward(time.Duration(due-1-w.Clock.Now().Unix()) * time.Second)
}

// closureState is how the only ended grant of hers stands, by her list and by that of
// all she withdrew.
func closureState(t *testing.T, w *testimonytest.World, g id.ID) closure.State {
	t.Helper()
	list, err := w.Grants.ClosedGrant(t.Context(), w.Her.Caller, g)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %+v", err, list)
	}
	return list[0].State
}

// She sees each step of her reader's answer, and by whose word.
func TestSheSeesHowTheReaderAnswers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		g := w.Grant(tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))})
		if _, err := w.Read(w.Reader, g, 1); err != nil {
			t.Fatal(err)
		}
		w.Revoke(tid, g)
		for _, step := range []struct {
			say, reason string
			err         error
			want        closure.State
		}{
			{"", "", nil, closure.Notified},
			{statement.Acknowledged, "", nil, closure.Acknowledged},
			{statement.Acknowledged, "", closure.ErrReplied, closure.Acknowledged},
			{statement.Kept, "a court asked for it", nil, closure.Kept},
			{statement.Destroyed, "", nil, closure.Destroyed},
			{statement.Kept, "after all", closure.ErrReplied, closure.Destroyed},
		} {
			if step.say != "" {
				if err := w.Reply(w.Reader, g, step.say, step.reason); !errors.Is(err, step.err) {
					t.Errorf("%s: %v, want %v", step.say, err, step.err)
				}
			}
			if got := closureState(t, w, g); got != step.want {
				t.Errorf("after %q: %s, want %s", step.say, got, step.want)
			}
		}
		given, err := w.Grants.List(t.Context(), w.Her.Caller, tid, 0, 10)
		if err != nil || len(given) != 1 || len(given[0].Closures) != 1 {
			t.Fatalf("%v, %+v", err, given)
		}
		said, err := statement.Parse(given[0].Closures[0].Reply)
		if err != nil || said.Issuer != w.Reader.ID || said.Body.(*statement.Reply).Reply != statement.Destroyed {
			t.Errorf("by the reader's own word: %v, %+v", err, said)
		}
		told(t, w, tid, statement.Acknowledged, statement.Kept, statement.Destroyed)
	})
}

// told wants the reader's answers in her feed.
func told(t *testing.T, w *testimonytest.World, tid id.ID, want ...string) {
	t.Helper()
	events, _, err := w.Feed.Read(t.Context(), w.Her.ID, tid, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range events {
		if e.Kind == custody.Replied && e.Actor == w.Reader.ID {
			got = append(got, e.Detail)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("her feed tells of %v, want %v", got, want)
	}
}

// A reader who owes an answer at its second gets no new grant, from anybody, until
// the answer is there. What is owed depends on what was fetched.
func TestASilentReaderGetsNoNewGrants(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		world := testimonytest.New(t, db)
		for _, c := range []struct {
			name    string
			fetched bool
			say     string
			after   error
		}{
			{"nothing fetched, acknowledged", false, statement.Acknowledged, nil},
			{"fetched, acknowledged", true, statement.Acknowledged, grant.ErrSilent},
			{"fetched, destroyed", true, statement.Destroyed, nil},
			{"fetched, kept", true, statement.Kept, nil},
		} {
			w := *world
			w.Her = world.Enrolled(statement.Participant)
			w.Reader, w.Accreditation = world.Researcher()
			tid := w.Create(w.Her)
			part := sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))}
			g := w.Grant(tid, part)
			if c.fetched {
				if _, err := w.Read(w.Reader, g, 1); err != nil {
					t.Fatal(err)
				}
			}
			w.Withdraw(statement.Withdraw{})
			toDue(&w)
			if err := offer(&w, tid, part); err != nil {
				t.Errorf("%s: a second before: %v", c.name, err)
			}
			w.Clock.Forward(time.Second)
			if err := offer(&w, tid, part); !errors.Is(err, grant.ErrSilent) || closureState(t, &w, g) != closure.Silent {
				t.Errorf("%s: at its second: %v, %s", c.name, err, closureState(t, &w, g))
			}
			answer(t, &w, g, c.say)
			if err := offer(&w, tid, part); !errors.Is(err, c.after) {
				t.Errorf("%s: afterwards: %v, want %v", c.name, err, c.after)
			}
		}
	})
}

// offer tries a grant.
func offer(w *testimonytest.World, tid id.ID, parts sealedParts) error {
	body, headers := w.GrantBody(tid, parts)
	_, _, err := w.Grants.Grant(w.T.Context(), w.Her.Caller, tid, w.Her.Sign(body).Compact(), headers, nil)
	return err
}

func answer(t *testing.T, w *testimonytest.World, g id.ID, say string) {
	t.Helper()
	reason := ""
	if say == statement.Kept {
		reason = "a court asked for it"
	}
	if err := w.Reply(w.Reader, g, say, reason); err != nil {
		t.Fatal(err)
	}
}

// Nobody but the reader of an ended grant answers for it, and the refusal is the
// same whatever its reason.
func TestOnlyTheReaderAnswersAndOnlyToAnEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		part := sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))}
		live, ended := w.Grant(tid, part), w.Grant(tid, part)
		w.Revoke(tid, ended)
		other, _ := w.Researcher()
		for name, err := range map[string]error{
			"to a live grant":        w.Reply(w.Reader, live, statement.Destroyed, ""),
			"to no grant":            w.Reply(w.Reader, w.ID(), statement.Destroyed, ""),
			"by another reader":      w.Reply(other, ended, statement.Destroyed, ""),
			"by herself":             w.Reply(w.Her, ended, statement.Destroyed, ""),
			"of another's testimony": func() error { _, err := w.Grants.ClosedGrant(t.Context(), other.Caller, ended); return err }(),
			"of a live grant":        func() error { _, err := w.Grants.ClosedGrant(t.Context(), w.Her.Caller, live); return err }(),
		} {
			if !errors.Is(err, grant.ErrNotFound) {
				t.Errorf("%s: %v, want ErrNotFound", name, err)
			}
		}
		said := w.Reader.Sign(statement.Reply{Grant: ended, Reply: statement.Destroyed})
		if _, err := w.Grants.Reply(t.Context(), w.Reader.Caller, live, said.Compact(), nil); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("a reply to another grant: %v", err)
		}
	})
}

// The reader finds in one list what has ended, by her own signed word, what had
// been fetched and by when an answer is due; also where the testimony is erased,
// as far as something remains.
func TestTheReaderFindsWhatHasEnded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		kept, gone := w.Create(w.Her), w.Create(w.Her)
		one, two := w.Add(w.Her, kept, 1, []byte("one")), w.Add(w.Her, kept, 2, []byte("two"))
		g, e := w.Grant(kept, sealedParts{1: one, 2: two}), w.Grant(gone, sealedParts{1: w.Add(w.Her, gone, 1, []byte("three"))})
		if _, err := w.Read(w.Reader, g, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Read(w.Reader, e, 1); err != nil {
			t.Fatal(err)
		}
		w.Withdraw(statement.Withdraw{Testimony: kept, N: 1})
		w.Erase(gone)
		list, err := w.Grants.Endings(t.Context(), w.Reader.Caller, closure.Place{}, 10)
		if err != nil || len(list) != 2 {
			t.Fatalf("%v, %+v", err, list)
		}
		for _, o := range list {
			end, err := statement.Parse(o.Ended)
			if err != nil || end.Issuer != w.Her.ID || end.Hash() != o.EndedHash || len(o.Fetched) != 1 || !o.Fetched[0].Complete || !slices.Equal(o.Parts, []int64{1}) {
				t.Errorf("%v, %+v", err, o)
			}
			if (o.Statement == "") != (o.Grant == e) || o.StatementHash == [32]byte{} {
				t.Errorf("grant %s: statement %q", o.Grant, o.Statement)
			}
			if err := w.Reply(w.Reader, o.Grant, statement.Destroyed, ""); err != nil {
				t.Errorf("answering for %s: %v", o.Grant, err)
			}
		}
		all, err := w.Grants.Closed(t.Context(), w.Her.Caller, closure.Place{}, 10)
		if err != nil || len(all) != 2 || all[0].Grant != g || all[1].Grant != e || all[1].State != closure.Destroyed {
			t.Errorf("%v, %+v", err, all)
		}
	})
}

// Lists come in pages that miss nothing and repeat nothing.
func TestListsOfWhatEndedComeInPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newShared(testimonytest.New(t, db))
		s.Withdraw(statement.Withdraw{Testimony: s.t[0], N: 2})
		s.Withdraw(statement.Withdraw{})
		seen, place := map[string]int{}, closure.Place{}
		for range 10 {
			page, err := s.Grants.Closed(t.Context(), s.Her.Caller, place, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			place = closure.Place{Seq: page[0].Seq, Grant: page[0].Grant}
			seen["hers"]++
		}
		place = closure.Place{}
		for range 10 {
			page, err := s.Grants.Endings(t.Context(), s.reader[0].Caller, place, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			place = closure.Place{Seq: page[0].Seq, Grant: page[0].Grant}
			seen["the reader's"]++
		}
		if seen["hers"] != 6 || seen["the reader's"] != 3 {
			t.Errorf("%v, want 6 and 3", seen)
		}
	})
}

// The receipt says what ended and all that had left, in the same bytes whenever
// she asks, until the payload goes.
func TestTheRevocationReceiptStaysTheSameUntilThePayloadGoes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		one := w.Add(w.Her, tid, 1, []byte("one"))
		g := w.Grant(tid, sealedParts{1: one, 2: w.Add(w.Her, tid, 2, []byte("two"))})
		file, err := w.Read(w.Reader, g, 1)
		if err != nil {
			t.Fatal(err)
		}
		day := statement.DayOf(w.Clock.Now())
		w.Withdraw(statement.Withdraw{Grantee: w.Reader.ID})
		first := receipt(t, w, g)
		said := revocation(t, w, first)
		ended := w.Chain(w.Her).Head.Hash
		if said.Statement != statement.B64(ended[:]) || said.Account != w.Her.ID || said.Testimony != tid || said.Grant != g || said.Grantee != w.Reader.ID || said.Day != day {
			t.Errorf("%+v", said)
		}
		if f := said.Fetched; len(f) != 1 || f[0].N != 1 || f[0].Bytes != int64(len(file)) || !f[0].Complete {
			t.Errorf("fetched %+v", f)
		}
		w.Clock.Forward(30 * 24 * time.Hour)
		answer(t, w, g, statement.Destroyed)
		if receipt(t, w, g) != first {
			t.Error("asked again it is another one")
		}
		payloads(t, w, g, statement.PayloadStored, statement.PayloadStored)
		anew := w.Seal([]byte("one"), w.Her.Recipient)
		w.Upload(w.Her, tid, 1, anew)
		w.Relock(tid, 1, one, anew)
		payloads(t, w, g, statement.PayloadRelocked, statement.PayloadStored)
		w.Erase(tid)
		payloads(t, w, g, statement.PayloadErased, statement.PayloadErased)
	})
}

func receipt(t *testing.T, w *testimonytest.World, g id.ID) string {
	t.Helper()
	list, err := w.Grants.ClosedGrant(t.Context(), w.Her.Caller, g)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %+v", err, list)
	}
	return list[0].Receipt
}

// payloads wants the receipt to say what became of each part.
func payloads(t *testing.T, w *testimonytest.World, g id.ID, want ...statement.Payload) {
	t.Helper()
	for i, p := range revocation(t, w, receipt(t, w, g)).Parts {
		if p.N != int64(i+1) || p.Payload != want[i] {
			t.Errorf("part %d is %s, want %s", p.N, p.Payload, want[i])
		}
	}
}
