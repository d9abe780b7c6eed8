// Package statementtest has statements of every act, for tests of whatever reads
// statements: schemas, words, other languages.
//
// Promises: each is signed by a key made from a fixed seed and is what Parse
// accepts; each act is there, with each kind of answer and each field it can leave
// empty. Assumes nothing. Does not: make a chain that a book would fold.
//
// Source: docs/protocol.md section 2.
package statementtest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// Day is the day on which all of them are signed.
const Day = 20780 * statement.Day // 23 November 2026

// hash is 32 bytes that nobody made, another for each name.
func hash(name string) string {
	s := sha256.Sum256([]byte(name))
	return statement.B64(s[:])
}

func account(name string) id.Thumbprint { return id.Thumbprint(hash("account " + name)) }

func name(n string) id.ID {
	s := sha256.Sum256([]byte("id " + n))
	v, err := id.New(strings.NewReader(string(s[:])))
	if err != nil {
		panic(err) // it was given bytes enough
	}
	return v
}

// Terms are terms with something in every field.
func Terms() statement.Terms {
	return statement.Terms{Purposes: []statement.Purpose{"PolicyAdvice", "Research"}, Prohibited: statement.Prohibitions()[:3], Attribution: statement.Pseudonym,
		Media: []statement.Medium{"text", "voice-altered"}, Place: statement.PlaceCountry, QuoteReview: true, Access: statement.Download, Onward: true,
		From: Day, Until: Day + statement.DefaultTerm, MaxReads: 3}
}

func shares() []statement.Share {
	a, b := account("aunt"), account("friend")
	if b < a {
		a, b = b, a
	}
	return []statement.Share{{Account: a, RecipientSHA256: hash("ra"), ShareSHA256: hash("sa"), SealedSHA256: hash("ea")},
		{Account: b, RecipientSHA256: hash("rb"), ShareSHA256: hash("sb"), SealedSHA256: hash("eb")}}
}

// Bodies are bodies of every act, some acts more than once.
func Bodies() []statement.Body {
	return slices.Concat(people(), parts(), granting(), trusting(), partnering())
}

func partnering() []statement.Body {
	p, c := name("partner"), name("client")
	officers := []id.Thumbprint{account("officer 1"), account("officer 2")}
	slices.Sort(officers)
	one := clientkey.JWK{Crv: "Ed25519", Kty: "OKP", X: hash("client key")}
	two := clientkey.JWK{Crv: "P-256", Kty: "EC", X: "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", Y: "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"} // the base point
	return []statement.Body{
		statement.Agree{Partner: p, Name: "نساء من أجل الذاكرة", Officers: officers, Scopes: statement.Scopes(), From: Day, Until: Day + 365*statement.Day},
		statement.Halt{Partner: p, Agreement: hash("agreement")},
		statement.Client{Partner: p, Client: c, JWK: one, Scopes: statement.Scopes()[2:4], From: Day, Until: Day + 90*statement.Day},
		statement.Client{Partner: p, Client: c, JWK: two, Scopes: statement.Scopes()[2:3], From: Day, Until: Day + 90*statement.Day},
		statement.Retire{Partner: p, Client: c, Key: account("client key")},
	}
}

func people() []statement.Body {
	recipient := "age1pq1" + strings.Repeat("q", 1952)
	return []statement.Body{
		statement.Key{Role: statement.Participant, Recipient: recipient},
		statement.Apply{KeySHA256: hash("key"), Name: "Dr. Leyla Haddad", Institution: "معهد الإصغاء", Purpose: "How women describe safety"},
		statement.Accredit{Account: account("reader"), KeySHA256: hash("key"), ApplySHA256: hash("apply"), Name: "Dr. Leyla Haddad", Institution: "Institute for Listening",
			Purpose: "How women describe safety", From: Day, Until: Day + 300*statement.Day},
		statement.Suspend{Account: account("reader"), Accreditation: hash("accredit")},
		statement.RosterChange{DocumentSHA256: hash("roster"), RosterSeq: 2},
		statement.Claim{Account: account("her")},
		statement.Collection{Partner: name("partner"), Account: account("collection"), KeySHA256: hash("key of it"), Until: Day + 90*statement.Day},
		statement.Consultation{Partner: name("partner"), Consultation: name("consultation"), DocumentSHA256: hash("document"), Until: Day + 90*statement.Day},
		statement.Rekey{Key: hash("new key"), Recipient: recipient, Proof: statement.B64(make([]byte, ed25519.SignatureSize))},
		statement.CheckIn{},
		statement.PauseCode{CodeSHA256: hash("code")},
		statement.PauseCode{},
	}
}

func parts() []statement.Body {
	t := name("testimony")
	return []statement.Body{
		statement.Card{Testimony: t, CardSHA256: hash("card")},
		statement.Begin{Testimony: t, N: 2, HeaderSHA256: hash("header"), Nonce: statement.B64(make([]byte, 16)), Length: 5 << 20},
		statement.Add{Testimony: t, N: 1, Length: 16448, PayloadSHA256: hash("payload"), Commit: hash("commit"), HeaderSHA256: hash("header")},
		statement.Received{Testimony: t, N: 3, Length: 54},
		statement.Adopt{Testimony: t, N: 3, Length: 16448, PayloadSHA256: hash("payload"), Commit: hash("commit"), HeaderSHA256: hash("header"), ReceivedSHA256: hash("received")},
		statement.Relock{Testimony: t, N: 1, OldPayloadSHA256: hash("payload"), Length: 16448, PayloadSHA256: hash("payload 2"), Commit: hash("commit 2"),
			HeaderSHA256: hash("header 2"), Grants: []statement.RelockedGrant{{Grant: name("grant"), HeaderSHA256: hash("header 3")}}},
		statement.Relock{Testimony: t, N: 1, OldPayloadSHA256: hash("payload"), Length: 16448, PayloadSHA256: hash("payload 2"), Commit: hash("commit 2"),
			HeaderSHA256: hash("header 2"), Grants: []statement.RelockedGrant{}},
		statement.Rewrap{Testimony: t, CardSHA256: hash("card"), Parts: []statement.RewrapedPart{{N: 1, HeaderSHA256: hash("header 4")}}},
		statement.Erase{Testimony: t, StatementsSHA256: hash("statements")},
		statement.Mode{Testimony: t, Mode: statement.Listening},
		statement.Mode{Testimony: t, Mode: statement.Evidence, WarningSHA256: hash("warning")},
		statement.Pause{Testimony: t},
		statement.Pause{},
		statement.Lift{Testimony: t},
		statement.Lift{},
	}
}

func granting() []statement.Body {
	t, g := name("testimony"), name("grant")
	part := statement.GrantedPart{N: 1, PayloadSHA256: hash("payload"), Commit: hash("commit"), HeaderSHA256: hash("header")}
	parts := []statement.GrantedPart{part}
	for i, b := range []statement.Brought{
		{Assurance: "partner-device", NoteSHA256: hash("note")}, {Assurance: "gateway", Claimed: true}, {Assurance: "vault"}, {Assurance: "field-form"},
	} {
		part.N, part.Brought = int64(i)+2, b
		parts = append(parts, part)
	}
	given := statement.Grant{Testimony: t, Parts: parts, Grantee: account("reader"), RecipientSHA256: hash("recipient"),
		Accreditation: hash("accredit"), Terms: Terms(), Conditions: statement.Conditions{Policy: name("policy")}}
	bare := given
	bare.Parts, bare.Conditions.Policy = bare.Parts[:1], ""
	bare.Terms = statement.Terms{Purposes: []statement.Purpose{"BeingHeard"}, Prohibited: []statement.Prohibited{}, Attribution: statement.ListenOnly,
		Media: []statement.Medium{}, Place: statement.PlaceNone, Access: statement.View, From: Day, Until: Day + 1}
	return []statement.Body{
		given, bare,
		statement.Renew{Testimony: t, Grant: g, Accreditation: hash("accredit"), Terms: Terms()},
		statement.Narrow{Testimony: t, Grant: g, Terms: bare.Terms},
		statement.Revoke{Testimony: t, Grant: g},
		statement.Ask{Grant: g, Purposes: []statement.Purpose{"Publication", "Research"}, Until: Day + statement.DefaultTerm},
		statement.Answer{Testimony: t, Grant: g, Answer: statement.Refused},
		statement.Answer{Testimony: t, Grant: g, Answer: statement.Deferred, Until: Day + 90*statement.Day},
		statement.Reply{Grant: g, Reply: statement.Acknowledged},
		statement.Reply{Grant: g, Reply: statement.Destroyed},
		statement.Reply{Grant: g, Reply: statement.Kept, Reason: "A court ordered us to keep it."},
		statement.Withdraw{},
		statement.Withdraw{Grantee: account("reader")},
		statement.Withdraw{Testimony: t},
		statement.Withdraw{Testimony: t, Grantee: account("reader")},
		statement.Withdraw{Testimony: t, N: 2},
		statement.Withdraw{Testimony: t, N: 2, Grantee: account("reader")},
	}
}

func trusting() []statement.Body {
	t := name("testimony")
	both := statement.Policy{Testimony: t, Grantee: account("reader"), Threshold: 2, Trustees: shares(), RecipientSHA256: hash("T"),
		Silence: 30 * statement.Day, Wait: statement.Day}
	trustees, silence := both, both
	trustees.Silence, trustees.Wait = 0, 0
	silence.Threshold, silence.Trustees, silence.RecipientSHA256 = 0, []statement.Share{}, ""
	return []statement.Body{
		both, trustees, silence,
		statement.Recovery{Threshold: 2, Trustees: shares(), Wait: 14 * statement.Day},
		statement.Recovery{Trustees: []statement.Share{}},
		statement.Trust{Of: name("policy"), OfSHA256: hash("policy"), Answer: statement.Agreed},
		statement.Trust{Of: name("policy"), OfSHA256: hash("policy"), Answer: statement.Declined},
		statement.Release{Of: name("policy"), OfSHA256: hash("policy"), SealedSHA256: hash("sealed")},
	}
}

// Signer signs for the account that made them.
func Signer() *statement.Signer {
	seed := sha256.Sum256([]byte("statementtest"))
	return &statement.Signer{Key: ed25519.NewKeyFromSeed(seed[:]), Vault: hash("vault"), Rand: rand.NewChaCha8(seed), Now: func() time.Time { return time.Unix(Day, 0) }}
}

// All signs them all.
func All(t testing.TB) []*statement.Statement {
	t.Helper()
	signer := Signer()
	var out []*statement.Statement
	for i, b := range Bodies() {
		head := statement.Head{Seq: int64(i) + 1, Hash: sha256.Sum256([]byte(strconv.Itoa(i)))}
		if _, first := b.(statement.Key); first {
			head = statement.Head{}
		}
		s, _, err := signer.Sign(head, b)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}
