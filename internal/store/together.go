package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// Together runs works of one transaction that do not need one another's outcome.
// On PostgreSQL they run side by side, and what they ask of the server goes there
// together, in their order: as many exchanges as the longest of them needs, instead
// of as many as all of them. On SQLite, where a statement waits for nobody, they run
// one after the other.
//
// It returns the error of the first of them that failed, in their order. They may all
// have run by then, so one of them must not rely on another's refusal: whatever they
// did is taken back with the transaction.
func Together(ctx context.Context, tx Tx, works ...Work) error {
	if g, ok := tx.(*guarded); ok {
		if p, ok := g.tx.(*pipe); ok {
			return newLanes(g, p, works).run(ctx)
		}
	}
	for _, w := range works {
		if err := w(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// lanes are works side by side. Only the goroutine of run touches the transaction.
type lanes struct {
	guard *guarded
	pipe  *pipe
	list  []*lane
	calls chan *lane // of those that wait for an answer, or have ended

	mu sync.Mutex // guards what guard remembers for the end
}

// lane is the Tx of one work.
type lane struct {
	of     *lanes
	work   Work
	late   []*ask
	asking *ask // nil: it has ended
	answer chan struct{}
	ended  bool
	err    error
	panics any
}

func newLanes(g *guarded, p *pipe, works []Work) *lanes {
	l := &lanes{guard: g, pipe: p, calls: make(chan *lane)}
	for _, w := range works {
		l.list = append(l.list, &lane{of: l, work: w, answer: make(chan struct{}), err: errVanished})
	}
	return l
}

// run sends what the works ask as soon as all of them wait or have ended.
func (l *lanes) run(ctx context.Context) error {
	for _, n := range l.list {
		go n.run(ctx)
	}
	for running := len(l.list); running > 0; {
		for range running {
			<-l.calls
		}
		running = l.send(ctx)
	}
	for _, n := range l.list {
		if n.panics != nil {
			panic(n.panics)
		}
	}
	for _, n := range l.list {
		if n.err != nil {
			return n.err
		}
		l.pipe.late = append(l.pipe.late, n.late...)
	}
	return nil
}

// send does one exchange for all who wait, and tells how many there were.
func (l *lanes) send(ctx context.Context) int {
	var asks []*ask
	var waiting []*lane
	for _, n := range l.list {
		if n.asking != nil {
			asks, waiting = append(append(asks, n.late...), n.asking), append(waiting, n)
			n.late = nil
		}
	}
	if len(waiting) == 0 {
		return 0
	}
	err := l.guard.begin(ctx)
	if err == nil {
		l.pipe.exchange(ctx, asks...)
	}
	for _, n := range waiting {
		if err != nil {
			n.asking.err = err
		} else if n.asking.err != nil {
			n.asking.err = l.guard.end(ctx, n.asking.err)
		}
		n.asking = nil
		n.answer <- struct{}{}
	}
	return len(waiting)
}

// run runs the work. A panic goes on in the goroutine of whoever called Together.
func (n *lane) run(ctx context.Context) {
	defer func() {
		n.panics, n.ended = recover(), true
		n.of.calls <- n
	}()
	n.err = n.work(ctx, n)
}

// ask waits for an answer.
func (n *lane) ask(a *ask) error {
	if n.ended {
		return ErrTxOver
	}
	n.asking = a
	n.of.calls <- n
	<-n.answer
	return a.err
}

func (n *lane) postpone(_ context.Context, query string, args []any) error {
	if n.ended {
		return ErrTxOver
	}
	n.late = append(n.late, &ask{query: query, args: args})
	return nil
}

func (n *lane) atEnd(f func(error)) {
	n.of.mu.Lock()
	defer n.of.mu.Unlock()
	n.of.guard.atEnd(f)
}

// ExecContext implements Tx.
func (n *lane) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	a := &ask{query: query, args: args}
	if err := n.ask(a); err != nil {
		return nil, err
	}
	return a.result(), nil
}

// QueryContext implements Tx.
func (n *lane) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	a := &ask{query: query, args: args, answer: &answer{}}
	if err := n.ask(a); err != nil {
		return nil, err
	}
	return a.answer.rows(n.of.pipe.answers)
}

// QueryRowContext implements Tx.
func (n *lane) QueryRowContext(_ context.Context, query string, args ...any) *sql.Row {
	a := &ask{query: query, args: args, answer: &answer{}}
	if err := n.ask(a); err != nil {
		return failedRow(err)
	}
	return a.answer.row(n.of.pipe.answers)
}

var errLane = errors.New("statements are not prepared side by side")

// PrepareContext implements Tx by refusing.
func (n *lane) PrepareContext(context.Context, string) (*sql.Stmt, error) { return nil, errLane }
