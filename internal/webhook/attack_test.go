package webhook_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/webhook"
)

// many puts events in few transactions.
func (w *world) many(n int) {
	w.t.Helper()
	for at := 0; at < n; at += 500 {
		w.update(func(ctx context.Context, tx store.Tx) error {
			for range min(500, n-at) {
				if err := w.q.Put(ctx, tx, w.partner, webhook.Event{Type: webhook.Expired, ID: w.id()}); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// Nodes that send from one queue send each event once, however they race.
func TestTwoNodesSendEachEventOnce(t *testing.T) {
	each(t, func(w *world) {
		r := w.receive(nil)
		e := w.endpoint(webhook.Wish{URL: r.URL})
		w.many(300)
		other := w.node(nil, 5*time.Second)
		var all sync.WaitGroup
		for _, q := range []*webhook.Queue{w.q, other} {
			all.Go(func() { w.deliver(q) })
		}
		all.Wait()
		w.deliver(w.q) // what one of them had while the other looked
		times := r.times()
		for event, n := range times {
			if n != 1 {
				w.t.Errorf("%s came %d times", event, n)
			}
		}
		if len(times) != 300 {
			w.t.Errorf("%d events came", len(times))
		}
		for _, d := range w.deliveries(e.ID) {
			if d.State != webhook.Delivered || d.Attempts != 1 {
				w.t.Fatalf("%+v", d)
			}
		}
	})
}

// What a node that died had taken is sent by another when its lease has ended, and not
// before; a process that is alone takes it over at once.
func TestWhatADeadNodeHadIsSent(t *testing.T) {
	each(t, func(w *world) {
		r := w.receive(nil)
		w.endpoint(webhook.Wish{URL: r.URL})
		w.many(10)
		n, err := w.node(nil, time.Second).Claim(w.t.Context())
		if w.must(err); n != 10 {
			w.t.Fatalf("%d claimed", n)
		}
		w.later(webhook.Lease - time.Second)
		if w.deliver(w.q); len(r.requests()) != 0 {
			w.t.Errorf("%d were sent under another's lease", len(r.requests()))
		}
		w.later(time.Second)
		if w.deliver(w.q); len(r.times()) != 10 || len(r.requests()) != 10 {
			w.t.Errorf("%d events in %d requests", len(r.times()), len(r.requests()))
		}
		w.many(10)
		_, err = w.node(nil, time.Second).Claim(w.t.Context())
		w.must(err)
		w.must(w.q.Alone(w.t.Context()))
		if w.deliver(w.q); len(r.times()) != 20 {
			w.t.Errorf("%d events after the takeover", len(r.times()))
		}
	})
}

// A node that was stopped for longer than it may send wakes up and sends nothing more of
// what it had: another may have it by now.
func TestANodeThatWasStoppedSendsNothingMore(t *testing.T) {
	each(t, func(w *world) {
		r := w.receive(func(rw http.ResponseWriter, _ *http.Request) {
			w.later(webhook.Sending) // the time in which it stood still
			rw.WriteHeader(http.StatusOK)
		})
		w.endpoint(webhook.Wish{URL: r.URL})
		w.many(webhook.Page)
		_, err := w.q.Deliver(w.t.Context())
		w.must(err)
		if n := len(r.requests()); n > webhook.Parallel {
			w.t.Errorf("%d requests, of which %d were under way", n, webhook.Parallel)
		}
		w.deliver(w.q)
		if times := r.times(); len(times) != webhook.Page {
			w.t.Errorf("%d events came", len(times))
		}
	})
}

// A clock that is set forwards or back loses nothing, and doubles nothing at the node
// that is sending.
func TestAClockThatJumpsLosesNothing(t *testing.T) {
	each(t, func(w *world) {
		jumped := make(chan struct{})
		var once sync.Once
		var again atomic.Int64
		r := w.receive(func(rw http.ResponseWriter, _ *http.Request) {
			once.Do(func() {
				w.later(1000 * time.Hour)
				n, err := w.q.Claim(context.Background()) // while it is busy with this endpoint
				again.Store(int64(n))
				if err != nil {
					w.t.Error(err)
				}
				w.later(-2000 * time.Hour)
				close(jumped)
			})
			<-jumped
			rw.WriteHeader(http.StatusOK)
		})
		w.endpoint(webhook.Wish{URL: r.URL})
		w.many(5)
		tick := start
		w.q.Tick = func() time.Time { return tick }
		w.deliver(w.q)
		w.later(1000*time.Hour + webhook.Lease)
		if w.deliver(w.q); len(r.times()) != 5 || len(r.requests()) != 5 || again.Load() != 0 {
			w.t.Errorf("%d events in %d requests; %d were claimed twice", len(r.times()), len(r.requests()), again.Load())
		}
	})
}

// One endpoint gets so many requests at a time and no more.
func TestAnEndpointGetsFewRequestsAtATime(t *testing.T) {
	each(t, func(w *world) {
		r := w.receive(nil)
		w.endpoint(webhook.Wish{URL: r.URL})
		w.many(3 * webhook.Page)
		if w.deliver(w.q); r.most > webhook.Parallel || len(r.times()) != 3*webhook.Page {
			w.t.Errorf("%d at a time, %d events", r.most, len(r.times()))
		}
	})
}

// A receiver that hangs, drips, or answers without end costs its own endpoint one
// connection at a time, and nobody else anything: ten thousand that wait for it do not
// keep another's from leaving.
func TestABadReceiverDelaysNobodyElse(t *testing.T) {
	var sent atomic.Int64
	bad := map[string]http.HandlerFunc{
		"hangs": func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() },
		"drips": func(rw http.ResponseWriter, req *http.Request) {
			rw.Header().Set("Content-Length", "1000")
			rw.WriteHeader(http.StatusInternalServerError)
			for range 1000 {
				if _, err := rw.Write([]byte("x")); err != nil || req.Context().Err() != nil {
					return
				}
				rw.(http.Flusher).Flush()
				select {
				case <-req.Context().Done():
				case <-time.After(time.Second / 5):
				}
			}
		},
		"floods": func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(http.StatusBadGateway)
			for range 1 << 14 { // a gigabyte
				n, err := rw.Write(make([]byte, 1<<16))
				if sent.Add(int64(n)); err != nil {
					return
				}
			}
		},
		"heads": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("X-Much", strings.Repeat("x", 1<<20))
		},
		"resets": func(rw http.ResponseWriter, _ *http.Request) {
			conn, _, err := rw.(http.Hijacker).Hijack()
			if err == nil {
				err = conn.(*net.TCPConn).SetLinger(0)
			}
			if err != nil || conn.Close() != nil {
				t.Error(err)
			}
		},
	}
	for name, handler := range bad {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				w.q = w.node(nil, time.Second)
				r := w.receive(handler)
				w.endpoint(webhook.Wish{URL: r.URL})
				w.many(map[string]int{"hangs": 10_000}[name] + 2*webhook.Page)
				w.partner = w.id()
				good := w.receive(nil)
				w.endpoint(webhook.Wish{URL: good.URL})
				w.many(2 * webhook.Page)
				ctx, cancel := context.WithCancel(w.t.Context())
				ended := make(chan struct{})
				go func() { w.q.Run(ctx, 10*time.Millisecond); close(ended) }()
				for len(good.times()) < 2*webhook.Page && w.t.Context().Err() == nil {
					<-time.After(10 * time.Millisecond)
				}
				cancel()
				<-ended
				if n := len(r.requests()); n > webhook.Parallel+1 {
					w.t.Errorf("%d requests to the bad one", n)
				}
			})
		})
	}
	if n := sent.Load(); n > 64<<20 {
		t.Errorf("%d bytes of an endless answer were taken", n)
	}
}

// Nothing of it is a matter of a moment: the process may end in the middle, and what
// was under way is sent by the next one.
func TestAProcessThatEndsGivesBackWhatItHad(t *testing.T) {
	each(t, func(w *world) {
		arrived, release := make(chan struct{}, 1000), make(chan struct{})
		r := w.receive(func(rw http.ResponseWriter, req *http.Request) {
			arrived <- struct{}{}
			select {
			case <-release:
			case <-req.Context().Done():
			}
		})
		e := w.endpoint(webhook.Wish{URL: r.URL})
		w.many(100)
		ctx, cancel := context.WithCancel(w.t.Context())
		ended := make(chan struct{})
		go func() { w.q.Run(ctx, time.Millisecond); close(ended) }()
		<-arrived
		cancel()
		<-ended
		close(release)
		for _, d := range w.deliveries(e.ID) {
			if d.State != webhook.Waiting || d.Attempts != 0 {
				w.t.Fatalf("%+v", d)
			}
		}
		w.deliver(w.node(nil, time.Second))
		if n := len(r.times()); n != 100 {
			w.t.Error(fmt.Sprint(n, " events came"))
		}
	})
}
