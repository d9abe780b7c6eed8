package recent_test

import (
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/recent"
)

// What was used last is there, and what was used long ago is not.
func TestTheLastUsedAreRemembered(t *testing.T) {
	const limit = 10
	m := recent.New[int, int](limit)
	for i := range 1000 {
		m.Put(i, i*i)
		if v, ok := m.Get(0); i < 500 && (!ok || v != 0) {
			t.Fatalf("after %d: what is asked for all the time was forgotten", i)
		}
		for j := max(0, i-limit+2); j <= i; j++ {
			if v, ok := m.Get(j); !ok || v != j*j {
				t.Fatalf("after %d: %d gives %d, %v", i, j, v, ok)
			}
		}
	}
	held := 0
	for i := range 1000 {
		if _, ok := m.Get(i); ok {
			held++
		}
	}
	if held > 2*limit {
		t.Errorf("%d are held, want %d at most", held, 2*limit)
	}
}

// Many may use it at once.
func TestManyMayUseIt(t *testing.T) {
	m := recent.New[int, int](4)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 1000 {
				m.Put(i%16, i%16)
				if v, ok := m.Get(i % 16); ok && v != i%16 {
					t.Error("another's value")
				}
			}
		})
	}
	wg.Wait()
}
