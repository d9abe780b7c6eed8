// Package journal remembers every restricting act outside the database, so that
// restoring an old backup cannot bring back what she took away.
//
// A domain calls Write in the transaction of a restricting act once nothing of the act
// is refused any more, and the commit waits for the line to be flushed: what is in the journal and not in the database is applied
// again before the next request is served, what is in the database is in the
// journal. Applying an entry only ever restricts, and doing it twice changes
// nothing, so an entry whose transaction failed after all does no harm: she had
// signed it. One act is an exception: what a collection signed to be destroyed when a
// woman adopts it is destroyed by a crash in that moment although her adoption is not
// done. It waits for her still; see docs/operate/faults.md.
//
// # On the disk
//
// Each node writes a journal of its own, in DIR/NODE: files of lines, each line a
// canonical JSON document and a signature. A line names the SHA-256 of the one
// before it, so nothing can be taken out, put in or moved, and its signature
// covers the vault, the node, its number and its hash, so the newest one vouches
// for all before it and nobody without the server's journal key can make another.
// A line is flushed before the transaction commits; those who write at the same time
// share a flush. A last line without its end was never acknowledged: it is cut.
//
// # What the database knows
//
// In the transaction of the act a row says which line it is. Of everything up to
// the lowest row of a node the database knows, and of each row above it. Recover
// refuses to serve when a journal does not reach as far as the database knows, and
// applies what the database does not know.
//
// # What it assumes and does not do
//
// Whoever can write the folder and has the journal key can forge it; whoever rolls
// back folder and database together is found only by a head that was kept
// elsewhere (Head). Entries hold opaque ids, days, counters, and signed words
// without content: no name, no address, no text. What was not restricting is not
// here: a restore loses it.
//
// Source: docs/protocol.md section 10, docs/adr/0012.
package journal

import (
	"context"
	"fmt"
	"sync"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal/journaldb"
	"github.com/relatingfield/vault/internal/reserve"
	"github.com/relatingfield/vault/internal/store"
)

// Kind is what an entry restricts.
type Kind string

// The kinds, with the fields of Entry that they use beside Kind.
const (
	Revoked   Kind = "revoked"    // ID: a grant that was revoked or withdrawn, Data: her statement, on the first entry of it
	PartEnded Kind = "part-ended" // ID: a grant, N: the part that was withdrawn from it, Data: likewise
	Narrowed  Kind = "narrowed"   // ID: a grant whose terms were narrowed, N: seq of the statement; it is held when the statement is not there
	Read      Kind = "read"       // ID: a grant with max_reads, N: part, Value: reads so far
	Paused    Kind = "paused"     // Account, and ID: a testimony or empty for all
	Erased    Kind = "erased"     // ID: a testimony, Data: her statement
	Suspended Kind = "suspended"  // Hash: an accreditation
	Roster    Kind = "roster"     // N: seq, Data: the document and its approvals, which are public
	Rekeyed   Kind = "rekeyed"    // Account, Key: the thumbprint of the key that is good from here on, N: seq of the statement
	CheckedIn Kind = "checked-in" // Account, N: the day of an act of hers
	Declined  Kind = "declined"   // ID: a policy, claim or recovery, Account: the trustee who will not
	Vetoed    Kind = "vetoed"     // ID: a claim to an account that its owner refused
	Unshared  Kind = "unshared"   // ID: a recovery that its owner ended or replaced
	Halted    Kind = "halted"     // Hash: an agreement with a partner
	Agreed    Kind = "agreed"     // Hash: an agreement that took the place of older ones, ID: the partner, N: its beginning
	Retired   Kind = "retired"    // ID: a partner's client, Hash: the thumbprint of its key
	Unhooked  Kind = "unhooked"   // ID: an endpoint of webhooks that was deleted, switched off, pointed elsewhere or given new keys at once

	TrayClosed Kind = "tray-closed" // ID: a tray that its owner closed

	CollectorEnded Kind = "collector-ended" // ID: a collector of forms whose token was revoked, or changed for another
	FormWithdrawn  Kind = "form-withdrawn"  // ID: a form that phones do not get any more
)

// Entry is one restricting act. Fields that its kind does not use are zero.
type Entry struct {
	Kind    Kind          `json:"kind"`
	Account id.Thumbprint `json:"account,omitempty"`
	Key     id.Thumbprint `json:"key,omitempty"`
	ID      id.ID         `json:"id,omitempty"`
	N       int64         `json:"n,omitempty"`
	Value   int64         `json:"value,omitempty"`
	Hash    []byte        `json:"hash,omitempty"`
	Data    []byte        `json:"data,omitempty"`
}

// Journal is one node's journal. The nil journal remembers nothing: it is for
// domains under test.
type Journal struct {
	place  Place
	tape   *tape // nil until Recover
	ready  *tape // what it will be
	unlock func() error
	room   *reserve.Room

	mu   sync.Mutex
	seen map[string]int64 // the highest row of each node that was ever seen committed
}

// Write hands the entries in, makes the commit of tx wait until they are durable,
// and marks in tx that the database knows of them. Call it in the transaction that
// they belong to, when nothing in it will be refused any more. Where they cannot be
// written, Write or the transaction fails: ErrFull, or that the folder cannot be
// written.
func (j *Journal) Write(ctx context.Context, tx store.Tx, entries ...Entry) error {
	if j == nil || len(entries) == 0 {
		return nil
	}
	if j.tape == nil {
		return fmt.Errorf("write journal: %w", errNotRecovered)
	}
	b, head, err := j.hand(entries)
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	store.Before(tx, func() error { return j.flushed(b, entries) })
	// Its number stays open until the end is known: the row must not be counted as
	// there, nor as never to come, before that. One that was not written is another's.
	store.AtEnd(tx, func(err error) {
		if <-b.done; b.err == nil {
			j.ended(head.Seq, err)
		}
	})
	err = journaldb.New(store.Later(tx)).Know(ctx, journaldb.KnowParams{Node: j.place.Node, Seq: head.Seq, Sha256: head.Hash[:]})
	if err != nil {
		return fmt.Errorf("mark journal: %w", err)
	}
	return nil
}

// ended closes a number once its transaction is over.
func (j *Journal) ended(seq int64, err error) {
	j.tape.end(seq, err)
	if err == nil {
		j.saw(j.place.Node, seq)
	}
}

// saw remembers how far a node's rows went.
func (j *Journal) saw(node string, seq int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seen[node] = max(j.seen[node], seq)
}

// Heads are the ends of all journals in the folder, this node's own among them.
func (j *Journal) Heads() ([]Head, error) { return j.place.Heads() }

// Close ends the journal. What was written stays.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	err := j.ready.close()
	if e := j.unlock(); err == nil {
		err = e
	}
	return err
}
