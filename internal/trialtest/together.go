package trialtest

import (
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/relatingfield/vault/internal/release/machine"
)

// late counts what a reader is sent after she was told that nothing more would be.
type late struct {
	told  *atomic.Bool
	bytes *atomic.Int64
}

func (l late) Write(p []byte) (int, error) {
	runtime.Gosched() // slow readers are where the races are
	if l.told.Load() {
		l.bytes.Add(int64(len(p)))
	}
	return len(p), nil
}

// Together does actions at the same time, each by a goroutine and in turns by the
// readers' nodes. The first is the one that may end what the others read; ends says
// of each whether it does. The second result is how many bytes were sent that
// should not have been.
func (t *Trial) Together(actions []machine.Action, ends func(machine.Action) bool) ([]Answer, int64, error) {
	for g := range uint8(machine.Grants) {
		t.about(machine.Action{Grant: g})
	}
	var told atomic.Bool
	var bytes atomic.Int64
	answers, errs := make([]Answer, len(actions)), make([]error, len(actions))
	each := make([]Trial, len(actions)) // a view of its own for everybody
	for i, a := range actions {
		if each[i] = *t; ends(a) {
			each[i].out = late{&told, &bytes}
		}
	}
	var wait sync.WaitGroup
	for i, a := range actions {
		wait.Go(func() {
			answers[i], errs[i] = each[i].Do(a, i%len(t.Readers), None)
			if i == 0 && answers[i].Done {
				told.Store(true)
			}
		})
	}
	wait.Wait()
	if answers[0].Done {
		t.grants, t.sealed, t.policies = each[0].grants, each[0].sealed, each[0].policies
	}
	for _, err := range errs {
		if err != nil {
			return nil, 0, err
		}
	}
	return answers, bytes.Load(), nil
}

// sink is where a reader's stream goes.
func (t *Trial) sink() io.Writer {
	if t.out == nil {
		return io.Discard
	}
	return t.out
}

// Explained looks for an order in which the model, doing one action after the
// other, gives the same answers and ends up in a state that fits what is seen.
func Explained(s machine.State, actions []machine.Action, answers []Answer, fits func(machine.State) bool) (machine.State, bool) {
	if len(actions) == 0 {
		return s, fits(s)
	}
	for i, a := range actions {
		rest, left := slices.Delete(slices.Clone(actions), i, i+1), slices.Delete(slices.Clone(answers), i, i+1)
		next, out := machine.Step(s, a)
		if answers[i].Unknown || answers[i].Done == out.Done {
			if end, ok := Explained(next, rest, left, fits); ok {
				return end, true
			}
		}
		if answers[i].Unknown {
			if end, ok := Explained(s, rest, left, fits); ok {
				return end, true
			}
		}
	}
	return s, false
}
