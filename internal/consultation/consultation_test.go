package consultation_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/consultation"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/traytest"
)

type world struct {
	*traytest.World
	calls *consultation.Consultations
	name  id.ID
	code  string
}

func each(t *testing.T, do func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{World: traytest.New(t, db)}
		w.calls = &consultation.Consultations{DB: db, Ledger: w.Ledger, Now: w.Clock.Now, Rand: rand.Reader, Partners: consultation.Partners{
			Live: w.Trays.Partners.Live, Collection: w.Trays.Partners.Collection, Counted: w.Trays.Calls, Officer: func(_ context.Context, _ store.Tx, who id.Thumbprint) (id.ID, error) {
				if who != w.Reader.ID { // whoever she is, she is the officer here
					return "", consultation.ErrNotFound
				}
				return w.By.Partner, nil
			}}}
		w.Trays.Partners.Consultation = w.calls.Takes
		w.Vault.Forget = append([]testimony.Forget{w.calls.Forget}, w.Vault.Forget...)
		w.Trays.Limits.Items = 1000
		w.name, w.code = w.ID(), w.Open(w.Her).Code
		_, err := w.calls.Register(t.Context(), consultation.Consultation{ID: w.name, Partner: w.By.Partner, Until: w.day(60), Document: document(t)}, nil)
		w.Must(err)
		do(t, w)
	})
}

func (w *world) day(n int64) int64 { return statement.DayOf(w.Clock.Now()) + n*statement.Day }

func call() statement.Call {
	return statement.Call{
		Names:    []statement.CallText{{Language: "ar", Text: "ما الأمان؟"}, {Language: "en", Text: "What is security?"}},
		Prompts:  []statement.CallPrompts{{Language: "ar", Texts: []string{"احكي ما تريدين"}}, {Language: "en", Texts: []string{"Tell what you want to tell"}}},
		Purposes: []statement.Purpose{"BeingHeard"}, Terms: statement.CallTerms{Attribution: statement.ChathamHouse, Access: statement.View, Days: 365},
		Support: []statement.CallText{{Language: "ar", Text: "خط الدعم"}, {Language: "en", Text: "A helpline"}},
	}
}

func document(t testing.TB) []byte {
	t.Helper()
	c := call()
	b, err := c.Document()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bring brings so many items that belong to the call.
func (w *world) bring(n int) {
	w.T.Helper()
	for range n {
		i := w.Seal(w.code, []byte("x"), w.Her)
		i.Said.Consultation = w.name
		i.Note = w.Sign(i.Said)
		w.Must(w.Put(i))
	}
}

func (w *world) counts() consultation.Counts {
	w.T.Helper()
	out, err := w.calls.Counts(w.T.Context(), w.name)
	w.Must(err)
	return out
}

// Asking again and again averages nothing out, and asking before and after somebody's
// act shows nothing of it: one draw stands until ten acts lie behind it, and a day.
func TestAskingAgainGainsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.bring(9)
		if c := w.counts(); c != (consultation.Counts{}) {
			t.Errorf("of nine it says %+v", c)
		}
		w.bring(16)
		first := w.counts()
		for range 200 {
			if c := w.counts(); c != first {
				t.Fatalf("%+v, and then %+v", first, c)
			}
		}
		for range 9 { // one act at a time, on a day of its own
			w.Clock.Forward(traytest.Day)
			w.bring(1)
			if c := w.counts(); c != first {
				t.Fatalf("an act shows: %+v, and then %+v", first, c)
			}
		}
		w.bring(1)
		now := w.counts()
		if now.Day <= first.Day || now.Brought%10 != 0 || now.Taken != 0 {
			t.Errorf("after ten acts: %+v", now)
		}
		w.bring(20) // on the same day
		if c := w.counts(); c != now {
			t.Errorf("twice on a day: %+v, and then %+v", now, c)
		}
	})
}

// Of whatever sequence of counts, two draws lie ten acts and a day apart, and less
// than ten is never said.
func FuzzDrawsLieApart(f *testing.F) {
	f.Add([]byte{1, 9, 0, 12, 3, 250})
	f.Fuzz(func(t *testing.T, moves []byte) {
		base, day, count := int64(0), int64(0), int64(0)
		for i, m := range moves {
			count = max(0, count+int64(int8(m)))
			today := int64(1 + i/3)
			if !consultation.Due(base, day, count, today) {
				continue
			}
			if moved := max(count-base, base-count); moved < consultation.K || today <= day {
				t.Fatalf("drawn after %d acts, on day %d behind %d", moved, today, day)
			}
			base, day = count, today
			if n := consultation.Rounded(count); n != 0 && (n < consultation.K || n%10 != 0) {
				t.Fatalf("it says %d", n)
			}
		}
	})
}

// Something belongs to a call of its own partner while it is open, and to no other.
func TestWhatBelongsToACall(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		wrong := w.Seal(w.code, []byte("x"), w.Her)
		wrong.Said.Consultation = w.ID()
		wrong.Note = w.Sign(wrong.Said)
		if err := w.Put(wrong); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("a call that is not there: %v", err)
		}
		w.bring(1)
		w.Halted[w.By.Partner] = true
		if _, err := w.calls.Read(t.Context(), w.name); !errors.Is(err, tray.ErrNotFound) {
			t.Errorf("of a halted partner: %v", err)
		}
		delete(w.Halted, w.By.Partner)
		err := w.DB.View(t.Context(), func(ctx context.Context, tx store.Tx) error { return w.calls.Takes(ctx, tx, w.ID(), w.name) })
		if !errors.Is(err, consultation.ErrNotFound) {
			t.Errorf("another partner's: %v", err)
		}
		w.Clock.Forward(61 * traytest.Day)
		err = w.DB.View(t.Context(), func(ctx context.Context, tx store.Tx) error {
			return w.calls.Takes(ctx, tx, w.By.Partner, w.name)
		})
		if !errors.Is(err, consultation.ErrNotFound) {
			t.Errorf("when it is over: %v", err)
		}
	})
}

// An officer signs for exactly the document that is stored; whoever is none, and
// whatever is no call, is refused.
func TestAnOfficerOpensACall(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		text := document(t)
		sum := sha256.Sum256(text)
		body := statement.Consultation{Partner: w.By.Partner, Consultation: w.ID(), DocumentSHA256: statement.B64(sum[:]), Until: w.day(30)}
		if _, err := w.calls.Open(t.Context(), w.Her.Caller, w.Her.Sign(body).Compact(), text, nil); !errors.Is(err, consultation.ErrNotFound) {
			t.Errorf("no officer: %v", err)
		}
		if _, err := w.calls.Open(t.Context(), w.Reader.Caller, w.Reader.Sign(body).Compact(), append(text, ' '), nil); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("another document: %v", err)
		}
		if _, err := w.calls.Open(t.Context(), w.Reader.Caller, w.Reader.Sign(body).Compact(), text, nil); err != nil {
			t.Fatal(err)
		}
		got, err := w.calls.Read(t.Context(), body.Consultation)
		if err != nil || string(got.Document) != string(text) || got.Statement == "" {
			t.Errorf("%+v, %v", got, err)
		}
		bad := call()
		bad.Support = bad.Support[:1]
		if _, err := bad.Document(); err == nil {
			t.Error("a call without support in a language was written")
		}
	})
}
