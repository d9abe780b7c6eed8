package suite

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/relatingfield/vault/internal/bench/crowd"
	"github.com/relatingfield/vault/internal/bench/wire"
)

// party is people who each have a connection while they race.
type party struct {
	addr    string
	pid     func() int // of the server, which may be started anew
	settle  func()
	persons []*crowd.Person
	conns   []*wire.Conn
	busy    atomic.Int64 // answers that said so
	cost    float64      // milliseconds that the server computed for a request of the last race
}

// party enrols n people.
func (s *stage) party(ctx context.Context, n int) (*party, error) {
	persons, err := crowd.Enrol(ctx, s.people, s.Addr(), n)
	if err != nil {
		return nil, err
	}
	return &party{addr: s.Addr(), pid: s.PID, settle: s.settle, persons: persons}, nil
}

// connect makes so many new connections: the server gives up those that were
// silent for too long.
func (p *party) connect(lines int) (err error) {
	if err := p.close(); err != nil {
		return err
	}
	p.conns, err = dial(p.addr, lines)
	return err
}

func (p *party) close() error {
	conns := p.conns
	p.conns = nil
	return hangUp(conns)
}

// dial makes n connections.
func dial(addr string, n int) (conns []*wire.Conn, err error) {
	for range n {
		c, err := wire.Dial(addr)
		if err != nil {
			return nil, errors.Join(err, hangUp(conns))
		}
		conns = append(conns, c)
	}
	return conns, nil
}

func hangUp(conns []*wire.Conn) error {
	var err error
	for _, c := range conns {
		err = errors.Join(err, c.Close())
	}
	return err
}

// prepare makes each of the first lines people's requests, side by side.
func (p *party) prepare(ctx context.Context, lines int, requests func(i int, person *crowd.Person) ([]crowd.Request, error)) ([][]crowd.Request, error) {
	out := make([][]crowd.Request, lines)
	g, ctx := errgroup.WithContext(ctx)
	for i := range out {
		g.Go(func() (err error) {
			if err = p.persons[i].Renew(ctx); err != nil {
				return err
			}
			out[i], err = requests(i, p.persons[i])
			return err
		})
	}
	return out, g.Wait()
}

// race sends every list of requests over a connection of its own, each request
// after the answer to the one before, and tells how many were answered a second.
func (p *party) race(lists [][]crowd.Request) (float64, error) {
	p.settle()
	if err := p.connect(len(lists)); err != nil {
		return 0, err
	}
	n := 0
	for _, list := range lists {
		n += len(list)
	}
	speed, cost, err := spendEach(p.pid(), n, func() (float64, error) {
		began := time.Now()
		err := p.run(lists)
		return float64(n) / time.Since(began).Seconds(), err
	})
	p.cost = cost
	return speed, err
}

// run sends every list of requests over its connection.
func (p *party) run(lists [][]crowd.Request) error {
	var g errgroup.Group
	for i, list := range lists {
		g.Go(func() error {
			for _, r := range list {
				if err := p.persist(p.conns[i], r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// sendings is how often a request is sent to a server that says it is busy.
const sendings = 10

// persist sends a request that must succeed, again when the server is busy, and
// counts how often it was.
func (p *party) persist(c *wire.Conn, r crowd.Request) error {
	for n := 1; ; n++ {
		a, err := c.Do(r.Pieces...)
		if err != nil {
			return err
		}
		if a.Status != http.StatusServiceUnavailable || n == sendings {
			return a.OK()
		}
		p.busy.Add(1)
		if r, err = r.Again(); err != nil {
			return err
		}
	}
}

// remark adds to a note how often requests had to be sent again since the last
// remark.
func (p *party) remark(note string) string {
	if n := p.busy.Swap(0); n > 0 {
		return fmt.Sprintf("%s; %d requests were answered 503 and sent again", note, n)
	}
	return note
}
