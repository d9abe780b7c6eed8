package store

import "context"

// AtEnd lets f know how the transaction that tx belongs to has ended, once that is
// known and before Update returns or tries again: nil when it is durable,
// ErrUncertain when nobody knows, any other error when nothing of it was kept. It
// is for what stands outside the database and has to agree with it. A closure that
// panics never ends.
func AtEnd(tx Tx, f func(err error)) {
	if e, ok := tx.(ender); ok {
		e.atEnd(f)
	}
}

// ender is a Tx that can tell how it ended.
type ender interface{ atEnd(f func(err error)) }

func (g *guarded) atEnd(f func(error)) {
	if g.ends != nil {
		*g.ends = append(*g.ends, f)
	}
}

// telling wraps one run of a transaction, and tells those who asked.
func telling(once func(Work) error, f Work) error {
	var ends []func(error)
	err := once(func(ctx context.Context, tx Tx) error {
		if g, ok := tx.(*guarded); ok {
			g.ends = &ends
		}
		return f(ctx, tx)
	})
	for _, end := range ends {
		end(err)
	}
	return err
}

// Alone runs f in a durable transaction that overlaps with no other Alone and no
// migration of any process on this database. On PostgreSQL f sees what was
// committed before each of its statements; other transactions go on. f may run
// more than once.
func (db *DB) Alone(ctx context.Context, f Work) error {
	return db.insist(ctx, f, db.back.migrate)
}
