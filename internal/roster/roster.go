// Package roster says who guards a vault: the stewards' keys and how many of
// them must agree.
//
// A roster is a chain of documents in canonical JSON. The SHA-256 of the first,
// the founding document, is the vault's id: it is on every card, in the salt of
// every key and in every statement, so the stewards of the first day cannot be
// exchanged. Each later document names the SHA-256 of the one before it and
// counts only if as many stewards as that one's threshold have signed it. A document
// that says how the vault ends has a last member "farewell" ([Farewell]).
//
//	{"typ":"testimony-vault/roster/v1","seq":0,"prev":"","nonce":"…","day":"2026-11-23",
//	 "practice":false,"threshold":2,"stewards":[{"name":"…","key":"…"},…]}
//
// (one line, no white space). Hashes, nonces and keys are base64url without
// padding; stewards stand in ascending order of the text of their keys, so no
// key stands twice; prev is empty in the founding document alone.
//
// Promises: a *Roster comes from Verify alone and follows from the vault id by
// documents each of which was approved; a practice vault never becomes a real
// one, nor a real one a practice vault. Assumes: whoever calls Verify has
// checked the approvers' signatures (package statement, act "roster"). Does
// not: notice that the newest documents of a chain are missing (keep Head and
// compare), compare days with a clock, or ask a new steward for consent.
package roster

import (
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/relatingfield/vault/internal/id"
)

// Roster is a verified roster: the latest document of a chain. Immutable.
type Roster struct {
	vault    VaultID
	head     [sha256.Size]byte
	document *Document
	byID     map[id.Thumbprint]Steward
}

// Vault is the vault whose roster this is.
func (r *Roster) Vault() VaultID { return r.vault }

// Head is the SHA-256 of the latest document's bytes. A client that keeps it
// notices when it is later shown an older chain.
func (r *Roster) Head() [sha256.Size]byte { return r.head }

// Seq is the number of changes since the founding.
func (r *Roster) Seq() int { return r.document.Seq }

// Practice reports a vault for trying things out, whose screens must say so.
func (r *Roster) Practice() bool { return r.document.Practice }

// Threshold is how many stewards must sign what stewards decide together.
func (r *Roster) Threshold() int { return r.document.Threshold }

// Stewards are the current stewards, in the order of their keys.
func (r *Roster) Stewards() []Steward { return append([]Steward(nil), r.document.Stewards...) }

// Farewell is what the stewards say of the vault's end; nil while it stays.
func (r *Roster) Farewell() *Farewell {
	if r.document.Farewell == nil {
		return nil
	}
	f := *r.document.Farewell
	return &f
}

// Day is when the latest document was written, as its writer's clock had it: the first
// second of it, in UTC.
func (r *Roster) Day() time.Time {
	t, _ := time.Parse(dayFormat, r.document.Day) // Parse has checked it
	return t
}

// Terms are those of this roster, for the next one to begin from.
func (r *Roster) Terms() Terms {
	return Terms{Threshold: r.Threshold(), Stewards: r.Stewards(), Farewell: r.Farewell()}
}

// Steward finds a current steward by account.
func (r *Roster) Steward(account id.Thumbprint) (Steward, bool) {
	s, ok := r.byID[account]
	return s, ok
}

// Approved reports whether enough different current stewards are among the
// accounts; accounts that are not stewards do not count, nor do repetitions.
func (r *Roster) Approved(accounts []id.Thumbprint) bool {
	return r.approvals(accounts) >= r.Threshold()
}

func (r *Roster) approvals(accounts []id.Thumbprint) int {
	seen := map[id.Thumbprint]bool{}
	for _, account := range accounts {
		if _, ok := r.byID[account]; ok {
			seen[account] = true
		}
	}
	return len(seen)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
