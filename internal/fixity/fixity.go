// Package fixity compares what is stored with what was stored, as archives do, and
// puts right what it can.
//
// Every piece of every payload is read again before its period is over, by one node
// at a time, and hashed from the state of the piece before: it needs no key and sees
// ciphertext only. What lies in rows is opened under its shred key, which
// authenticates it, and hashed. A piece that is not what it was is replaced by its
// copy in the second store, where that is what it was; a copy that is not is made
// anew from a good piece.
//
// Promises: nothing is written that was not verified on its way, byte by byte; an
// object is let go of only after a verified one has taken its place, so there is
// always one copy more than before, never one less; what cannot be healed is said
// once in its owner's feed and shown to her until it is; what a crash or an erasure
// leaves of an object that was being written is deleted within the time of a claim;
// it reads no faster than it was told to.
//
// Assumes that the database is right: it says what the bytes must be. Does not find
// out why something was damaged, or whether a store will give the same bytes to the
// next reader: a store that lies is found by clients, which know what was signed.
//
// Specification: docs/operate/fixity.md.
package fixity

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Kind is what is found of a piece.
type Kind string

// What can be found. Only Intact is good.
const (
	Intact  Kind = "intact"
	Damaged Kind = "damaged" // as long as it was, and other bytes, or unreadable ones
	Missing Kind = "missing"
	Short   Kind = "short"
	Long    Kind = "long"
)

// Errors of this package.
var (
	// ErrGone reports a store in which nothing is found. That it was not mounted is
	// more likely than that everything was lost at once, so nothing is concluded.
	ErrGone = errors.New("nothing of what was looked for is in the object store: is it mounted? What was really lost comes back with testimonyd blobs restore")
	// ErrBusy reports that as many checks run as may on somebody's request.
	ErrBusy = errors.New("other parts are being checked at the moment")
)

// Rewind makes an upload under way go back to the byte from, where what it has is no
// longer what was sent: its client sends the rest again.
type Rewind func(ctx context.Context, tx store.Tx, testimony id.ID, n, from int64) error

// Fixity checks one vault. Its methods may be called by many goroutines and nodes.
type Fixity struct {
	DB       *store.DB
	Payloads *payload.Payloads // whose stores are checked
	Keys     shred.Keys
	Rewind   Rewind
	Every    time.Duration // the period: everything is read once in it
	Pace     int64         // bytes a second at most, of what nobody waits for
	PerDay   int64         // bytes a day and account that are read on request
	Now      func() time.Time
	Tick     func() time.Time // monotonic
	Rand     io.Reader
	Log      *slog.Logger

	pace    pace
	spread  spread
	asked   asked
	noted   noted
	waiting chan struct{} // wakes Run
	once    sync.Once
}

// wake is where Run listens.
func (f *Fixity) wake() chan struct{} {
	f.once.Do(func() { f.waiting = make(chan struct{}, 1) })
	return f.waiting
}

func (f *Fixity) today() int64 { return statement.DayOf(f.Now()) }

func (f *Fixity) first() blob.Store  { return f.Payloads.Blobs }
func (f *Fixity) second() blob.Store { return f.Payloads.Second }
