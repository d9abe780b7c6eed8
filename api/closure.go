package api

// ClosureState is how the end of a grant stands with its reader.
type ClosureState string

// The states of a closure.
const (
	ClosureNotified     ClosureState = "notified"     // it stands in the reader's list of endings
	ClosureAcknowledged ClosureState = "acknowledged" // the reader has said so
	ClosureDestroyed    ClosureState = "destroyed"    // the reader attests that every copy is gone
	ClosureKept         ClosureState = "kept"         // the reader refuses, and says why
	ClosureSilent       ClosureState = "silent"       // the answer is late
)

// Closure is how the end of a grant, or of some of its parts, stands with its
// reader. The reader's word is Reply; the rest is the vault's.
type Closure struct {
	Seq   int64        `json:"seq"` // of her statement that ended it
	State ClosureState `json:"state"`
	Parts []int64      `json:"parts"`           // that ended
	Day   int64        `json:"day"`             // when it came into the reader's list
	Due   int64        `json:"due"`             // Unix seconds: an answer is late from then on
	Reply string       `json:"reply,omitempty"` // the reader's newest
	Notes int64        `json:"notes,omitzero"`  // parts about which the reader had a note here; destroyed with the reader's key to them
}

// Withdrawn answers POST /v1/withdrawals: everything named has ended.
type Withdrawn struct {
	Accepted
	Grants int64 `json:"grants"` // that ended, or lost a part
}

// Withdrawal is something that ended of a grant of hers, with the vault's signed
// word for it.
type Withdrawal struct {
	Grant     ID      `json:"grant"`
	Testimony ID      `json:"testimony"`
	Grantee   Account `json:"grantee"`
	Closure
	Revocation string `json:"revocation"` // a revocation receipt
}

// Withdrawals answers GET /v1/withdrawals and GET /v1/withdrawals/{grant}.
type Withdrawals struct {
	Withdrawals []Withdrawal `json:"withdrawals"`
}

// Ending is something that ended of a grant to the caller. The statements are
// absent once the testimony they concern is erased; their hashes stay.
type Ending struct {
	Grant           ID      `json:"grant"`
	From            Account `json:"from"` // who had granted it
	Statement       string  `json:"statement,omitempty"`
	StatementSHA256 Hash    `json:"statement_sha256"`
	Ended           string  `json:"ended,omitempty"` // revoke, withdraw or erase
	EndedSHA256     Hash    `json:"ended_sha256"`
	Closure
	Fetched []Opening `json:"fetched"` // oldest first
	Rekeys  []string  `json:"rekeys"`  // by which the giver changed her key, all there are, in order
}

// Endings answers GET /v1/endings.
type Endings struct {
	Endings []Ending `json:"endings"`
}
