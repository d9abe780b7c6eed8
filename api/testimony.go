package api

import "github.com/relatingfield/vault/internal/envelope"

// NewTestimony is POST /v1/testimonies: a card, and the parts that are small
// enough to come along. The statements follow one another in the chain: card
// first, then the parts in order.
type NewTestimony struct {
	Testimony ID        `json:"testimony"`
	Statement string    `json:"statement"` // card
	Card      Bytes     `json:"card"`      // a sealed card, an age file
	Parts     []NewPart `json:"parts"`
}

// NewPart is a part on its way. With an add statement the payload is inside; with
// a begin statement it is absent and follows by PUT.
type NewPart struct {
	Statement string `json:"statement"` // add or begin
	Header    Bytes  `json:"header"`
	Payload   Bytes  `json:"payload,omitempty"`
}

// Created answers POST /v1/testimonies, one entry for each statement in order.
type Created struct {
	Testimony ID         `json:"testimony"`
	Accepted  []Accepted `json:"accepted"`
}

// NewCard is PUT /v1/testimonies/{t}/card.
type NewCard struct {
	Statement string `json:"statement"` // card
	Card      Bytes  `json:"card"`
}

// PartInfo says what a part is: part.json of its container. The sender of a
// plaintext body puts its text (PartInfo.Encode) into the Testimony-Part header,
// in base64url, and the vault seals it in.
type PartInfo = envelope.PartInfo

// Person is somebody who can be recognised in a part; Captured is what a device
// knew when the part was made. Both are sealed inside it.
type (
	Person   = envelope.Person
	Captured = envelope.Captured
)

// Arrived answers a part that was sealed on arrival.
type Arrived struct {
	Accepted
	Part Part `json:"part"`
}

// PartState says whose word a part rests on.
type PartState string

// The states of a part.
const (
	PartReceived PartState = "received" // sealed on arrival, not yet adopted
	PartHers     PartState = "hers"     // she signed for it
)

// Part is a part as the vault lists it.
type Part struct {
	N             int64     `json:"n"`
	State         PartState `json:"state"`
	Arrived       bool      `json:"arrived"` // sealed by the vault, for ever
	Classic       bool      `json:"classic"` // not post-quantum
	Length        int64     `json:"length"`  // of the payload, bytes
	PayloadSHA256 Hash      `json:"payload_sha256"`
	Commit        Hash      `json:"commit"`
	HeaderSHA256  Hash      `json:"header_sha256"`      // of her own header
	Received      string    `json:"received,omitempty"` // the sender's statement, where Arrived
	Damaged       bool      `json:"damaged,omitzero"`   // the vault no longer has it as it was stored
	Readable      int64     `json:"readable,omitzero"`  // of Damaged: bytes of the payload before the damage
	// Delivered says how it came, where somebody else brought it.
	Delivered *Delivered `json:"delivered,omitempty"`
}

// Upload is an upload under way: begun, and not a part yet.
type Upload struct {
	N             int64 `json:"n"`
	HeaderSHA256  Hash  `json:"header_sha256"`
	Header        Bytes `json:"header"` // hers, as it was begun
	Nonce         Bytes `json:"nonce"`  // that the payload begins with
	Length        int64 `json:"length"` // of the payload, bytes
	Received      int64 `json:"received"`
	PayloadSHA256 Hash  `json:"payload_sha256,omitzero"` // once all of it is there
	Day           int64 `json:"begun_day"`
}

// Testimony answers GET /v1/testimonies/{t}.
type Testimony struct {
	Testimony ID       `json:"testimony"`
	Day       int64    `json:"day"` // of creation
	Card      Bytes    `json:"card"`
	Parts     []Part   `json:"parts"`   // by n
	Uploads   []Upload `json:"uploads"` // by n
	// Collected says that this lies in a collection: the partner could read it, and it
	// cannot be granted.
	Collected bool `json:"partner_could_read,omitzero"`
}

// Listed is a testimony in her list.
type Listed struct {
	Testimony ID    `json:"testimony"`
	Day       int64 `json:"day"` // of creation
	Card      Bytes `json:"card"`
	Parts     int64 `json:"parts"`                       // how many
	Collected bool  `json:"partner_could_read,omitzero"` // it lies in a collection
}

// Testimonies answers GET /v1/testimonies, in the order they were made; further
// pages by the Link header (RFC 8288, rel="next").
type Testimonies struct {
	Testimonies []Listed `json:"testimonies"`
}
