package api

// NewPolicy is POST /v1/testimonies/{t}/policies. Without trustees there are no
// shares and no recipient.
type NewPolicy struct {
	Statement string  `json:"statement"`           // policy
	Recipient string  `json:"recipient,omitempty"` // age1pq1…, of the shared key; later grants are sealed to it, too
	Shares    []Bytes `json:"shares"`              // age files, in the order of the statement's trustees
}

// TrusteeAnswer is what a trustee has done.
type TrusteeAnswer string

// The answers. Released is a share for the reader that counts now.
const (
	TrusteeNone     TrusteeAnswer = "none"
	TrusteeAgreed   TrusteeAnswer = "agreed"
	TrusteeDeclined TrusteeAnswer = "declined"
	TrusteeReleased TrusteeAnswer = "released"
)

// Trustee is one of those a policy names.
type Trustee struct {
	Account  Account       `json:"account"`
	Answer   TrusteeAnswer `json:"answer"`
	Released int64         `json:"released,omitzero"` // Unix seconds
}

// Silence is when a silence is noticed and when it counts, if nothing is signed
// until then.
type Silence struct {
	NoticeAt  int64 `json:"notice_at"`  // Unix seconds
	ReleaseAt int64 `json:"release_at"` // Unix seconds
}

// Policy is a release policy as its maker sees it.
type Policy struct {
	Policy    ID        `json:"policy"`
	Statement string    `json:"statement"`
	Recipient string    `json:"recipient,omitempty"` // of the shared key
	Trustees  []Trustee `json:"trustees"`            // by account
	Silence   *Silence  `json:"silence,omitempty"`   // absent where it plays no part
}

// Policies answers GET /v1/testimonies/{t}/policies.
type Policies struct {
	Policies []Policy `json:"policies"`
}

// Trust is a release policy as a trustee sees it.
type Trust struct {
	Policy    ID            `json:"policy"`
	Statement string        `json:"statement"`        // policy
	Rekeys    []string      `json:"rekeys,omitempty"` // by which its maker changed keys
	Share     Bytes         `json:"share"`            // the age file to the trustee
	Answer    TrusteeAnswer `json:"answer"`
	Open      bool          `json:"open"` // whether the vote is, now
	Silence   *Silence      `json:"silence,omitempty"`
}

// Trusts answers GET /v1/trusts.
type Trusts struct {
	Trusts []Trust `json:"trusts"`
}

// NewRelease is POST /v1/trusts/{policy}/releases: a trustee's vote.
type NewRelease struct {
	Statement string `json:"statement"` // release
	Share     Bytes  `json:"share"`     // an age file to the reader
}

// Shares answers GET /v1/inbox/{g}/shares.
type Shares struct {
	Policy string          `json:"policy"` // her statement
	Shares []ReleasedShare `json:"shares"` // by account
}

// ReleasedShare is one trustee's vote.
type ReleasedShare struct {
	Account   Account  `json:"account"`
	Statement string   `json:"statement"`        // release
	Rekeys    []string `json:"rekeys,omitempty"` // by which the trustee changed keys
	Share     Bytes    `json:"share"`            // an age file to the reader
}

// SilenceNotice tells her that her silence is long enough to be noticed, and what
// it leads to.
type SilenceNotice struct {
	Policy    ID `json:"policy"`
	Testimony ID `json:"testimony"`
	Silence
}

// Introduction is PUT /v1/introduction, and its answer: whether whoever knows the
// caller's account may ask for its key.
type Introduction struct {
	Open bool `json:"open"`
}

// AccountKey answers GET /v1/introductions/{account}: where to seal to for somebody
// whose account was typed or scanned. The statement is worth nothing until it was
// held against that account.
type AccountKey struct {
	Key    string   `json:"key"`              // the key statement
	Rekeys []string `json:"rekeys,omitempty"` // by which the account changed keys since
}
