package api

// NewGrant is POST /v1/testimonies/{t}/grants. Headers stand in the order of the
// statement's parts.
type NewGrant struct {
	Statement string  `json:"statement"` // grant
	Headers   []Bytes `json:"headers"`
}

// GrantState is the vault's view of a grant.
type GrantState string

// The states of a grant, the first that applies.
const (
	GrantRevoked   GrantState = "revoked"
	GrantEnded     GrantState = "ended"     // its term is over
	GrantSuspended GrantState = "suspended" // the accreditation it rests on does not count now
	GrantHeld      GrantState = "held"      // an older backup was restored: she has to renew it
	GrantPaused    GrantState = "paused"    // she paused it, its testimony, or everything
	GrantWaiting   GrantState = "waiting"   // its term has not begun
	GrantWithheld  GrantState = "withheld"  // its policy is not fulfilled
	GrantUsedUp    GrantState = "used-up"   // every part was opened as often as she allowed
	GrantLive      GrantState = "live"
)

// Consent is what a consent record says of a grant: how the newest question or
// answer about it stands. Whether the reader may open it is GrantState's to say.
type Consent string

// The consents, the first that applies.
const (
	ConsentWithdrawn Consent = "ConsentWithdrawn"       // by her
	ConsentRefused   Consent = "ConsentRefused"         // she said no to renewing it
	ConsentDeferred  Consent = "ConsentRequestDeferred" // she said not now
	ConsentRequested Consent = "ConsentRequested"       // the reader asks her to renew it
	ConsentExpired   Consent = "ConsentExpired"
	ConsentRevoked   Consent = "ConsentRevoked" // the stewards do not vouch for the reader: not her act
	ConsentRenewed   Consent = "RenewedConsentGiven"
	ConsentGiven     Consent = "ConsentGiven"
)

// Granted is a grant as its giver sees it.
type Granted struct {
	Grant     ID         `json:"grant"`
	State     GrantState `json:"state"`
	Consent   Consent    `json:"consent"`
	Statement string     `json:"statement"`
	Terms     string     `json:"terms,omitempty"` // renew or narrow: the statement whose terms are in force, absent if it is the grant
	Ask       string     `json:"ask,omitempty"`   // the reader's request that is before her
	Heard     string     `json:"heard,omitempty"` // the reader's reply that she was heard, absent while there is none
	Openings  []Opening  `json:"openings"`        // oldest first
	Closures  []Closure  `json:"closures"`        // what has ended of it, and how the reader answers
}

// Grants answers GET /v1/testimonies/{t}/grants.
type Grants struct {
	Grants []Granted `json:"grants"`
}

// Opening is one header delivered, with what left for the reader in its session.
type Opening struct {
	N        int64 `json:"n"`
	Opened   int64 `json:"opened"`          // Unix seconds
	Bytes    int64 `json:"bytes"`           // of header and payload, each counted once, at most
	Complete bool  `json:"complete"`        // whether that is all of it
	Export   bool  `json:"export,omitzero"` // taken out of the vault's world, not only looked at
}

// Revoked answers POST /v1/testimonies/{t}/revocations: what had been fetched
// can not be called back, and this is all of it.
type Revoked struct {
	Accepted
	Grant      ID        `json:"grant"`
	Fetched    []Opening `json:"fetched"`
	Revocation string    `json:"revocation"` // a revocation receipt, which says the same
}

// NewRelock is POST /v1/testimonies/{t}/relocks, after begin and payload.
type NewRelock struct {
	Statement string           `json:"statement"` // relock
	Header    Bytes            `json:"header"`    // her own
	Headers   []RelockedHeader `json:"headers"`   // in the order of the statement's grants
}

// RelockedHeader carries one reader over.
type RelockedHeader struct {
	Grant  ID    `json:"grant"`
	Header Bytes `json:"header"`
}

// InboxGrant is a grant as its reader sees it; GET /v1/inbox/{g} gives one.
type InboxGrant struct {
	Grant     ID          `json:"grant"`
	Statement string      `json:"statement"`        // grant
	Terms     string      `json:"terms,omitempty"`  // renew or narrow: the statement whose terms are in force, absent if it is the grant
	Answer    string      `json:"answer,omitempty"` // her newest answer to the reader's request
	State     GrantState  `json:"state"`            // never revoked or ended; those are not listed
	Access    Access      `json:"access"`           // of the terms in force: whether a copy may be kept
	Parts     []InboxPart `json:"parts"`            // by n
	Rekeys    []string    `json:"rekeys"`           // her rekey statements, all there are, in order
}

// InboxPart is one granted part. Relock is the statement that carried the grant
// over to the payload that is served now, absent when there was none.
type InboxPart struct {
	N      int64  `json:"n"`
	Length int64  `json:"length"` // of the payload, bytes
	Relock string `json:"relock,omitempty"`
	// Delivered says how it came, where somebody else brought it.
	Delivered *ToldDelivery `json:"delivered,omitempty"`
}

// ToldDelivery is what a reader is told of how a part came that a partner brought.
// Partner, day and note are there where she lets the reader see who it was: her grant
// then names the note.
type ToldDelivery struct {
	Assurance Assurance `json:"assurance"`
	Claimed   bool      `json:"claimed"` // it lay in a collection of the partner before
	// Readable says that the partner could read it before it was hers.
	Readable bool   `json:"partner_could_read"`
	Partner  ID     `json:"partner,omitempty"`
	Day      int64  `json:"day,omitzero"` // on which it was brought
	Note     string `json:"note,omitempty"`
}

// Inbox answers GET /v1/inbox.
type Inbox struct {
	Grants []InboxGrant `json:"grants"`
}
