package api

// EventKind says what happened.
type EventKind string

// The kinds of events in a custody feed.
const (
	EventCreated  EventKind = "created"
	EventCard     EventKind = "card"
	EventBegun    EventKind = "begun"
	EventAdded    EventKind = "added"
	EventReceived EventKind = "received"
	EventAdopted  EventKind = "adopted"
	EventMode     EventKind = "mode" // Detail: listening or evidence
	EventGranted  EventKind = "granted"
	EventRenewed  EventKind = "renewed"
	EventNarrowed EventKind = "narrowed"
	EventAnswered EventKind = "answered"
	EventRevoked  EventKind = "revoked"
	EventRelocked EventKind = "relocked"
	EventOpened   EventKind = "opened" // a reader got a header; Detail: export, where it left the vault's world
	EventPaused   EventKind = "paused"
	EventLifted   EventKind = "lifted"
	EventDenied   EventKind = "denied" // a refused attempt, one event a day and kind

	EventRewrapped EventKind = "rewrapped" // her words were changed
	EventPolicy    EventKind = "policy"    // she set a release policy
	EventAgreed    EventKind = "agreed"    // a trustee did
	EventDeclined  EventKind = "declined"  // a trustee did
	EventVoted     EventKind = "voted"     // a trustee gave a share for the reader
	EventReleased  EventKind = "released"  // the reader got the shares
	EventDamaged   EventKind = "damaged"   // the vault found that a part is not what was stored
	EventHealed    EventKind = "healed"    // it is again
	EventReplied   EventKind = "replied"   // a reader answered to the end of a grant; Detail says what
)

// ActorVault is the actor of what the vault found out by itself.
const ActorVault = "vault"

// Event is one line of the custody feed of a testimony. Her own acts carry Day,
// those of readers and trustees Time.
type Event struct {
	Seq    int64     `json:"seq,omitzero"` // from 1, without gaps
	Day    int64     `json:"day,omitzero"`
	Time   int64     `json:"time,omitzero"`
	Kind   EventKind `json:"kind"`
	Actor  string    `json:"actor"`      // an account, or a role where the account is not known
	N      int64     `json:"n,omitzero"` // part
	Grant  ID        `json:"grant,omitempty"`
	Policy ID        `json:"policy,omitempty"`
	Times  int64     `json:"times,omitzero"`   // of denied: how often that day
	Detail string    `json:"detail,omitempty"` // a fixed word or figure, never text of hers
}

// Feed answers GET /v1/testimonies/{t}/feed?after=N: at most a page of events
// behind N, and all refused attempts. Ask again with the last Seq until it is
// Last.
type Feed struct {
	Events []Event `json:"events"` // by Seq
	Last   int64   `json:"last"`   // Seq of the newest event there is
	Denied []Event `json:"denied"` // by Day; they are counted apart and have no Seq
}
