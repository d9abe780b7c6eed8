package journal

import (
	"errors"
	"slices"
)

// roomKept is kept in the node's folder for a full disk, in bytes: some hundred
// acts that take something back.
const (
	roomKept = 1 << 20
	roomName = "reserve"
)

// append writes a line. On a full disk what takes something back uses the room
// that is kept for it; counting a reading does not, for the reading can wait.
func (j *Journal) append(entries []Entry) (Head, error) {
	counts := !slices.ContainsFunc(entries, func(e Entry) bool { return e.Kind != Read })
	if !j.room.Regain() && counts {
		return Head{}, ErrFull
	}
	head, err := j.tape.append(record{Entries: entries})
	if errors.Is(err, ErrFull) && !counts && j.room.Release() {
		head, err = j.tape.append(record{Entries: entries})
	}
	return head, err
}
