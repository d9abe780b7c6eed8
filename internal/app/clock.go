package app

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/relatingfield/vault/internal/clock"
)

// mark is the file of the last day on which this node ran.
func (v *vault) mark() clock.Mark { return clock.Mark(filepath.Join(v.cfg.DataDir, "clock")) }

// tell lets every part go by a clock that does not jump. A practice vault may
// stand still for as long as it likes: nothing in it is worth a question.
func (v *vault) tell(context.Context) error {
	v.clock = clock.New(v.app.Now, v.app.Steady)
	steadied := *v.app
	steadied.Now = v.clock.Now
	v.app = &steadied
	if v.practice {
		return nil
	}
	now := v.clock.Now()
	return errors.Join(v.mark().Check(now), v.mark().Set(now))
}

// markDay notes the day, while it is believed.
func (v *vault) markDay(context.Context) error {
	if err := v.clock.Check(); err != nil || v.practice {
		return err
	}
	return v.mark().Set(v.clock.Now())
}

// ClockRefused says whether an error means that the machine's date is in doubt.
func ClockRefused(err error) bool { return errors.Is(err, clock.ErrDay) }

// markEvery is how often the clock is looked at, beside every opening.
const markEvery = time.Minute
