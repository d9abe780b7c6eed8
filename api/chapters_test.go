package api_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/proofofwork"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/statement"
)

// cast is everybody in the story.
type cast struct {
	*story
	stewards      []*person
	her, reader   *person
	links         []api.RosterLink
	accreditation api.Hash
	dossier       api.Researcher
}

// tellAll tells the story from the beginning.
func tellAll(t *testing.T) *story {
	c := &cast{story: newStory(t)}
	c.founding()
	c.entering()
	c.signingIn()
	c.stewardsChange()
	c.vouching()
	c.remembering()
	c.trusting()
	c.suspending()
	c.partnering()
	c.hooking()
	return c.story
}

func (c *cast) founding() {
	for _, words := range []string{"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f", "1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e", "2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d"} {
		c.stewards = append(c.stewards, c.steward(words))
	}
	document, err := roster.Found(c.rand, c.now, false, roster.Terms{Threshold: 2, Stewards: c.named(2)})
	c.must(err)
	c.vault = roster.ID(document)
	c.links = []api.RosterLink{{Document: document, Approvals: []string{}}}
	c.her, c.reader = c.person("4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b"), c.person("5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a")
	c.tell("vault", "A vault that is open to everybody", api.Vault{
		VaultID: api.Hash(c.vault), Enrolment: api.ModeOpen, OnArrival: true, Time: c.now.Unix(),
		ReceiptKeys: []api.Bytes{api.Bytes(c.receipts.Public().(ed25519.PublicKey))},
		Erasure:     api.Erasure{BackupsDays: 90},
		Limits: api.Limits{JSON: 8 << 20, InlinePayload: 64 << 10, Payload: 8 << 30, Header: 8 << 10, Parts: 500, PartsAtOnce: 16,
			Testimonies: 1000, AccountBytes: 50 << 30, StatementsPage: 200},
	})
}

func (c *cast) named(n int) (out []roster.Steward) {
	for i, name := range []string{"Amal", "Oksana", "Rojin"}[:n] {
		s, err := roster.NewSteward(name, c.stewards[i].Public().(ed25519.PublicKey))
		c.must(err)
		out = append(out, s)
	}
	return out
}

func (c *cast) entering() {
	work, err := proofofwork.NewIssuer(secret.Of(make([]byte, 32)), func() time.Time { return c.now }, 10, time.Hour)
	c.must(err)
	challenge := work.Issue()
	c.tell("enrolmentOpen", "With a proof of work", api.Enrolment{Mode: api.ModeOpen, Challenge: challenge, Bits: 10})
	c.tell("enrolmentCode", "With an invitation", api.Enrolment{Mode: api.ModeCode})
	solution, err := proofofwork.Solve(c.t.Context(), challenge, string(c.her.ID))
	c.must(err)
	key := c.her.enters(statement.Participant)
	c.tell("enrolWithWork", "A participant, with a solved challenge", api.Enrol{Statement: key.Compact(), Challenge: challenge, Solution: solution})
	c.tell("enrolled", "The receipt of the key statement", c.accepted(key))
	for _, s := range c.stewards[:2] {
		s.enters(statement.Steward)
	}
	c.tell("enrolSteward", "A steward, whom the roster names", api.Enrol{Statement: c.stewards[0].key.Compact()})
	code := c.id()
	c.tell("invite", "For a researcher", api.Invite{Role: statement.Researcher})
	c.tell("invitation", "Seven days", api.Invitation{Invitation: string(code), Expires: c.now.Add(7 * 24 * time.Hour).Unix()})
	c.tell("enrolWithInvitation", "A researcher, with an invitation",
		api.Enrol{Statement: c.reader.enters(statement.Researcher).Compact(), Invitation: string(code)})
}

// jws signs header and claims as a login and a token are.
func (c *cast) jws(key ed25519.PrivateKey, sign func([]byte) []byte, header, claims any) string {
	h, err := canonical.Encode(header)
	c.must(err)
	p, err := canonical.Encode(claims)
	c.must(err)
	text := statement.B64(h) + "." + statement.B64(p)
	if sign != nil {
		return text + "." + statement.B64(sign([]byte(text)))
	}
	sig, err := jwt.SigningMethodEdDSA.Sign(text, key)
	c.must(err)
	return text + "." + statement.B64(sig)
}

type confirmation struct {
	JKT api.Hash `json:"jkt"`
}

func (c *cast) signingIn() {
	nonce := api.Bytes(make([]byte, 56))
	_, err := c.rand.Read(nonce)
	c.must(err)
	session := confirmation{api.HashOf([]byte(`{"crv":"P-256","kty":"EC","x":"…","y":"…"}`))}
	c.tell("challenge", "A nonce and the time", api.Challenge{Nonce: nonce.String(), Time: c.now.Unix()})
	type jwk struct {
		Crv string `json:"crv"`
		Kty string `json:"kty"`
		X   string `json:"x"`
	}
	sign := func(text []byte) []byte {
		sig, err := c.her.Sign(nil, text, nil)
		c.must(err)
		return sig
	}
	login := c.jws(nil, sign, struct {
		Alg string `json:"alg"`
		Typ string `json:"typ"`
		JWK jwk    `json:"jwk"`
	}{"EdDSA", "tv-login+jwt", jwk{"Ed25519", "OKP", statement.B64(c.her.Public().(ed25519.PublicKey))}}, struct {
		Iss   id.Thumbprint `json:"iss"`
		Aud   string        `json:"aud"`
		Nonce string        `json:"nonce"`
		Iat   int64         `json:"iat"`
		Cnf   confirmation  `json:"cnf"`
	}{c.her.ID, "https://vault.example", nonce.String(), c.now.Unix(), session})
	c.tell("login", "The participant signs in", api.Login{Login: login})
	c.tell("session", "Ten minutes", api.Session{AccessToken: c.token(session), TokenType: api.SchemeDPoP, ExpiresIn: 600})
}

func (c *cast) token(session confirmation) string {
	public := c.receipts.Public().(ed25519.PublicKey)
	return c.jws(c.receipts, nil, struct {
		Alg string        `json:"alg"`
		Typ string        `json:"typ"`
		Kid id.Thumbprint `json:"kid"`
	}{"EdDSA", "at+jwt", id.Of(public)}, struct {
		Iss string        `json:"iss"`
		Aud string        `json:"aud"`
		Sub id.Thumbprint `json:"sub"`
		Jti id.ID         `json:"jti"`
		Iat int64         `json:"iat"`
		Exp int64         `json:"exp"`
		Cnf confirmation  `json:"cnf"`
	}{c.vault.String(), c.vault.String(), c.her.ID, c.id(), c.now.Unix(), c.now.Add(10 * time.Minute).Unix(), session})
}

// stewardsChange admits a third steward.
func (c *cast) stewardsChange() {
	founding, err := roster.Verify(c.vault, []roster.Link{{Document: c.links[0].Document}})
	c.must(err)
	document, err := founding.Change(c.rand, c.now, roster.Terms{Threshold: 2, Stewards: c.named(3)})
	c.must(err)
	change := statement.RosterChange{DocumentSHA256: api.HashOf(document).String(), RosterSeq: 1}
	first, second := c.stewards[0].says(change), c.stewards[1].says(change)
	c.tell("proposeRoster", "The second of two approvals", api.ProposeRoster{Document: document, Statement: second.Compact()})
	c.tell("rosterProposed", "It takes effect", api.RosterProposed{Accepted: c.accepted(second), Approvals: 2, Threshold: 2, Effective: true})
	c.links = append(c.links, api.RosterLink{Document: document, Approvals: []string{first.Compact(), second.Compact()}})
	c.tell("roster", "The founding roster and one change", api.Roster{Links: c.links})
}

func (c *cast) vouching() {
	person := statement.Person{Name: "Dr Salma Haddad", Institution: "Institute for Memory Studies", Purpose: "How women describe safety after siege"}
	key := c.reader.key.Hash()
	apply := c.reader.says(statement.Apply{KeySHA256: statement.B64(key[:]), Name: person.Name, Institution: person.Institution, Purpose: person.Purpose})
	c.tell("apply", "A researcher applies", api.Signed{Statement: apply.Compact()})
	c.tell("applied", "It waits for the stewards", c.accepted(apply))
	applied := apply.Hash()
	body := statement.Accredit{Account: c.reader.ID, KeySHA256: statement.B64(key[:]), ApplySHA256: statement.B64(applied[:]),
		Name: person.Name, Institution: person.Institution, Purpose: person.Purpose, From: c.day(), Until: c.day() + 365*statement.Day}
	first, second := c.stewards[0].says(body), c.stewards[1].says(body)
	c.tell("applications", "One steward has vouched", api.Applications{Applications: []api.Application{
		{Key: c.reader.key.Compact(), Apply: apply.Compact(), Accredit: []string{first.Compact()}}}})
	c.accreditation = second.BodyHash()
	c.tell("accredit", "The second of two", api.Signed{Statement: second.Compact()})
	c.tell("accredited", "It counts", api.Accreditation{Accepted: c.accepted(second), Accreditation: c.accreditation, Approvals: 2, Threshold: 2, Effective: true})
	accredits := []string{first.Compact(), second.Compact()}
	researcher := api.Researcher{Key: c.reader.key.Compact(), Apply: apply.Compact(), Accredit: accredits, Suspend: []string{}}
	c.tell("researchers", "One researcher", api.Researchers{Researchers: []api.Researcher{researcher}})
	c.dossier = researcher
}

func (c *cast) suspending() {
	stop := c.stewards[0].says(statement.Suspend{Account: c.reader.ID, Accreditation: c.accreditation.String()})
	c.tell("suspend", "One steward is enough", api.Signed{Statement: stop.Compact()})
	c.tell("suspended", "It counts no longer", api.Accreditation{Accepted: c.accepted(stop), Accreditation: c.accreditation, Approvals: 2, Threshold: 2})
	c.dossier.Suspend = []string{stop.Compact()}
	c.tell("researcher", "Suspended", c.dossier)
}
