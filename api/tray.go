package api

import "github.com/relatingfield/vault/internal/delivery"

// Assurance says who could have read or changed an item before it was sealed to her.
type Assurance = delivery.Assurance

// DeliveryNote is what a delivery note says. It travels as a compact JWS.
type DeliveryNote = delivery.Note

// Headers of a delivery: all that goes with the bytes of an item. None of it stands
// in the address, which proxies write down.
const (
	HeaderTray         = "Testimony-Tray"         // the tray's code
	HeaderSealed       = "Testimony-Header"       // base64url of the age header to her
	HeaderDelivery     = "Testimony-Delivery"     // the delivery note
	HeaderErasure      = "Testimony-Erasure"      // of a claim: the collection's erase statement
	HeaderConsultation = "Testimony-Consultation" // that plaintext belongs to
)

// MaxWholeItem is the largest payload, in bytes, that clients bring in one request. A
// larger one goes by tus, to /v1/deliveries/{item}/payload, with the same headers, so
// that a line that breaks costs little.
const MaxWholeItem = 16 << 20

// NewTray is POST /v1/trays.
type NewTray struct {
	Partner ID `json:"partner"`
}

// OpenedTray answers it. Code is told once.
type OpenedTray struct {
	Tray  ID     `json:"tray"`
	Code  string `json:"code"`
	Until int64  `json:"until"` // Unix seconds of the first day on which nothing more is taken
}

// Tray is a tray in her list.
type Tray struct {
	Tray    ID    `json:"tray"`
	Partner ID    `json:"partner"`
	Day     int64 `json:"day"` // of opening
	Until   int64 `json:"until"`
	Closed  bool  `json:"closed"` // nothing more is taken
	Items   int64 `json:"items"`  // that wait
}

// Trays answers GET /v1/trays; further pages by the Link header.
type Trays struct {
	Trays []Tray `json:"trays"`
}

// ClosedTray answers POST /v1/trays/{tray}/closing.
type ClosedTray struct {
	Tray ID `json:"tray"`
}

// Item is what waits for her, by the word of its note.
type Item struct {
	Item      ID        `json:"item"`
	Tray      ID        `json:"tray"`
	Partner   ID        `json:"partner"`
	Day       int64     `json:"day"`   // on which it came
	Until     int64     `json:"until"` // the first day on which it is gone
	Length    int64     `json:"length"`
	Assurance Assurance `json:"assurance"`
	Readable  bool      `json:"partner_could_read"` // before it came here
	Note      string    `json:"note"`
}

// Items answers GET /v1/items; further pages by the Link header.
type Items struct {
	Items []Item `json:"items"`
}

// Adoption answers POST /v1/items/{item}/adoption.
type Adoption struct {
	Accepted
	// Destroyed is the testimony of a collection that the partner has no more: this was
	// the last part of it that was sealed anew.
	Destroyed ID `json:"destroyed,omitempty"`
}

// Refusal answers POST /v1/items/{item}/refusal.
type Refusal struct {
	Item ID `json:"item"`
}

// Delivered says how a part came that somebody else brought. It stays with the part.
type Delivered struct {
	Partner   ID        `json:"partner"`
	Assurance Assurance `json:"assurance"`
	Claimed   bool      `json:"claimed"` // it lay in a collection before
	// Readable says that the partner could read it before it was hers; the promises of
	// the vault hold from then on.
	Readable bool   `json:"partner_could_read"`
	Note     string `json:"note"`
}

// Returned is an item that she took back from a partner's keeping.
type Returned struct {
	Item         ID    `json:"item"`
	Partner      ID    `json:"partner"`
	Day          int64 `json:"day"`
	Due          int64 `json:"due"`                   // the first day on which the partner's answer is late
	Acknowledged int64 `json:"acknowledged,omitzero"` // day of the answer
	Late         bool  `json:"late"`
}

// Returns answers GET /v1/returns; further pages by the Link header.
type Returns struct {
	Returns []Returned `json:"returns"`
}

// DeliveryState is what became of what a partner brought.
type DeliveryState string

// The states. What she did herself shows on the day after.
const (
	DeliveryWaiting   DeliveryState = "waiting"
	DeliveryTaken     DeliveryState = "taken"
	DeliveryRefused   DeliveryState = "refused"
	DeliveryExpired   DeliveryState = "expired"
	DeliveryWithdrawn DeliveryState = "withdrawn"
)

// Brought answers a delivery.
type Brought struct {
	Item ID     `json:"item"`
	Day  int64  `json:"day"`
	Note string `json:"note,omitempty"` // the vault's, where the vault sealed it
}

// Delivery is an item as its partner sees it: nothing of it but how it stands.
type Delivery struct {
	Item         ID            `json:"item"`
	State        DeliveryState `json:"state"`
	Brought      int64         `json:"brought"` // day
	Changed      int64         `json:"changed"` // day, of State
	Acknowledged int64         `json:"acknowledged,omitzero"`
}

// Deliveries answers GET /v1/deliveries, what changed last at the end; further pages
// by the Link header. Going on from the last one seen misses nothing.
type Deliveries struct {
	Deliveries []Delivery `json:"deliveries"`
	Next       string     `json:"next"` // the after of the next question, also when there is nothing more now
}

// NewCollection is POST /v1/collections.
type NewCollection struct {
	Statement string `json:"statement"` // collection, by an officer
	Key       string `json:"key"`       // the key statement of the new account
}

// OpenedCollection answers it. Code is told once.
type OpenedCollection struct {
	Accepted
	Key        Accepted   `json:"key"`
	Collection Collection `json:"collection"`
	Code       string     `json:"code"` // of its tray
}

// Collection is an account under the keys of a partner, which could read all in it.
type Collection struct {
	Collection ID      `json:"collection"`
	Account    Account `json:"account"`
	Partner    ID      `json:"partner"`
	Day        int64   `json:"day"`   // of opening
	Until      int64   `json:"until"` // the first day on which it and all in it is gone
	Over       bool    `json:"over"`
	Readable   bool    `json:"partner_could_read"` // always true
	Statement  string  `json:"statement"`          // of the officer who opened it
}

// Collections answers GET /v1/collections; further pages by the Link header.
type Collections struct {
	Collections []Collection `json:"collections"`
}
