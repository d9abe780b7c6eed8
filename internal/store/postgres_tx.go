package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// endTime bounds how long a commit or a rollback may take. Both go on when the
// caller has gone: half a transaction helps nobody, and an answer that comes is
// better than one that must be guessed.
const endTime = 30 * time.Second

// errDropped is a commit that the server answered with a rollback.
var errDropped = errors.New("a statement failed and the closure kept its error to itself: return it")

// transact runs f once between begin and commit. If f panics, the connection is
// given back inside its transaction, and the pool closes such a connection.
func (p *postgresDB) transact(ctx context.Context, begin string, f Work) error {
	conn, pg, err := p.connection(ctx)
	if err != nil {
		return ofCaller(ctx, err)
	}
	defer conn.Close()
	l := lineOf(pg)
	work, stop := l.life.with(ctx)
	defer stop()
	tx := &pipe{conn: conn, pg: pg, answers: p.answers, late: []*ask{{query: begin}}}
	if err = run(work, tx, f); err == nil && l.outlived() {
		err = as(errOutlived, ErrUnavailable, errAgain)
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.end)
	defer cancel()
	end, release := l.life.with(end)
	defer release()
	if err != nil {
		err = p.failed(ctx, pg, l, err)
	} else {
		err = p.ended(pg, l, tx.commit(end, l))
	}
	if pg.PgConn().TxStatus() != 'I' && !pg.IsClosed() {
		// Where this fails the connection is lost and the server rolls back.
		_, _ = pg.Exec(end, "rollback", pgx.QueryExecModeSimpleProtocol)
	}
	return err
}

// connection waits for a connection for as long as anybody should.
func (p *postgresDB) connection(ctx context.Context) (*sql.Conn, *pgx.Conn, error) {
	waiting, cancel := context.WithTimeout(ctx, waitTime)
	defer cancel()
	conn, err := p.db.Conn(waiting)
	if err != nil {
		if waiting.Err() != nil || pgconn.Timeout(err) { // it took its time: no time for another try
			return nil, nil, as(err, ErrUnavailable)
		}
		return nil, nil, classifyStatement(err)
	}
	var pg *pgx.Conn
	err = conn.Raw(func(c any) error { pg = c.(*stdlib.Conn).Conn(); return nil })
	if err != nil {
		return nil, nil, errors.Join(classifyStatement(err), conn.Close())
	}
	return conn, pg, nil
}

// failed reads an error of a transaction that was not committed. A closure does not
// see every loss for what it is: a list may break off in the middle.
func (p *postgresDB) failed(ctx context.Context, pg *pgx.Conn, l *line, err error) error {
	if ctx.Err() != nil {
		return err // the caller has gone
	}
	if l.life.cut.Err() != nil {
		return errors.Join(errSilent, err)
	}
	if !pg.IsClosed() {
		return err
	}
	p.servers.lost(l.life)
	if errors.Is(err, ErrUnavailable) {
		return err
	}
	return as(err, ErrUnavailable, errAgain)
}

// ended reads how a commit ended. One that a server acknowledged whose place another
// has taken is on the wrong side of the parting.
func (p *postgresDB) ended(pg *pgx.Conn, l *line, err error) error {
	if err == nil && l.outlived() {
		return as(errOutlived, ErrUnavailable, ErrUncertain)
	}
	if err != nil && pg.IsClosed() {
		p.servers.lost(l.life)
	}
	return err
}

// ofCaller reports the caller's own cancellation as that and nothing else.
func ofCaller(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// endWork goes before a commit. It may wait for a replica for longer than a statement
// may take; a server that gave up waiting would show the change to all.
const endWork = "set local statement_timeout = 0"

// errWarned is a commit that the server answered with a warning.
var errWarned = errors.New("the server has committed with a warning: it was made to stop waiting for its replica")

// commit ends the transaction and tells what is known afterwards. What was put off
// goes before it; where that fails, the commit is not done.
func (p *pipe) commit(ctx context.Context, l *line) error {
	if p.pg.IsClosed() {
		// Nothing can be sent any more: not done.
		return as(pgconn.ErrConnClosed, ErrUnavailable, errAgain)
	}
	if p.pg.PgConn().TxStatus() == 'E' {
		return errDropped
	}
	l.committing.Store(true)
	tag, err := p.sendCommit(ctx)
	l.committing.Store(p.pg.IsClosed())
	// A crash here, of the server or of the line to it: done or not done.
	if err != nil {
		return failedAnswer(err)
	}
	if l.warned.Swap(false) {
		return as(errWarned, ErrUnavailable, ErrUncertain)
	}
	if tag.String() != "COMMIT" {
		return errDropped
	}
	return nil
}

func (p *pipe) sendCommit(ctx context.Context) (pgconn.CommandTag, error) {
	if len(p.late) == 0 {
		return p.pg.Exec(ctx, endWork+"; commit", pgx.QueryExecModeSimpleProtocol)
	}
	end := &ask{query: "commit"}
	p.exchange(ctx, &ask{query: endWork}, end)
	return end.tag, end.err
}

// failedAnswer reads the error of a commit that was sent. What the server
// reports is its final word, unless it was going down as it spoke: it may then
// have committed already and given up waiting for a replica. Any other error
// leaves it open, also one that the driver calls safe to retry, for it says so
// of a connection that closed after the sending.
func failedAnswer(err error) error {
	var p *pgconn.PgError
	if err == nil || errors.As(err, &p) && !goingDown(p.Code) {
		return classify(err)
	}
	return as(err, ErrUnavailable, ErrUncertain)
}

func goingDown(code string) bool {
	return len(code) == 5 && (code[:3] == "57P" || code[:2] == "08")
}
