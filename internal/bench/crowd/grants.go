package crowd

import (
	"fmt"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Reader is whom grants are for.
type Reader struct {
	Account       api.Account
	Recipient     string
	Accreditation string // hash of the accredit body, as it stands in grants
}

// Gift is one sealed part, ready to be granted to one reader.
type Gift struct {
	person *Person
	reader Reader
	at     statement.Part
	part   Sealed
	header []byte // for the reader
}

// NewGift wraps a part's key to a reader, once for all grants of it.
func (p *Person) NewGift(to Reader, at statement.Part, part Sealed) (*Gift, error) {
	header, err := Wrap(part.Key, to.Recipient)
	return &Gift{p, to, at, part, header}, err
}

// Testimony is what the part belongs to.
func (g *Gift) Testimony() api.ID { return g.at.Testimony }

// Grant makes the request that grants the part for a year.
func (g *Gift) Grant() (Request, api.ID, error) {
	now := time.Now().Unix()
	b := g.part.Binding
	s, err := g.person.Sign(statement.Grant{
		Testimony: g.at.Testimony, Grantee: g.reader.Account, RecipientSHA256: sum([]byte(g.reader.Recipient)), Accreditation: g.reader.Accreditation,
		Parts: []statement.GrantedPart{{N: g.at.N, PayloadSHA256: b.PayloadSHA256, Commit: b.Commit, HeaderSHA256: sum(g.header)}},
		Terms: statement.Terms{Purposes: []statement.Purpose{"Research"}, Prohibited: statement.Prohibitions(), Media: []statement.Medium{}, Place: statement.PlaceNone, Attribution: statement.ChathamHouse,
			Access: statement.Download, From: now - 60, Until: now + statement.DefaultTerm},
	})
	if err != nil {
		return Request{}, "", err
	}
	body := fmt.Appendf(nil, `{"statement":"%s","headers":["%s"]}`, s.Compact(), api.Bytes(g.header))
	r, err := g.person.create("/v1/testimonies/"+string(g.at.Testimony)+"/grants", body)
	return r, s.ID, err
}

// Revoke makes the request that ends a grant.
func (g *Gift) Revoke(grant api.ID) (Request, error) {
	s, err := g.person.Sign(statement.Revoke{Testimony: g.at.Testimony, Grant: grant})
	if err != nil {
		return Request{}, err
	}
	return g.person.signed("/v1/testimonies/"+string(g.at.Testimony)+"/revocations", s)
}

// Withdraw makes the request that ends all grants the person has given.
func (p *Person) Withdraw() (Request, error) {
	s, err := p.Sign(statement.Withdraw{})
	if err != nil {
		return Request{}, err
	}
	return p.signed("/v1/withdrawals", s)
}

// CheckIn makes the request that ends a silence.
func (p *Person) CheckIn() (Request, error) {
	s, err := p.Sign(statement.CheckIn{})
	if err != nil {
		return Request{}, err
	}
	return p.signed("/v1/checkins", s)
}

// signed makes a request that is one statement and nothing else.
func (p *Person) signed(path string, s *statement.Statement) (Request, error) {
	return p.create(path, fmt.Appendf(nil, `{"statement":"%s"}`, s.Compact()))
}
