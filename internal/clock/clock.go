// Package clock is the vault's clock. Terms, embargoes and her silence rest on it,
// so it does not believe the machine's when that jumps.
//
// Promises: Now never moves by more than Tolerance beyond the time that really
// went by on a clock that nobody sets. When the machine's clock jumps further,
// forwards or back, Now goes on as if it had not, and Check says so until the two
// agree again. Which of them is right nobody here can know, so nobody opens
// anything under a grant meanwhile: what she takes back, adds and reads herself
// goes on.
//
// Between two lives of the process only days are kept (Mark): a clock that went
// back, or that is ahead by longer than a vault usually stands still, is refused
// at the start.
//
// Assumes: the machine's clock was right when the process began. Does not: ask
// anybody for the time, or notice steps that are smaller than Tolerance each.
//
// Source: docs/operate/faults.md; docs/protocol.md section 9.
package clock

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Tolerance is the largest step that is followed: what a time service may correct
// at once, and what nodes may differ by.
const Tolerance = time.Minute

// followEvery is how often the machine's clock is taken over anew.
const followEvery = time.Second

// ErrJumped: the machine's clock was set by more than Tolerance.
var ErrJumped = errors.New("the machine's clock has jumped, so nothing is opened under a grant: set it right, or start the vault again if it is right now")

// Clock may be read by any number of goroutines.
type Clock struct {
	machine, steady func() time.Time
	last            atomic.Pointer[look]
}

// look is one reading of both clocks, at which they agreed.
type look struct{ machine, steady time.Time }

// New makes a clock of the machine's and of one that nobody sets. A nil steady
// believes the machine whatever it says: for tests that set their clock.
func New(machine, steady func() time.Time) *Clock {
	c := &Clock{machine: machine, steady: steady}
	if steady != nil {
		c.last.Store(&look{machine().Round(0), steady()})
	}
	return c
}

// Now is the vault's time.
func (c *Clock) Now() time.Time {
	now, _ := c.read()
	return now
}

// Check is nil, or ErrJumped for as long as the machine's clock cannot be believed.
func (c *Clock) Check() error {
	if _, ahead := c.read(); ahead.Abs() > Tolerance {
		return fmt.Errorf("%w (it is %s off)", ErrJumped, ahead.Round(time.Second))
	}
	return nil
}

// read gives the vault's time, and how far the machine's clock is ahead of it.
func (c *Clock) read() (now time.Time, ahead time.Duration) {
	machine := c.machine().Round(0) // without its own reading of a steady clock
	if c.steady == nil {
		return machine, 0
	}
	last, steady := c.last.Load(), c.steady()
	passed := steady.Sub(last.steady)
	expected := last.machine.Add(passed)
	if ahead = machine.Sub(expected); ahead.Abs() > Tolerance {
		return expected, ahead
	}
	if passed >= followEvery {
		c.last.CompareAndSwap(last, &look{machine, steady})
	}
	return machine, 0
}
