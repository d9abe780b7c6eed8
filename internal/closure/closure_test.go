package closure_test

import (
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/closure"
	"github.com/relatingfield/vault/internal/statement"
)

const due = 1_000_000

// At the second that is due, and not before, whoever owes an answer is silent.
// Where nothing had been fetched, acknowledging is all that is owed.
func TestAnAnswerIsLateAtItsSecondAndNotBefore(t *testing.T) {
	for _, c := range []struct {
		reply         string
		fetched       bool
		before, after closure.State
	}{
		{"", false, closure.Notified, closure.Silent},
		{"", true, closure.Notified, closure.Silent},
		{statement.Acknowledged, false, closure.Acknowledged, closure.Acknowledged},
		{statement.Acknowledged, true, closure.Acknowledged, closure.Silent},
		{statement.Kept, true, closure.Kept, closure.Kept},
		{statement.Destroyed, true, closure.Destroyed, closure.Destroyed},
		{statement.Kept, false, closure.Kept, closure.Kept},
		{statement.Destroyed, false, closure.Destroyed, closure.Destroyed},
	} {
		f := closure.Facts{Reply: c.reply, Fetched: c.fetched, Due: due}
		if got := closure.Decide(f, due-1); got != c.before {
			t.Errorf("%+v a second before: %s, want %s", f, got, c.before)
		}
		for _, now := range []int64{due, due + 1, due * 1000} {
			if got := closure.Decide(f, now); got != c.after {
				t.Errorf("%+v at %d: %s, want %s", f, now, got, c.after)
			}
		}
		if f.Owes() != (c.after == closure.Silent) {
			t.Errorf("%+v owes %v", f, f.Owes())
		}
	}
}

// The time to answer counts from the end of the day: nobody gets less.
func TestTheTimeToAnswerCountsFromTheEndOfTheDay(t *testing.T) {
	const day = 20_000 * statement.Day
	if got := closure.DueAt(day, 14*24*time.Hour); got != day+15*statement.Day {
		t.Errorf("due at %d", got)
	}
}

// Answers only move forward: what was attested as destroyed cannot be kept.
func TestAnswersOnlyMoveForward(t *testing.T) {
	order := []string{"", statement.Acknowledged, statement.Kept, statement.Destroyed}
	for i, from := range order {
		for j, to := range order {
			if got := closure.Moves(from, to); got != (j > i) {
				t.Errorf("from %q to %q: %v", from, to, got)
			}
		}
	}
	if closure.Moves("", "shredded") {
		t.Error("an unknown reply moves")
	}
}
