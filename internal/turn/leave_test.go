package turn_test

import (
	"sync"
	"testing"
)

// The last turn of a node may end in the moment in which the node takes another: no
// upload seems gone for that.
func TestANodeThatLeavesWhileItTakesATurnFindsTheUpload(t *testing.T) {
	each(t, func(w *world) {
		w.begin(2)
		var all sync.WaitGroup
		for _, at := range []int64{1, 2} {
			all.Go(func() {
				for range 20 {
					held, err := w.a.Take(t.Context(), w.tid, at, func() {})
					if err != nil {
						t.Errorf("part %d: %v", at, err)
						return
					}
					held.End()
				}
			})
		}
		all.Wait()
	})
}
