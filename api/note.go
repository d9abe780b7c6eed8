package api

// NewReaderNote is the body of PUT /v1/inbox/{grant}/notes/{n}: a note sealed to the reader's
// own recipient. An empty one destroys what is there.
type NewReaderNote struct {
	Sealed Bytes `json:"sealed"`
}

// ReaderNote is what a reader keeps in the vault about a part.
type ReaderNote struct {
	N      int64 `json:"n"`
	Sealed Bytes `json:"sealed"`
}

// ReaderNotes answers GET /v1/inbox/{grant}/notes, and PUT of one of them.
type ReaderNotes struct {
	Notes []ReaderNote `json:"notes"`
}
