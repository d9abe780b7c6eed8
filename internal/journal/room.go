package journal

import (
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/store"
)

// roomKept is kept in the node's folder for a full disk, in bytes: some hundred
// acts that take something back.
const (
	roomKept = 1 << 20
	roomName = "reserve"
)

// hand makes the entries the next line. On a full disk what takes something back
// uses the room that is kept for it; counting a reading does not, for the reading
// can wait.
func (j *Journal) hand(entries []Entry) (*batch, Head, error) {
	if !j.room.Regain() && counts(entries) {
		return nil, Head{}, ErrFull
	}
	return j.tape.hand(record{Entries: entries})
}

// flushed waits for the line's flush. Where the disk was full and there is room now,
// the transaction is to be tried again, with another line.
func (j *Journal) flushed(b *batch, entries []Entry) error {
	<-b.done
	if b.err == nil {
		return nil
	}
	err := fmt.Errorf("write journal: %w", b.err)
	if errors.Is(err, ErrFull) && !counts(entries) && j.room.Release() {
		return store.Again(err)
	}
	return err
}

// counts says whether entries take nothing back.
func counts(entries []Entry) bool {
	return !slices.ContainsFunc(entries, func(e Entry) bool { return e.Kind != Read })
}
