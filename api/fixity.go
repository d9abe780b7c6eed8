package api

// Doubt is POST /v1/testimonies/{t}/parts/{n}/fixity and POST
// /v1/inbox/{grant}/parts/{n}/fixity: what came is not what was signed for, or did not
// come.
type Doubt struct {
	At int64 `json:"at,omitzero"` // byte of the payload at which it was noticed; 0 for all of it
}

// FixityState is what the vault finds of a part that is doubted.
type FixityState string

// What it can find.
const (
	FixityIntact  FixityState = "intact"  // it is what was stored
	FixityHealed  FixityState = "healed"  // it was not, and is now: fetch it again
	FixityDamaged FixityState = "damaged" // it is not, and there is no good copy
	FixityQueued  FixityState = "queued"  // it will be looked at: ask again later
)

// Fixity answers a Doubt.
type Fixity struct {
	State FixityState `json:"state"`
}

// Erased answers POST /v1/testimonies/{t}/erasure.
type Erased struct {
	Accepted
	// Left says that a place where payloads are stored does not answer, so that sealed
	// bytes still lie there. Nothing serves or opens them, and they are deleted as soon as
	// it does.
	Left bool `json:"left,omitzero"`
}
