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

// A server that is frozen, or at the end of a line that swallows everything, says
// nothing at all, and its own limits do not count: these do. Together with endTime
// they bound how long a caller waits. A closure that only waits is not one of ours.
const (
	enterTime = 5 * time.Second  // until a transaction has begun
	workTime  = 30 * time.Second // for what happens in it
)

// bounded is transact for callers who are owed an answer: silence becomes
// ErrUnavailable.
func (p *postgresDB) bounded(ctx context.Context, begin string, f Work) error {
	own, cancel := context.WithTimeout(ctx, workTime)
	defer cancel()
	enter := time.AfterFunc(enterTime, cancel)
	defer enter.Stop()
	err := p.transact(own, begin, func(inner context.Context, tx Tx) error {
		enter.Stop()
		return f(inner, tx)
	})
	late := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	if late && own.Err() != nil && ctx.Err() == nil && !errors.Is(err, ErrUncertain) {
		return errSilent // without what it wraps: it is not worth another try
	}
	return err
}

// errSilent is a server that took too long.
var errSilent = as(errors.New("it does not answer in time"), ErrUnavailable)

// endTime bounds how long a commit or a rollback may take. Both go on when the
// caller has gone: half a transaction helps nobody, and an answer that comes is
// better than one that must be guessed.
const endTime = 30 * time.Second

// errDropped is a commit that the server answered with a rollback.
var errDropped = errors.New("a statement failed and the closure kept its error to itself: return it")

// transact runs f once between begin and commit. If f panics, the connection is
// given back inside its transaction, and the pool closes such a connection.
func (p *postgresDB) transact(ctx context.Context, begin string, f Work) (err error) {
	conn, err := p.db.Conn(ctx)
	if err != nil {
		return ofCaller(ctx, classifyStatement(err))
	}
	defer conn.Close()
	if err := command(ctx, conn, begin); err != nil {
		return ofCaller(ctx, classifyStatement(err))
	}
	err = run(ctx, conn, f)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	if err != nil {
		// Where this fails the connection is lost and the server rolls back.
		_ = command(end, conn, "rollback")
		return err
	}
	return commit(end, conn)
}

// ofCaller reports the caller's own cancellation as that and nothing else.
func ofCaller(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// command runs a statement without parameters in one exchange with the server.
func command(ctx context.Context, conn *sql.Conn, text string) error {
	return conn.Raw(func(c any) error {
		_, err := c.(*stdlib.Conn).Conn().Exec(ctx, text, pgx.QueryExecModeSimpleProtocol)
		return err
	})
}

// commit ends the transaction and tells what is known afterwards.
func commit(ctx context.Context, conn *sql.Conn) error {
	return conn.Raw(func(c any) error {
		pg := c.(*stdlib.Conn).Conn()
		if pg.IsClosed() {
			// Nothing can be sent any more: not done.
			return as(pgconn.ErrConnClosed, ErrUnavailable, errAgain)
		}
		tag, err := pg.Exec(ctx, "commit", pgx.QueryExecModeSimpleProtocol)
		// A crash here, of the server or of the line to it: done or not done.
		if err == nil && tag.String() != "COMMIT" {
			return errDropped
		}
		return failedAnswer(err)
	})
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
