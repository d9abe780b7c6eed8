package api

import (
	"fmt"

	"github.com/relatingfield/vault/internal/statement"
)

// Signed is every request that is one statement and nothing else.
type Signed struct {
	Statement string `json:"statement"`
}

// Accepted answers a request with one statement.
type Accepted struct {
	StatementSHA256 Hash   `json:"statement_sha256"`
	Seq             int64  `json:"seq"`
	Receipt         string `json:"receipt"` // JWS, typ tv-receipt+jwt
}

// Chain answers GET /v1/statements?after=N: at most Limits.StatementsPage
// entries behind N, and the head of the whole chain. Ask again with the last
// Seq until it is the head's.
type Chain struct {
	Statements []Entry `json:"statements"`
	Head       Head    `json:"head"`
	// Erasures are her erase statements that lost their place in the chain when the
	// vault was restored; absent but on the first page, and when there are none.
	Erasures []string `json:"erasures,omitempty"`
}

// Entry is one place of a chain. Where the testimony has been erased, Statement
// is absent and Testimony says which one it was; otherwise Testimony is absent.
type Entry struct {
	Seq       int64  `json:"seq"`
	SHA256    Hash   `json:"sha256"`
	Statement string `json:"statement,omitempty"`
	Testimony ID     `json:"testimony,omitempty"`
}

// Head is the end of a chain. The zero Head is that of an empty one.
type Head struct {
	Seq    int64 `json:"seq"`
	SHA256 Hash  `json:"sha256"`
}

// String writes the head as SEQ:HASH, short enough to note beside the words.
func (h Head) String() string { return fmt.Sprintf("%d:%s", h.Seq, h.SHA256) }

// ParseHead reads what Head.String wrote.
func ParseHead(s string) (Head, error) {
	var h Head
	var hash string
	if _, err := fmt.Sscanf(s, "%d:%43s", &h.Seq, &hash); err != nil {
		return Head{}, fmt.Errorf("%q is not a head: it is written as SEQ:HASH", s)
	}
	var err error
	if h.SHA256, err = ParseHash(hash); err != nil || h.String() != s || h.Seq < 1 {
		return Head{}, fmt.Errorf("%q is not a head: it is written as SEQ:HASH", s)
	}
	return h, nil
}

// Of gives the head as package statement counts it.
func (h Head) Of() statement.Head { return statement.Head{Seq: h.Seq, Hash: h.SHA256} }
