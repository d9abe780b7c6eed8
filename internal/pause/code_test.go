package pause_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/notice"
	"github.com/relatingfield/vault/internal/pause"
	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

func newCode(t *testing.T) (code, hash string) {
	t.Helper()
	code, err := phrase.NewCode(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sum := phrase.CodeSHA256(code)
	return code, statement.B64(sum[:])
}

// Whoever has her code can pause everything of hers, and nothing of others, as
// often as needed, until she ends the code.
func TestACodePausesEverythingAndNothingElse(t *testing.T) {
	each(t, func(w *world) {
		code, hash := newCode(t)
		w.code(w.Her, hash)
		other := w.Enrolled(statement.Participant)
		for range 2 {
			w.knock(code)
			w.reads(false, false)
			if s := w.standing(w.Her.Caller); !s.Code || !reflect.DeepEqual(s.Pauses, []pause.Paused{{ByCode: true}}) {
				t.Errorf("standing %+v", s)
			}
			w.lift("")
			w.reads(true, true)
		}
		if s := w.standing(other.Caller); len(s.Pauses)+len(s.Notices) != 0 {
			t.Errorf("another woman has %+v", s)
		}
		want := map[notice.Kind]int64{notice.PausedByCode: 2, notice.Lifted: 2}
		if got := kinds(w.standing(w.Her.Caller).Notices); !reflect.DeepEqual(got, want) {
			t.Errorf("notices %v, want %v", got, want)
		}
	})
}

// It is typed in the numerals of whoever has it.
func TestACodeIsTypedInAnyNumerals(t *testing.T) {
	each(t, func(w *world) {
		code, hash := newCode(t)
		w.code(w.Her, hash)
		arabic := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return '٠' + r - '0'
			}
			return r
		}, code)
		w.knock("\u2067" + strings.ReplaceAll(arabic, " ", " – "))
		w.reads(false, false)
	})
}

// A code that she replaced or ended is worth nothing, and so is what never was one.
func TestAnOldCodeIsWorthless(t *testing.T) {
	each(t, func(w *world) {
		first, hash := newCode(t)
		second, hash2 := newCode(t)
		w.code(w.Her, hash)
		w.code(w.Her, hash2)
		for _, bad := range []string{first, "", "0", "x", strings.Repeat("9", 5000), second[:len(second)-1], "\xff\xfe"} {
			w.knock(bad)
		}
		w.reads(true, true)
		w.code(w.Her, "")
		w.knock(second)
		w.reads(true, true)
		if s := w.standing(w.Her.Caller); s.Code || len(s.Pauses)+len(s.Notices) != 0 {
			t.Errorf("standing %+v", s)
		}
	})
}

// Two who happen to have set the same code are both paused, and neither learns of
// the other.
func TestOneCodeOfTwoAccounts(t *testing.T) {
	each(t, func(w *world) {
		code, hash := newCode(t)
		other := w.Enrolled(statement.Participant)
		w.code(w.Her, hash)
		w.code(other, hash)
		w.knock(code)
		w.reads(false, false)
		if s := w.standing(other.Caller); len(s.Pauses) != 1 {
			t.Errorf("standing %+v", s)
		}
	})
}

// A pause that she made herself stays hers, and she learns that the code was used.
func TestACodeUsedWhileSheHasPaused(t *testing.T) {
	each(t, func(w *world) {
		code, hash := newCode(t)
		w.code(w.Her, hash)
		w.pause("")
		w.knock(code)
		s := w.standing(w.Her.Caller)
		if !reflect.DeepEqual(s.Pauses, []pause.Paused{{}}) || kinds(s.Notices)[notice.PausedByCode] != 1 {
			t.Errorf("standing %+v", s)
		}
		w.lift("")
		w.reads(true, true)
	})
}

// counting is a transaction that counts what is done in it.
type counting struct {
	store.Tx
	writes, reads int
}

func (c *counting) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	c.writes++
	return c.Tx.ExecContext(ctx, query, args...)
}

func (c *counting) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c.reads++
	return c.Tx.QueryContext(ctx, query, args...)
}

func (c *counting) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	c.reads++
	return c.Tx.QueryRowContext(ctx, query, args...)
}

// Right, wrong, malformed and repeated codes are the same work before the answer:
// one write of 32 bytes into one table, and nothing of hers is read.
func TestEveryCodeIsTheSameWork(t *testing.T) {
	each(t, func(w *world) {
		code, hash := newCode(t)
		wrong, _ := newCode(t)
		w.code(w.Her, hash)
		for _, c := range []string{code, code, wrong, wrong, "", "malformed", strings.Repeat("9", 900)} {
			w.must(w.DB.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				count := &counting{Tx: tx}
				err := pause.Hear(ctx, count, c)
				if count.writes != 1 || count.reads != 0 {
					t.Errorf("the code %q took %d writes and %d reads", c, count.writes, count.reads)
				}
				return err
			}))
		}
		if s := w.standing(w.Her.Caller); len(s.Pauses)+len(s.Notices) != 0 {
			t.Errorf("before anybody looked anything up there is %+v", s)
		}
	})
}

// What was heard is not lost with the node that heard it: any node looks it up.
func TestAKnockOutlivesItsNode(t *testing.T) {
	each(t, func(w *world) {
		code, hash := newCode(t)
		w.code(w.Her, hash)
		w.must(w.Pauses.Knock(t.Context(), code)) // and the node dies
		next := pause.New(w.Pauses.Deps)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { next.Run(ctx, time.Millisecond) })
		for range 10_000 {
			if len(w.standing(w.Her.Caller).Pauses) == 1 {
				break
			}
		}
		stop()
		running.Wait()
		w.reads(false, false)
	})
}

// A right code in the middle of a flood is taken or said not to be, and where it
// was taken everything is paused: nothing is swallowed.
func TestNoCodeIsSwallowedInAFlood(t *testing.T) {
	each(t, func(w *world) {
		code, hash := newCode(t)
		w.code(w.Her, hash)
		ctx, enough := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer enough()
		var all sync.WaitGroup
		for range 150 {
			all.Go(func() {
				err := w.Pauses.Knock(ctx, "wrong")
				if err != nil && !errors.Is(err, pause.ErrBusy) && ctx.Err() == nil {
					t.Errorf("a wrong code: %v", err)
				}
			})
		}
		err := w.Pauses.Knock(t.Context(), code)
		taken := err == nil
		if !taken && !errors.Is(err, pause.ErrBusy) {
			t.Fatal(err)
		}
		all.Wait()
		w.must(w.Pauses.Heed(t.Context()))
		w.reads(!taken, !taken)
		w.knock(code) // when the flood is over there is room
		w.reads(false, false)
	})
}
