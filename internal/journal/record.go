package journal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"strconv"

	"github.com/relatingfield/vault/internal/canonical"
)

// record is one line without its signature. Members that are zero are not written,
// and a zero that is written is refused: there is one spelling.
type record struct {
	Seq     int64   `json:"seq"`
	Prev    string  `json:"prev"` // SHA-256 of the record before it, base64url; of the first: zeros
	Day     int64   `json:"day"`  // Unix seconds of the day's beginning
	Of      *origin `json:"of,omitempty"`
	Entries []Entry `json:"entries,omitempty"`
	Void    []int64 `json:"void,omitempty"`    // numbers whose transactions took nothing into the database and never will
	Dropped *mark   `json:"dropped,omitempty"` // the last record of the files that were dropped for their age
}

// origin stands in the first record of each file and says whose it is.
type origin struct {
	Vault string `json:"vault"`
	Node  string `json:"node"`
}

// mark names a record.
type mark struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

const (
	// maxLine bounds a line in bytes: ten thousand entries of a withdrawal of
	// everything fit.
	maxLine = 4 << 20
	// tail is the length of a space, a signature in base64url, and the line's end.
	tail = 1 + 86 + 1
)

// line encodes and signs a record of a node.
func (r record) line(p Place, key ed25519.PrivateKey) ([]byte, Head, error) {
	body, err := canonical.Encode(r)
	if err != nil {
		return nil, Head{}, err
	}
	if len(body)+tail > maxLine {
		return nil, Head{}, errLong
	}
	h := Head{Node: p.Node, Seq: r.Seq, Hash: sha256.Sum256(body)}
	copy(h.Sig[:], ed25519.Sign(key, h.signed(p.Vault)))
	return fmt.Appendf(body, " %s\n", b64(h.Sig[:])), h, nil
}

// split takes a line apart, without its end.
func split(line []byte) (body []byte, sig [ed25519.SignatureSize]byte, ok bool) {
	at := bytes.LastIndexByte(line, ' ')
	if at < 0 || !unb64(sig[:], string(line[at+1:])) {
		return nil, sig, false
	}
	return line[:at], sig, true
}

// parse reads a record in its one spelling.
func parse(body []byte) (record, error) {
	var r record
	if err := canonical.Decode(body, &r); err != nil {
		return r, err
	}
	return r, nil
}

// begins says whether the body is of record seq and follows the hash, from its
// first bytes alone: a spelling has no freedom there, and a million lines need not
// be decoded to be linked.
func begins(body []byte, seq int64, prev [sha256.Size]byte) bool {
	return bytes.HasPrefix(body, []byte(`{"seq":`+strconv.FormatInt(seq, 10)+`,"prev":"`+b64(prev[:])+`",`))
}
