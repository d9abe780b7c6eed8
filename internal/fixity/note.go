package fixity

import (
	"context"
	"fmt"
	"sync"

	"github.com/relatingfield/vault/internal/fixity/fixitydb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// mostNoted bounds what waits to be written down. What is beyond it is found by the
// next reader, or when it is due.
const mostNoted = 1024

// noted are the objects that readers could not read.
type noted struct {
	mu      sync.Mutex
	objects map[id.ID]struct{}
}

// Note takes an object that a reader found missing, short or damaged, without waiting
// for anything; Run looks at it at once.
func (f *Fixity) Note(object id.ID) {
	f.noted.mu.Lock()
	if f.noted.objects == nil {
		f.noted.objects = map[id.ID]struct{}{}
	}
	if len(f.noted.objects) < mostNoted {
		f.noted.objects[object] = struct{}{}
	}
	f.noted.mu.Unlock()
	select {
	case f.wake() <- struct{}{}:
	default:
	}
}

// writeDown marks what was noted, so that any node may look at it and a crash does
// not forget it.
func (f *Fixity) writeDown(ctx context.Context) error {
	f.noted.mu.Lock()
	objects := f.noted.objects
	f.noted.objects = nil
	f.noted.mu.Unlock()
	if len(objects) == 0 {
		return nil
	}
	err := f.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for o := range objects {
			if err := fixitydb.New(tx).Suspect(ctx, fixitydb.SuspectParams{Blob: string(o), Today: f.today()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write down what readers found: %w", err)
	}
	return nil
}
