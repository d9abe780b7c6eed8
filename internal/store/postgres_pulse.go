package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pulseEvery is how often a server is asked whether it is there.
const pulseEvery = time.Second

// feel asks the server on a connection of its own whether it is there, for as long
// as the database is open: a server that is frozen, or behind a cut line, breaks no
// connection, and whoever waits for it would wait for ever. It returns what ends it.
func (p *postgresDB) feel(cfg *pgx.ConnConfig) func() {
	ctx, stop := context.WithCancel(context.Background())
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		tick := time.NewTicker(pulseEvery)
		defer tick.Stop()
		for ctx.Err() == nil {
			p.pulse(ctx, cfg, tick.C)
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	}()
	return func() { stop(); <-finished }
}

// pulse connects and asks until there is no answer.
func (p *postgresDB) pulse(ctx context.Context, cfg *pgx.ConnConfig, tick <-chan time.Time) {
	before := p.servers.current()
	cfg = cfg.Copy()
	err := p.servers.prepare(ctx, cfg)
	if err != nil {
		return
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		// Refused, or not allowed in: whoever is in may go on.
		if pgconn.Timeout(err) && ctx.Err() == nil {
			p.servers.silent(before)
		}
		return
	}
	life := lineOf(conn).life
	for err == nil {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-tick:
			err = p.beat(ctx, conn)
		}
	}
	timedOut := pgconn.Timeout(err)
	switch {
	case ctx.Err() != nil:
	case timedOut:
		p.servers.silent(life)
	default:
		p.servers.lost(life)
	}
	p.leave(conn)
}

func (p *postgresDB) beat(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, p.answer)
	defer cancel()
	return conn.Ping(ctx)
}

// leave says goodbye where somebody hears it.
func (p *postgresDB) leave(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), p.answer)
	defer cancel()
	_ = conn.Close(ctx) // whether it is heard makes no difference
}
