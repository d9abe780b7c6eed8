package clock_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/clock"
)

// machine is a clock that a test sets, and one that only goes.
type machine struct{ wall, steady time.Time }

func newMachine() *machine {
	return &machine{time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), time.Unix(1000, 0)}
}

func (m *machine) clock() *clock.Clock {
	return clock.New(func() time.Time { return m.wall }, func() time.Time { return m.steady })
}

func (m *machine) passes(d time.Duration) { m.wall, m.steady = m.wall.Add(d), m.steady.Add(d) }

// A clock that is set far forwards or back moves nothing, is told for as long as
// it is wrong, and is believed again when it is right.
func TestAJumpIsNotBelieved(t *testing.T) {
	for _, jump := range []time.Duration{-366 * 24 * time.Hour, -24 * time.Hour, -time.Hour, -61 * time.Second, 61 * time.Second, time.Hour, 24 * time.Hour, 366 * 24 * time.Hour} {
		m := newMachine()
		c := m.clock()
		m.passes(time.Hour)
		before := c.Now()
		m.wall = m.wall.Add(jump)
		for range 3 {
			m.passes(time.Hour)
			if err := c.Check(); !errors.Is(err, clock.ErrJumped) {
				t.Fatalf("%s: %v", jump, err)
			}
		}
		if got := c.Now().Sub(before); got != 3*time.Hour {
			t.Errorf("%s: the vault's clock went by %s in three hours", jump, got)
		}
		m.wall = m.wall.Add(-jump)
		if err := c.Check(); err != nil || c.Now().Sub(before) != 3*time.Hour {
			t.Errorf("%s, and back: %v", jump, err)
		}
	}
}

// What a time service corrects in passing is followed.
func TestASmallStepIsFollowed(t *testing.T) {
	m := newMachine()
	c := m.clock()
	for range 100 {
		m.passes(time.Hour)
		m.wall = m.wall.Add(-50 * time.Second)
		if err := c.Check(); err != nil || !c.Now().Equal(m.wall) {
			t.Fatalf("%v, and it is %s where the machine says %s", err, c.Now(), m.wall)
		}
	}
}

// A clock without a steady one beside it is believed.
func TestATestsClockIsBelieved(t *testing.T) {
	m := newMachine()
	c := clock.New(func() time.Time { return m.wall }, nil)
	m.wall = m.wall.Add(1000 * time.Hour)
	if err := c.Check(); err != nil || !c.Now().Equal(m.wall) {
		t.Errorf("%v, %s", err, c.Now())
	}
}

// A start on a date that cannot follow the last one is refused, until somebody
// says that it is right.
func TestADateThatCannotFollowIsRefused(t *testing.T) {
	mark := clock.Mark(filepath.Join(t.TempDir(), "clock"))
	day := func(n int) time.Time { return newMachine().wall.AddDate(0, 0, n) }
	for _, now := range []int{0, 1, 20, 49} {
		if err := errors.Join(mark.Check(day(now)), mark.Set(day(now))); err != nil {
			t.Fatalf("day %d: %v", now, err)
		}
	}
	for _, now := range []int{48, -365, 49 + 31, 49 + 366} {
		if err := mark.Check(day(now)); !errors.Is(err, clock.ErrDay) {
			t.Errorf("day %d after 49: %v", now, err)
		}
	}
	if err := os.WriteFile(string(mark), []byte("soon"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := mark.Check(day(49)); !errors.Is(err, clock.ErrDay) {
		t.Errorf("nonsense: %v", err)
	}
	if err := errors.Join(os.Remove(string(mark)), mark.Check(day(400)), mark.Set(day(400))); err != nil {
		t.Errorf("after the operator's word: %v", err)
	}
}
