package api

// NewRecovery is POST /v1/recoveries. Without trustees it ends the recovery.
type NewRecovery struct {
	Statement string  `json:"statement"` // recovery
	Shares    []Bytes `json:"shares"`    // age files, in the order of the statement's trustees
}

// Recovery answers GET /v1/recoveries: how hers stands.
type Recovery struct {
	Recovery ID        `json:"recovery,omitempty"` // absent where there is none
	Trustees []Trustee `json:"trustees"`           // by account
	Claims   []Claimed `json:"claims"`             // that stand, the oldest first
}

// Claimed is a claim on an account.
type Claimed struct {
	Claim    ID      `json:"claim"`
	Claimant Account `json:"claimant"`
	Opened   int64   `json:"opened"`    // Unix seconds, a whole day
	GivesAt  int64   `json:"gives_at"`  // Unix seconds, the first at which shares leave
	Said     string  `json:"statement"` // claim
	Key      string  `json:"key"`       // the claimant's key statement
}

// NamedRecovery is a recovery as one of its trustees meets it.
type NamedRecovery struct {
	Recovery  ID            `json:"recovery"`
	Account   Account       `json:"account"`   // whose
	Statement string        `json:"statement"` // recovery
	Rekeys    []string      `json:"rekeys"`    // by which its account changed its key before
	Share     Bytes         `json:"share"`     // the age file to the trustee
	Answer    TrusteeAnswer `json:"answer"`
	Claims    []Claimed     `json:"claims"`
}

// NamedRecoveries answers GET /v1/recoveries/named.
type NamedRecoveries struct {
	Recoveries []NamedRecovery `json:"recoveries"`
}

// RecoveredShares answers GET /v1/claims/{claim}/shares.
type RecoveredShares struct {
	Account  Account         `json:"account"`
	Recovery string          `json:"recovery"` // its statement
	Rekeys   []string        `json:"rekeys"`
	Shares   []ReleasedShare `json:"shares"` // by account
}
