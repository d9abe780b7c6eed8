// Package explore tries every order in which two nodes, their transactions, their
// leases, the reader and she can act, and looks for one that breaks a promise.
//
// What an act does to the vault is machine.Step; what is modelled here is all that
// lies between the act and the reader: a transaction reads first and commits
// later, a stream sends while its lease lasts, a node is cut off from the database
// and goes on sending, an answer waits until nothing of the old can follow, a
// backup is restored. Each state is visited once, each move from it is made
// once, and the ways are tried shortest first, so a broken promise comes with the
// shortest story that breaks it, in words.
//
// The database is the weaker of the two engines. Updates are serializable, which
// is less than one would like: of two that only read what the other writes, one
// may count as the earlier although it commits later, unless a third transaction
// that is serializable, too, has seen the opposite. A view is a snapshot of its
// own and makes nobody wait. On SQLite, where writers come one by one, there are
// fewer orders, all of them tried here as well.
//
// Promises: deterministic and exhaustive within the bounds of a Scenario. Assumes:
// the clocks of all nodes run equally fast. Does not: model bytes, keys, statements
// or the log; docs/model/README.md has the list.
//
// Source: docs/model/Release.tla states the same moves and promises.
package explore

import "github.com/relatingfield/vault/internal/release/machine"

// Nodes serve readers.
const Nodes = 2

// Tx is a transaction under way.
type Tx uint8

// The transactions of a node. What they read, they have read; what they write,
// nobody sees yet.
const (
	NoTx Tx = iota
	Opening
	Renewing
)

// Stream is how far the delivery of the part has come on a node.
type Stream uint8

// The streams: none, one that may begin, one that has sent something.
const (
	NoStream Stream = iota
	Ready
	Sending
)

// Node is one node, busy with one reader.
type Node struct {
	Tx     Tx
	Stream Stream
	CutOff bool           // from the database, not from the reader
	Row    bool           // its lease stands in the database
	Old    bool           // the lease is for a header that has been replaced
	Began  machine.Second // a moment before the transaction under way read anything
	Until  machine.Second // the last second of the lease, as the node knows it
	Read   bool           // the transaction under way counts a read: no session goes on

	Recorded bool // what the stream serves has its event, and that is durable
	Over     bool // she was told that this stream has ended

	// The transaction under way: somebody has meanwhile written a row that it
	// writes, one that it has read, or has read, serializably, what it writes.
	Conflict, Stale, Seen bool

	// For the flaws only: what it read.
	ReadsThen uint8
	DayThen   machine.Second
}

// Her is what she waits for: the answer to an act that ends streams.
type Her struct {
	Waiting bool
	For     machine.Kind
	Since   machine.Second
}

// World is everything: what has been committed, who is in the middle of what, and
// what was promised so far.
type World struct {
	DB    machine.State
	Nodes [Nodes]Node
	Her   Her
	Done  uint16 // acts of the scenario that were done, one bit each

	Journal  [journalled]machine.Entry
	Entries  uint8
	Restored bool

	// What the promises are about.
	Live  machine.Second // the last second at which the grant was live; never, before
	Reads uint8          // events that were ever recorded
	Ended bool           // she was told that it is revoked, withdrawn or erased
	Stops bool           // she was told that it is paused, and has not lifted it
}

const (
	journalled = 4
	never      = machine.Second(-1 << 30)
)

// Scenario bounds a search: what is there in the beginning, what she and others do
// at most once each, in any order, and when time stops.
type Scenario struct {
	Name    string
	Start   machine.State
	Acts    []machine.Action
	Lease   machine.Second
	End     machine.Second
	Restore bool // the beginning may be restored, once
}

// Run explores a scenario of a vault that is built as ours is, but for the flaw.
func Run(s Scenario, flaw Flaw, most int) (Result, error) {
	sys := system{s, flaw}
	start := World{DB: s.Start, Live: never}
	start.look()
	return Search(start, most, sys.next, sys.broken)
}

// look notes whether the grant is live now.
func (w *World) look() {
	if w.live() {
		w.Live = w.DB.Now
	}
}

// live says whether a stream of the part may go on now.
func (w *World) live() bool {
	_, out := machine.Step(w.DB, machine.Action{Kind: machine.Go})
	return out.Done
}
