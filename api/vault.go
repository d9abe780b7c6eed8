package api

// Mode says who may enrol.
type Mode string

// The enrolment modes.
const (
	ModeOpen     Mode = "open"     // anybody, after a proof of work
	ModeCode     Mode = "code"     // with an invitation
	ModePartners Mode = "partners" // participants with an invitation of a partner
)

// Vault answers GET /v1/vault.
type Vault struct {
	VaultID     Hash    `json:"vault_id"` // SHA-256 of the founding roster
	Practice    bool    `json:"practice"` // true: nothing real belongs here
	Enrolment   Mode    `json:"enrolment"`
	OnArrival   bool    `json:"on_arrival"` // whether plaintext is sealed on arrival
	Limits      Limits  `json:"limits"`
	Erasure     Erasure `json:"erasure"`
	ReceiptKeys []Bytes `json:"receipt_keys"` // Ed25519, 32 bytes each, newest first
	// Canary are words of stewards (docs/protocol.md section 20), as the operator was given
	// them. Absent where there are none.
	Canary []string `json:"canary,omitempty"`
	// ReceiptChain says which of them come after which. Absent while there was one.
	ReceiptChain []ReceiptLink `json:"receipt_chain,omitempty"`
	Time         int64         `json:"time"`
}

// ReceiptLink is the word of a receipt key for the one that comes after it: an Ed25519
// signature over "testimony-vault/v1/receipt-key", the older key and the newer one in
// base64url and the time in RFC 3339 (UTC), a line each.
type ReceiptLink struct {
	Key       Bytes `json:"key"`
	From      int64 `json:"from"` // Unix seconds; the key signs nothing before
	Before    Bytes `json:"before"`
	Signature Bytes `json:"signature"`
}

// Erasure is what the operator says of what is left of an erased testimony.
type Erasure struct {
	// BackupsDays is for how many days backups may still hold it, sealed to its
	// owner. It is the operator's word; nothing can prove it.
	BackupsDays int64 `json:"backups_days"`
}

// Limits are the most of everything that the vault takes.
type Limits struct {
	JSON           int64 `json:"json"`            // bytes of a JSON request body
	InlinePayload  int64 `json:"inline_payload"`  // bytes of a payload inside JSON, decoded
	Payload        int64 `json:"payload"`         // bytes of a payload
	Header         int64 `json:"header"`          // bytes of an age header
	Parts          int64 `json:"parts"`           // of one testimony
	PartsAtOnce    int64 `json:"parts_at_once"`   // in one POST /v1/testimonies
	Testimonies    int64 `json:"testimonies"`     // of one account
	AccountBytes   int64 `json:"account_bytes"`   // stored payload of one account
	StatementsPage int64 `json:"statements_page"` // statements in one answer
}

// Roster answers GET /v1/roster: the founding roster and every change since.
type Roster struct {
	Links []RosterLink `json:"links"`
}

// RosterLink is one roster document and the statements that approve it. The
// founding document, the first, has no approvals: its hash is the vault id.
type RosterLink struct {
	Document  Bytes    `json:"document"`
	Approvals []string `json:"approvals"` // roster statements
}

// ProposeRoster is POST /v1/roster: one steward's voice for the next roster.
type ProposeRoster struct {
	Document  Bytes  `json:"document"`
	Statement string `json:"statement"` // roster
}

// RosterProposed answers POST /v1/roster.
type RosterProposed struct {
	Accepted
	Approvals int  `json:"approvals"` // so far, this one included
	Threshold int  `json:"threshold"` // of the roster in force
	Effective bool `json:"effective"`
}

// Enrolment answers GET /v1/enrolment. Challenge and Bits are of the proof of
// work (package proofofwork) and absent in the other modes.
type Enrolment struct {
	Mode      Mode   `json:"mode"`
	Challenge string `json:"challenge,omitempty"`
	Bits      int    `json:"bits,omitzero"`
}

// Enrol is POST /v1/accounts. Challenge and Solution, or Invitation, or neither
// where the key stands in the roster.
type Enrol struct {
	Statement  string `json:"statement"` // key
	Challenge  string `json:"challenge,omitempty"`
	Solution   string `json:"solution,omitempty"`
	Invitation string `json:"invitation,omitempty"`
}

// Invite is POST /v1/invitations.
type Invite struct {
	Role Role `json:"role"`
}

// Invitation answers POST /v1/invitations. Whoever has the code can enrol once.
type Invitation struct {
	Invitation string `json:"invitation"`
	Expires    int64  `json:"expires"`
}
