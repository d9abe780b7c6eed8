package store

import (
	"context"
	"errors"
	"fmt"
)

// scrub empties the write-ahead log, which still holds the pages from before
// the deletion; in the database file secure_delete has overwritten them. It
// truncates the log, so the next page written does not spare old ones.
//
// Truncating waits for readers that still look at the log. It happens with the
// writer's turn, so a stubborn reader must not keep it long: each try is short,
// and others write in between.
func (s *sqliteDB) scrub(ctx context.Context, _ []string) error {
	err := s.emptyLog(ctx)
	if errors.Is(err, ErrFull) && s.room.Release() {
		err = s.emptyLog(ctx)
	}
	return err
}

func (s *sqliteDB) emptyLog(ctx context.Context) error {
	return again(ctx, func() error {
		return s.writer.alone(ctx, func(w *session) error {
			if err := w.exec("PRAGMA busy_timeout(50)"); err != nil {
				return err
			}
			err := truncateLog(w)
			if e := w.exec("PRAGMA busy_timeout(5000)"); e != nil {
				return e
			}
			return err
		})
	})
}

func truncateLog(w *session) error {
	var busy, pages, moved int
	err := w.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	if err != nil {
		return classifyStatement(err)
	}
	if busy != 0 {
		return as(fmt.Errorf("a long read holds %d pages of the write-ahead log", pages), ErrUnavailable, errAgain)
	}
	return nil
}
