package app_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/relatingfield/vault/internal/app"
)

// However many ask whether the vault is ready, it is tried a few times, and everybody
// hears of a trial that began after they asked.
func TestManyWhoAskCostOneTrial(t *testing.T) {
	var tried atomic.Int64
	broken := errors.New("broken")
	try := app.Trials(func(context.Context) error {
		if tried.Add(1) > 1 {
			return broken
		}
		return nil
	})
	if err := try(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 500 {
		all.Go(func() {
			if err := try(t.Context()); !errors.Is(err, broken) {
				t.Errorf("an outcome from before: %v", err)
			}
		})
	}
	all.Wait()
	if n := tried.Load(); n > 50 {
		t.Errorf("%d trials for 500 who asked at once", n)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := try(over); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever has gone waits on: %v", err)
	}
}
