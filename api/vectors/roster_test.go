package vectors_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/keyring"
	"github.com/relatingfield/vault/internal/roster"
)

type rosterFile struct {
	Vault    string        `json:"vault_id"`
	Chain    []rosterLink  `json:"chain"`
	Head     string        `json:"head_sha256"`
	Refused  []rosterChain `json:"refused_chains"`
	NotADocs []rosterText  `json:"refused_documents"`
}

type rosterLink struct {
	Document  string          `json:"document"`
	Approvers []id.Thumbprint `json:"approvers"`
}

type rosterChain struct {
	Case   string       `json:"case"`
	Reason string       `json:"reason"`
	Chain  []rosterLink `json:"chain"`
}

type rosterText struct {
	Case string `json:"case"`
	Text string `json:"document"`
}

// The chain of rosters and what is refused are those of roster.json; the
// stewards are those of keyring.json.
func TestRosterVectors(t *testing.T) {
	founding, change, approvers := chain(t)
	good := []roster.Link{{Document: founding}, {Document: change, Approvers: approvers}}
	r, err := roster.Verify(roster.ID(founding), good)
	if err != nil {
		t.Fatal(err)
	}
	head := r.Head()
	made := rosterFile{
		Vault: r.Vault().String(), Chain: links(good), Head: base64.RawURLEncoding.EncodeToString(head[:]),
		NotADocs: refusedDocuments(string(founding)),
	}
	if sum := sha256.Sum256(founding); made.Vault != base64.RawURLEncoding.EncodeToString(sum[:]) {
		t.Error("the vault id is not the hash of the founding document")
	}
	for _, c := range refusedChains(founding, change, approvers) {
		if _, err := roster.Verify(r.Vault(), c.links); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", c.name, err)
		}
		made.Refused = append(made.Refused, rosterChain{c.name, c.reason, links(c.links)})
	}
	for _, d := range made.NotADocs {
		if _, err := roster.Parse([]byte(d.Text)); !errors.Is(err, roster.ErrDocument) {
			t.Errorf("%s: %v", d.Case, err)
		}
	}
	file(t, "roster.json", made)
}

// foundingID is the vault of the vectors.
func foundingID(t *testing.T) roster.VaultID {
	t.Helper()
	founding, _, _ := chain(t)
	return roster.ID(founding)
}

// chain founds with three stewards, two of whom replace the third.
func chain(t *testing.T) (founding, change []byte, approvers []id.Thumbprint) {
	t.Helper()
	a, b, c := vectorSteward(t, 0, "Amal"), vectorSteward(t, 1, "Оксана"), vectorSteward(t, 2, "شیلان")
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	founding, err := roster.Found(nonce(1), now, false, roster.Terms{Threshold: 2, Stewards: []roster.Steward{a, b, c}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := roster.Verify(roster.ID(founding), []roster.Link{{Document: founding}})
	if err != nil {
		t.Fatal(err)
	}
	change, err = r.Change(nonce(2), now.AddDate(0, 1, 0), roster.Terms{Threshold: 1, Stewards: []roster.Steward{a, b}})
	if err != nil {
		t.Fatal(err)
	}
	return founding, change, []id.Thumbprint{a.Account(), c.Account()}
}

func nonce(n byte) *bytes.Reader { return bytes.NewReader(bytes.Repeat([]byte{n}, 16)) }

func vectorSteward(t *testing.T, i int, name string) roster.Steward {
	t.Helper()
	keys, err := keyring.DeriveSteward(parseSecret(t, secrets()[i]))
	if err != nil {
		t.Fatal(err)
	}
	s, err := roster.NewSteward(name, keys.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type refusal struct {
	name, reason string
	err          error
	links        []roster.Link
}

func refusedChains(founding, change []byte, approvers []id.Thumbprint) []refusal {
	first := roster.Link{Document: founding}
	edited := roster.Link{Document: bytes.Replace(founding, []byte("Amal"), []byte("Amel"), 1)}
	practice := roster.Link{Document: bytes.Replace(change, []byte("false"), []byte("true"), 1), Approvers: approvers}
	twice := []id.Thumbprint{approvers[0], approvers[0]}
	return []refusal{
		{"another founding document", "other-vault", roster.ErrOtherVault, []roster.Link{edited}},
		{"begins with the change", "other-vault", roster.ErrOtherVault, []roster.Link{{Document: change}}},
		{"one approval", "approvals", roster.ErrApprovals, []roster.Link{first, {Document: change, Approvers: approvers[:1]}}},
		{"one steward twice", "approvals", roster.ErrApprovals, []roster.Link{first, {Document: change, Approvers: twice}}},
		{"the change twice", "link", roster.ErrLink, []roster.Link{first, {Document: change, Approvers: approvers}, {Document: change, Approvers: approvers}}},
		{"turns into practice", "link", roster.ErrLink, []roster.Link{first, practice}},
	}
}

func refusedDocuments(good string) []rosterText {
	return []rosterText{
		{"white space", strings.Replace(good, ",", ", ", 1)},
		{"another order", strings.Replace(good, `"seq":0,"prev":""`, `"prev":"","seq":0`, 1)},
		{"other letter case", strings.Replace(good, `"seq"`, `"Seq"`, 1)},
		{"a repeated name", strings.Replace(good, `"seq":0`, `"seq":0,"seq":0`, 1)},
		{"an unknown name", strings.Replace(good, `"seq":0`, `"seq":0,"more":0`, 1)},
		{"an escaped letter", strings.Replace(good, "Amal", `\u0041mal`, 1)},
		{"a lone surrogate", strings.Replace(good, "Amal", `\ud800`, 1)},
		{"a line separator", strings.Replace(good, "Amal", "A\u2028l", 1)},
		{"a threshold above the stewards", strings.Replace(good, `"threshold":2`, `"threshold":4`, 1)},
		{"something behind it", good + "\n"},
	}
}

// links writes a chain for the file; a document is text, whose UTF-8 is its bytes.
func links(chain []roster.Link) []rosterLink {
	var out []rosterLink
	for _, l := range chain {
		approvers := l.Approvers
		if approvers == nil {
			approvers = []id.Thumbprint{}
		}
		out = append(out, rosterLink{string(l.Document), approvers})
	}
	return out
}
