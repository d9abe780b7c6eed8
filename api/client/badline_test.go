package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/api/client"
)

// A line that brings nothing any more, and does not say that it is broken, counts as
// broken after a while.
func TestALineThatStallsIsLeft(t *testing.T) {
	s := newBroken(t)
	client.StallAfter(s.reader, 20*time.Millisecond)
	stalls := 2
	s.line.before = nil
	s.line.heard = func(resp *http.Response) {
		if s.isFile(resp.Request) && stalls > 0 {
			stalls--
			resp.Body = &stalled{resp.Body, tornAt, resp.Request.Context()}
		}
	}
	if err := s.save(t); err != nil || stalls != 0 {
		t.Fatalf("%d stalls are left, %v", stalls, err)
	}
	s.whole(t)
}

// stalled brings so many bytes, and then nothing until its request is ended.
type stalled struct {
	io.ReadCloser
	left int
	ctx  context.Context
}

func (r *stalled) Read(p []byte) (int, error) {
	if r.left == 0 {
		<-r.ctx.Done()
		return 0, r.ctx.Err()
	}
	n, err := r.ReadCloser.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}

// A vault that is busy in the middle is given the time it asks for; patience ends
// after attempts that bring nothing, not after a time.
func TestAFetchWaitsAsLongAsTheVaultAsks(t *testing.T) {
	s := newBroken(t)
	var waited []time.Duration
	client.Patience(s.reader, &waited)
	busy := 0
	s.line.before = nil
	s.Vault.Before = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Range") == "" {
			return false
		}
		busy++
		rw.Header().Set("Retry-After", "7")
		rw.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	if err := s.save(t); !errors.Is(err, client.ErrUnavailable) {
		t.Fatal(err)
	}
	if !slices.Contains(waited, 7*time.Second) || slices.Max(waited) > 30*time.Second || busy > 40 {
		t.Errorf("waited %v, asked %d times", waited, busy)
	}
	s.only(t)
}

// A line on which little comes each time goes on for as long as something does, and
// every byte comes once.
func TestAFetchLivesOnLittle(t *testing.T) {
	s := newBroken(t)
	s.line.before = nil
	s.line.heard = func(resp *http.Response) {
		if s.isFile(resp.Request) {
			resp.Body = &tallied{&torn{resp.Body, 50_001}, &s.fetched}
		}
	}
	if err := s.save(t); err != nil {
		t.Fatal(err)
	}
	s.whole(t)
	if size := int64(headerSize) + partLength(t, s); s.fetched.Load() != size {
		t.Errorf("%d bytes came of %d", s.fetched.Load(), size)
	}
}

// A text that is shown and not kept begins anew when it is locked anew meanwhile, if
// whoever shows it can forget what came.
func TestASinkThatForgetsBeginsAnew(t *testing.T) {
	for _, forgets := range []bool{true, false} {
		s := newBroken(t)
		relocked := false
		s.line.before = func(r *http.Request) error {
			if s.isFile(r) && r.Header.Get("Range") != "" && !relocked {
				relocked = true
				s.line.heard = nil
				_, err := s.salma.Relock(t.Context(), s.tid, 1)
				return err
			}
			return nil
		}
		var b buffer
		var sink client.Sink = &b
		if forgets {
			sink = &forgetful{&b}
		}
		_, err := s.reader.Open(t.Context(), s.grant, 1, sink)
		if forgets && (err != nil || !bytes.Equal(b.Bytes(), s.video)) || !forgets && !errors.Is(err, client.ErrChanged) {
			t.Errorf("forgets: %v: %d bytes, %v", forgets, b.Len(), err)
		}
	}
}

type forgetful struct{ *buffer }

func (f *forgetful) Restart() { f.Reset() }
