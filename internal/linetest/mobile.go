package linetest

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Model is a mobile network as a stream of bytes sees it. Loss is not seen: TCP
// repeats what was lost, so it shows as stalls.
//
// How a direction is modelled: bytes travel in segments of at most Segment bytes.
// A segment takes its length divided by Rate to be sent, one after the other, and
// then half of RoundTrip to arrive. Each is lost with the probability Loss; then
// it waits for a retransmission timeout, and is lost again with the same
// probability, at twice the timeout, up to Longest. What comes behind a lost
// segment waits for it (head-of-line blocking). With this much loss a window holds
// two or three segments (Mathis: 1.22 / √0.2 = 2.7), too few for the three
// duplicate acknowledgements of fast retransmission, so the timeout is the only
// way; that is why it is the only one here. Lost acknowledgements are not
// modelled: the next one covers them. A connection begins with a handshake of one
// round trip that is lost likewise, with a first timeout of a second (RFC 6298).
//
// Everything is decided by Seed and the order of segments of a connection.
type Model struct {
	Rate      int           // bytes a second, each way
	RoundTrip time.Duration // without load
	Loss      float64       // of a segment, 0 to 1
	Segment   int           // bytes
	Timeout   time.Duration // of the first retransmission
	Longest   time.Duration // of any retransmission
	Seed      uint64
}

// SecondGeneration is a phone on GPRS at the edge of a cell: 32 kbit/s each way,
// 600 ms there and back, 20 % of packets lost.
func SecondGeneration(seed uint64) Model {
	return Model{Rate: 32_000 / 8, RoundTrip: 600 * time.Millisecond, Loss: 0.2, Segment: 1400, Timeout: time.Second, Longest: 16 * time.Second, Seed: seed}
}

// Faster is the same network in which time goes by that many times as fast: for
// tests that count and have no time.
func (m Model) Faster(times int) Model {
	m.Rate *= times
	for _, d := range []*time.Duration{&m.RoundTrip, &m.Timeout, &m.Longest} {
		*d /= time.Duration(times)
	}
	return m
}

// stall is how long a segment waits until it gets through.
func (m Model) stall(dice *rand.Rand, timeout time.Duration) (sum time.Duration) {
	for range 16 { // more losses in a row have a chance of 10^-11
		if dice.Float64() >= m.Loss {
			break
		}
		sum += timeout
		timeout = min(2*timeout, m.Longest)
	}
	return sum
}

// Mobile is a line through a mobile network.
type Mobile struct {
	Addr string

	model  Model
	server string
	l      net.Listener
	ctx    context.Context
	stop   context.CancelFunc
	work   sync.WaitGroup
	turns  atomic.Int64
	conns  atomic.Int64
	up     atomic.Int64
	down   atomic.Int64
}

// StartMobile makes a line to a server's host:port.
func StartMobile(server string, m Model) (*Mobile, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	n := &Mobile{Addr: l.Addr().String(), model: m, server: server, l: l}
	n.ctx, n.stop = context.WithCancel(context.Background())
	n.work.Go(n.serve)
	return n, nil
}

// Stop ends the line and what is on it.
func (n *Mobile) Stop() error {
	n.stop()
	err := n.l.Close()
	n.work.Wait()
	return err
}

// Used says what went over the line so far: how often an answer was waited for
// (handshakes among them), how many connections there were, and bytes each way.
func (n *Mobile) Used() (turns, conns, up, down int64) {
	return n.turns.Load() + n.conns.Load(), n.conns.Load(), n.up.Load(), n.down.Load()
}

func (n *Mobile) serve() {
	for {
		c, err := n.l.Accept()
		if err != nil {
			return
		}
		number := n.conns.Add(1)
		n.work.Go(func() { n.carry(c, uint64(number)) })
	}
}

// carry is one connection.
func (n *Mobile) carry(c net.Conn, number uint64) {
	defer c.Close()
	stop := context.AfterFunc(n.ctx, func() { _ = c.Close() })
	defer stop()
	dice := rand.New(rand.NewPCG(n.model.Seed, number))
	if wait(n.ctx, n.model.RoundTrip+n.model.stall(dice, n.model.Timeout)) != nil {
		return
	}
	s, err := net.Dial("tcp", n.server)
	if err != nil {
		return
	}
	defer s.Close()
	var asked atomic.Bool // the client spoke last
	var both sync.WaitGroup
	both.Go(func() {
		n.half(c, s, rand.New(rand.NewPCG(n.model.Seed+1, number)), func(bytes int) {
			n.up.Add(int64(bytes))
			if !asked.Swap(true) {
				n.turns.Add(1)
			}
		})
	})
	both.Go(func() {
		n.half(s, c, rand.New(rand.NewPCG(n.model.Seed+2, number)), func(bytes int) { n.down.Add(int64(bytes)); asked.Store(false) })
	})
	both.Wait()
}

// window is how many segments may be on their way: enough never to be what limits
// at these rates, and few enough that a sender feels the line.
const window = 8

// flight is a segment and when it arrives.
type flight struct {
	data []byte
	at   time.Time
}

// half carries one direction until its end, or until the other side is gone.
func (n *Mobile) half(from, to net.Conn, dice *rand.Rand, seen func(int)) {
	air := make(chan flight, window)
	var landing sync.WaitGroup
	landing.Go(func() {
		if land(n.ctx, air, to) != nil {
			_ = from.SetReadDeadline(time.Unix(1, 0)) // nothing lands any more
		}
		for range air { // so that nobody waits to let something fly
		}
	})
	free := time.Now() // when the line has sent what it was given
	for {
		buf := make([]byte, n.model.Segment)
		k, err := from.Read(buf)
		if k > 0 {
			seen(k)
			if now := time.Now(); free.Before(now) {
				free = now
			}
			free = free.Add(time.Duration(k) * time.Second / time.Duration(n.model.Rate)).Add(n.model.stall(dice, n.model.Timeout))
			air <- flight{buf[:k], free.Add(n.model.RoundTrip / 2)}
		}
		if err != nil {
			break
		}
	}
	close(air)
	landing.Wait()
	if t, ok := to.(*net.TCPConn); ok {
		_ = t.CloseWrite()
	}
}

// land delivers what is in the air, in order.
func land(ctx context.Context, air <-chan flight, to io.Writer) error {
	for f := range air {
		if err := wait(ctx, time.Until(f.at)); err != nil {
			return err
		}
		if _, err := to.Write(f.data); err != nil {
			return err
		}
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
