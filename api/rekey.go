package api

// Rekey is POST /v1/rekeys: an account goes on with another key. Statements are
// the rekey statement, signed by the old key, and one rewrap statement by the new
// key for each of Testimonies, in their order.
type Rekey struct {
	Statements  []string    `json:"statements"`
	Testimonies []Rewrapped `json:"testimonies"`
}

// Rewrapped is one testimony's card and her own headers, sealed to her new
// recipient. Headers stand in the order of the rewrap statement's parts.
type Rewrapped struct {
	Testimony ID      `json:"testimony"`
	Card      Bytes   `json:"card"`
	Headers   []Bytes `json:"headers"`
}

// Rekeyed answers it: one entry for each statement, in order.
type Rekeyed struct {
	Account  Account    `json:"account"` // stays what it was
	Accepted []Accepted `json:"accepted"`
}
