// Package closure follows the end of a grant until its reader has answered for
// what was fetched under it.
//
// A row is made in the transaction that ends a grant or some of its parts, and
// stands in the reader's list of endings from then on. The reader acknowledges,
// attests that every copy is gone, or keeps it and says why. How that stands is
// Decide, a pure function of the row and the time: no job has to run for a reader
// to be late, and an answer that comes late still counts.
//
// Promises: whoever owes an answer past its day is Silent, and no longer once the
// answer is there; answers only move forward. Assumes: rows are written in the
// transaction of the act that they follow. Does not: end anything, check
// signatures, or know whether an attestation is true. Nobody can.
//
// Source: docs/protocol.md section 9, docs/consent.md.
package closure

import (
	"slices"
	"time"

	"github.com/relatingfield/vault/internal/statement"
)

// State is how the end of a grant stands with its reader.
type State string

// The states.
const (
	Notified     State = "notified"     // it stands in the reader's list
	Acknowledged State = "acknowledged" // the reader has said so; that is all that is owed where nothing had been fetched
	Destroyed    State = "destroyed"    // the reader attests that every copy is gone
	Kept         State = "kept"         // the reader refuses to destroy, and says why
	Silent       State = "silent"       // the answer is late
)

// Facts are what the decision rests on.
type Facts struct {
	Reply   string // the newest of the reader's: as in the reply statement, or empty
	Fetched bool   // something had been opened of what ended
	Due     int64  // Unix seconds: the first second at which an answer is late
}

// Owes says whether an answer is still due. Where something was fetched, saying
// that one has read the notice is not enough.
func (f Facts) Owes() bool {
	return f.Reply == "" || f.Reply == statement.Acknowledged && f.Fetched
}

// Decide says how it stands at now, in Unix seconds of the vault's clock.
func Decide(f Facts, now int64) State {
	switch {
	case f.Owes() && now >= f.Due:
		return Silent
	case f.Reply == "":
		return Notified
	}
	return State(f.Reply)
}

// DueAt is when the answer to what ended on day is late. Only the day of her act
// is known, so the time counts from the end of it: no reader gets less than was
// said.
func DueAt(day int64, within time.Duration) int64 {
	return day + statement.Day + int64(within/time.Second)
}

// Moves says whether a reply says more than the one before it. What was kept can
// be destroyed later; what was attested as destroyed cannot be kept.
func Moves(from, to string) bool {
	order := []string{"", statement.Acknowledged, statement.Kept, statement.Destroyed}
	return slices.Index(order, to) > slices.Index(order, from)
}
