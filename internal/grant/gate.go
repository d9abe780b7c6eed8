package grant

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/store"
)

// The lease, and why it is enough.
//
// A stream may send until leaseTerm after a moment that lies before the
// transaction that took or renewed its lease. A revocation is another
// transaction on the same rows, so each renewal either commits before it or
// finds the grant ended. The last renewal that can succeed therefore began
// before the revocation committed, and the stream ends within leaseTerm of that,
// by its own node's monotonic clock: no two clocks are ever compared. Whoever
// waits leaseTerm after the revocation knows that every stream is over, also on
// nodes that died or were cut off from the database.
const (
	leaseTerm   = time.Second
	renewEvery  = leaseTerm * 35 / 100
	stall       = 5 * time.Minute // without a slice leaving, the reader is gone
	settlePoll  = 10 * time.Millisecond
	settleSlack = 250 * time.Millisecond // for a node's last word about its lease
)

// ErrCut reports that a stream ended before its last byte because the grant did,
// or because nobody could say that it still stands.
var ErrCut = errors.New("the stream was cut")

// Line is the connection a stream is written to.
type Line struct {
	Deadline func(time.Time) error // for writes in progress and to come
	Flush    func() error          // hands buffered bytes to the kernel
	Unsent   func() (int, error)   // bytes the kernel holds that the peer has not acknowledged
	Cut      func()                // drops the connection and what the kernel holds for it
}

// gate knows the streams of this node, so that a revocation here cuts them at
// once instead of at their next renewal.
type gate struct {
	mu      sync.Mutex
	streams map[id.ID]map[*stream]struct{} // by testimony
}

func (g *gate) join(s *stream) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.streams == nil {
		g.streams = map[id.ID]map[*stream]struct{}{}
	}
	if g.streams[s.o.testimony] == nil {
		g.streams[s.o.testimony] = map[*stream]struct{}{}
	}
	g.streams[s.o.testimony][s] = struct{}{}
}

func (g *gate) leave(s *stream) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.streams[s.o.testimony], s)
	if len(g.streams[s.o.testimony]) == 0 {
		delete(g.streams, s.o.testimony)
	}
}

// wake makes the streams of a testimony renew now.
func (g *gate) wake(testimony id.ID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for s := range g.streams[testimony] {
		s.wake()
	}
}

// wakeAll makes the streams of everything an account owns renew now.
func (g *gate) wakeAll(owner id.Thumbprint) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, streams := range g.streams {
		for s := range streams {
			if s.o.owner == owner {
				s.wake()
			}
		}
	}
}

// stream is one Opening being sent.
type stream struct {
	ctx      context.Context // of the request: a stream does not outlive it
	o        *Opening
	line     Line
	woken    chan struct{}
	done     chan struct{}
	end      atomic.Pointer[time.Time] // of the lease
	cut      atomic.Bool
	progress atomic.Int64 // slices so far
}

// wake is heard once, however often it is called before.
func (s *stream) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// Send writes the opened range to w, whose connection is line, and records what
// left. It returns when the peer has acknowledged the last byte, so that ending
// a grant never leaves bytes on their way; or ErrCut.
func (o *Opening) Send(ctx context.Context, w io.Writer, line Line) error {
	s := &stream{ctx: ctx, o: o, line: line, woken: make(chan struct{}, 1), done: make(chan struct{})}
	end := o.began.Add(leaseTerm)
	s.end.Store(&end)
	o.grants.gate.join(s)
	defer o.grants.gate.leave(s)

	kept := make(chan struct{})
	go func() { defer close(kept); s.keep() }()
	n, err := s.write(w)
	close(s.done)
	<-kept
	if err != nil || s.cut.Load() {
		line.Cut()
	} else {
		err = line.Deadline(time.Time{})
	}
	e := o.grants.end(context.WithoutCancel(ctx), o.lease, o.opening, o.From, o.From+n)
	if s.cut.Load() {
		err = ErrCut
	}
	return errors.Join(err, e, o.file.Close())
}

// write sends the range and waits until the peer has it.
func (s *stream) write(w io.Writer) (int64, error) {
	if err := s.line.Deadline(*s.end.Load()); err != nil {
		return 0, fmt.Errorf("set deadline: %w", err)
	}
	n, err := s.o.file.WriteRange(w, s.o.From, s.o.To, s.may)
	if err != nil {
		return n, err
	}
	if err := s.line.Flush(); err != nil {
		return n, err
	}
	return n, s.drain()
}

// now is the monotonic clock of this node.
func (s *stream) now() time.Time { return s.o.grants.Tick() }

// may is asked between slices.
func (s *stream) may() error {
	s.progress.Add(1)
	if s.cut.Load() || s.now().After(*s.end.Load()) {
		return ErrCut
	}
	return nil
}

// drain waits until the kernel holds nothing for the peer, while the lease holds.
func (s *stream) drain() error {
	for wait := 50 * time.Microsecond; ; wait = min(2*wait, 20*time.Millisecond) {
		unsent, err := s.line.Unsent()
		if err != nil || unsent == 0 {
			return err
		}
		if s.cut.Load() || s.now().After(*s.end.Load()) {
			return ErrCut
		}
		if err := pause(s.ctx, wait); err != nil {
			return err
		}
	}
}

// pause waits, or reports that ctx has ended.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// keep renews the lease until the stream is done or may not go on.
func (s *stream) keep() {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	slices, since := int64(-1), s.now()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		case <-s.woken:
		}
		if now := s.progress.Load(); now != slices {
			slices, since = now, s.now()
		}
		if s.now().Sub(since) > stall || !s.renew() {
			s.stop()
			return
		}
	}
}

// stop cuts from here: the writer may be deep in a blocked write.
func (s *stream) stop() {
	s.cut.Store(true)
	s.line.Cut()
}

// renew asks whether the grant still stands. When nobody can say, it is true for
// as long as the lease lasts.
func (s *stream) renew() bool {
	began := s.now()
	ctx, cancel := context.WithDeadline(s.ctx, *s.end.Load())
	defer cancel()
	stands, err := s.o.grants.renew(ctx, s.o)
	if err != nil {
		return s.now().Before(*s.end.Load())
	}
	if !stands {
		return false
	}
	end := began.Add(leaseTerm)
	s.end.Store(&end)
	return s.line.Deadline(end) == nil
}

func (g *Grants) renew(ctx context.Context, o *Opening) (bool, error) {
	stands := false
	err := g.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		stands = false
		now := g.Now().Unix()
		n, err := grantdb.New(tx).Renew(ctx, grantdb.RenewParams{NowS: now, ID: string(o.lease)})
		if err != nil || n == 0 {
			return err
		}
		f, err := g.facts(ctx, tx, o.grant)
		if err != nil {
			return err
		}
		f.InSession = true
		if err := g.believed(); err != nil {
			return err
		}
		stands = release.Decide(f, now) == release.Live
		if !stands || !o.export {
			return nil
		}
		err = g.mayExport(ctx, tx, o.grant)
		if errors.Is(err, ErrExport) {
			stands, err = false, nil
		}
		return err
	})
	return stands, err
}

// end gives a lease back and adds what left to the opening.
func (g *Grants) end(ctx context.Context, lease, opening id.ID, from, to int64) error {
	return g.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, err := grantdb.New(tx).EndLease(ctx, string(lease)); err != nil {
			return fmt.Errorf("end lease: %w", err)
		}
		return addFetched(ctx, tx, opening, from, to)
	})
}

func addFetched(ctx context.Context, tx store.Tx, opening id.ID, from, to int64) error {
	if from >= to {
		return nil
	}
	q := grantdb.New(tx)
	text, err := q.Fetched(ctx, string(opening))
	if err != nil {
		return fmt.Errorf("read fetched ranges: %w", err)
	}
	list, err := parseSpans(string(text))
	if err != nil {
		return err
	}
	next := list.add(from, to).String()
	if next == string(text) {
		return nil
	}
	if err := q.SetFetched(ctx, grantdb.SetFetchedParams{Fetched: []byte(next), ID: string(opening)}); err != nil {
		return fmt.Errorf("record fetched ranges: %w", err)
	}
	return nil
}

// bury ends leases whose node said nothing in time: all they could have sent
// counts as sent.
func (g *Grants) bury(ctx context.Context, left []grantdb.CondemnedRow) error {
	for _, l := range left {
		if err := g.end(ctx, id.ID(l.ID), id.ID(l.OpeningID), l.FromB, l.ToB); err != nil {
			return err
		}
	}
	return nil
}

// stalePage is how many leases of dead nodes one pass buries.
const stalePage = 256

// Bury ends the leases that dead nodes left behind.
func (g *Grants) Bury(ctx context.Context) error {
	var rows []grantdb.StaleLeasesRow
	err := g.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		before := g.Now().Add(-time.Minute).Unix()
		rows, err = grantdb.New(tx).StaleLeases(ctx, grantdb.StaleLeasesParams{Before: before, Page: stalePage})
		return err
	})
	if err != nil {
		return err
	}
	left := make([]grantdb.CondemnedRow, len(rows))
	for i, r := range rows {
		left[i] = grantdb.CondemnedRow(r)
	}
	return g.bury(ctx, left)
}
