package store

import (
	"context"
	"errors"
)

// roomKept is the room that is kept for a full disk, in bytes. The log that
// insisting acts write is moved into the database and begun anew when it is full,
// so they go on for far longer than their own bytes would last.
const roomKept = 8 << 20

// errLean refuses what may not use the room that was kept.
var errLean = as(errors.New("what is left is kept for taking back"), ErrFull, ErrUnavailable)

// makeRoom gives the kept room to the disk. Where that has been done before, the
// log is what can be made smaller.
func (s *sqliteDB) makeRoom(ctx context.Context) bool {
	return s.room.Release() || s.room != nil && s.emptyLog(ctx) == nil
}
