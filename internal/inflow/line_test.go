package inflow_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/relatingfield/vault/internal/inflow"
)

// Every byte comes out once and in order, however it is taken, and none from behind
// the limit. What is looked at stays.
func TestALineGivesEveryByteOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	sent := make([]byte, 3<<20)
	for i := range sent {
		sent[i] = byte(random.Uint32())
	}
	limit := len(sent) - 12_345
	b := &body{random: rand.New(rand.NewPCG(5, 6)), bytes: sent, left: len(sent)}
	line := inflow.NewLine(new(inflow.Buffers), b, int64(limit), nil)
	var got []byte
	for len(got) < limit {
		ready, _ := line.Wait(1, nil)
		ahead, taken := make([]byte, ready), make([]byte, 1+random.IntN(ready))
		if n := line.Peek(ahead); n != ready {
			t.Fatalf("%d bytes of %d are to be seen", n, ready)
		}
		if n := line.Take(taken); n != len(taken) || !bytes.Equal(taken, ahead[:n]) {
			t.Fatalf("other bytes are taken than were seen, or %d of %d", n, len(taken))
		}
		got = append(got, taken...)
	}
	if ready, ended := line.Wait(1, nil); ready != 0 || !ended || line.Err() != nil {
		t.Errorf("%d more bytes, ended %t, %v", ready, ended, line.Err())
	}
	_ = line.Close() // never fails
	if !bytes.Equal(got, sent[:limit]) || b.read != limit {
		t.Errorf("%d bytes are read, of which %d come out", b.read, len(got))
	}
}

// A line from which nobody takes is read no further than it may hold.
func TestALineHoldsLittle(t *testing.T) {
	b := &body{random: rand.New(rand.NewPCG(3, 4)), bytes: make([]byte, 32<<20), left: 32 << 20}
	line := inflow.NewLine(new(inflow.Buffers), b, 32<<20, nil)
	if ready, ended := line.Wait(inflow.Window, nil); ready < inflow.Window || ended {
		t.Errorf("%d bytes are there, ended %t", ready, ended)
	}
	_ = line.Close() // never fails
	if b.read > 2*inflow.Window {
		t.Errorf("%d bytes are read ahead", b.read)
	}
}

// Close hangs up on a line that brings nothing, and does not wait for it.
func TestALineThatWaitsIsHungUpOn(t *testing.T) {
	here, there := io.Pipe()
	line := inflow.NewLine(new(inflow.Buffers), here, 100, func() { _ = there.CloseWithError(errBroke) })
	if _, err := there.Write([]byte("first")); err != nil {
		t.Fatal(err)
	}
	alarm := make(chan struct{})
	close(alarm)
	if ready, ended := line.Wait(5, nil); ready != 5 || ended {
		t.Fatalf("%d bytes, ended %t", ready, ended)
	}
	if ready, ended := line.Wait(6, alarm); ready != 5 || ended {
		t.Fatalf("at the alarm: %d bytes, ended %t", ready, ended)
	}
	_ = line.Close() // never fails; it returns when nothing reads any more
	if !errors.Is(line.Err(), errBroke) {
		t.Errorf("it ended with %v", line.Err())
	}
}
