package statement

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
)

// RevocationType is the JWS typ of revocation receipts.
const RevocationType = "tv-revocation+jwt"

// ErrRevocation is what every refusal of a revocation receipt wraps.
var ErrRevocation = errors.New("the receipt does not prove that the grant has ended")

// Revocation is the server's word for what a statement of hers ended of a grant,
// and for all that had left under it until then. It is the same at every
// repetition until the payload of one of its parts goes.
type Revocation struct {
	Vault     string        `json:"iss"`
	Statement string        `json:"statement_sha256"` // a revoke, withdraw or erase
	Account   id.Thumbprint `json:"account"`          // hers
	Testimony id.ID         `json:"testimony"`
	Grant     id.ID         `json:"grant"`
	Grantee   id.Thumbprint `json:"grantee"`
	Parts     []EndedPart   `json:"parts"`   // by n, at least one
	Day       int64         `json:"day"`     // Unix seconds, a whole day: when the headers were destroyed
	Fetched   []Delivered   `json:"fetched"` // of these parts, the oldest opening first
}

// EndedPart is a part that the reader can no longer open.
type EndedPart struct {
	N            int64   `json:"n"`
	HeaderSHA256 string  `json:"header_sha256"` // of the reader's header, which was destroyed
	Payload      Payload `json:"payload"`
}

// Payload is what became of the payload that a destroyed header opened.
type Payload string

// The payloads. Of one that is stored, a copy of the header would be of use to
// whoever also got hold of what the vault stores.
const (
	PayloadStored   Payload = "stored"
	PayloadRelocked Payload = "relocked" // destroyed: she sealed the part anew
	PayloadErased   Payload = "erased"   // destroyed with the testimony
)

// Delivered is one opening, with what left for the reader under it, at most.
type Delivered struct {
	N        int64 `json:"n"`
	Opened   int64 `json:"opened"` // Unix seconds
	Bytes    int64 `json:"bytes"`  // of header and payload, each counted once
	Complete bool  `json:"complete"`
	Export   bool  `json:"export,omitzero"` // taken out of the vault's world
}

// SignRevocation makes a revocation receipt with the server's receipt key.
func SignRevocation(key crypto.Signer, r Revocation) (string, error) {
	if err := r.check(); err != nil {
		return "", fmt.Errorf("sign revocation receipt: %w", err)
	}
	compact, err := signWord(key, RevocationType, r)
	if err != nil {
		return "", fmt.Errorf("sign revocation receipt: %w", err)
	}
	return compact, nil
}

// ParseRevocation verifies offline that the holder of key said this. Whether it
// says what was asked for, of the right statement and grant, is for the caller.
func ParseRevocation(compact string, key ed25519.PublicKey) (*Revocation, error) {
	r := new(Revocation)
	err := readWord(compact, RevocationType, key, r)
	if err == nil {
		err = r.check()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRevocation, err)
	}
	return r, nil
}

func (r Revocation) check() error {
	_, errA := id.ParseThumbprint(string(r.Account))
	_, errG := id.ParseThumbprint(string(r.Grantee))
	err := first(hashes(r.Vault, r.Statement), errA, errG, named("testimony", r.Testimony), named("grant", r.Grant), r.checkParts(), r.checkFetched())
	if err == nil && (r.Day <= 0 || r.Day%Day != 0) {
		err = errors.New("its day is not a whole day")
	}
	return err
}

func (r Revocation) checkParts() error {
	last := int64(0)
	for _, p := range r.Parts {
		if p.N <= last {
			return errors.New("its parts do not stand in order")
		}
		last = p.N
		if p.Payload != PayloadStored && p.Payload != PayloadRelocked && p.Payload != PayloadErased {
			return errors.New("it does not say what became of a payload")
		}
		if err := first(partNumber(p.N), hashes(p.HeaderSHA256)); err != nil {
			return err
		}
	}
	if last == 0 {
		return errors.New("it names no part")
	}
	return nil
}

func (r Revocation) checkFetched() error {
	if r.Fetched == nil {
		return errors.New("it does not say what had been fetched")
	}
	last := int64(0)
	for _, f := range r.Fetched {
		if f.Opened < last || f.Opened <= 0 || f.Bytes < 0 || !r.Has(f.N) {
			return errors.New("what had been fetched is of other parts, or out of order")
		}
		last = f.Opened
	}
	return nil
}

// Has says whether part n is among those that ended.
func (r Revocation) Has(n int64) bool {
	for _, p := range r.Parts {
		if p.N == n {
			return true
		}
	}
	return false
}
