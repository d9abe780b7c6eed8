package statement

import (
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/id"
)

// Scope is something that a partner's program may do.
type Scope string

// The scopes.
const (
	ScopeCollect  Scope = "collect"  // keep collections for people who are not present
	ScopeConsult  Scope = "consult"  // hold consultations
	ScopeDeliver  Scope = "deliver"  // put sealed items into trays
	ScopeFollow   Scope = "follow"   // follow states and withdrawals of what it brought, and acknowledge
	ScopeHooks    Scope = "hooks"    // be told by webhooks
	ScopeRegister Scope = "register" // invite a participant who is present
)

// Scopes, sorted.
func Scopes() []Scope {
	return []Scope{ScopeCollect, ScopeConsult, ScopeDeliver, ScopeFollow, ScopeHooks, ScopeRegister}
}

// Bounds of agreements and of the keys of clients. An officer's key is as strong
// as one person's care, hence two of them at least.
const (
	MinOfficers   = 2
	MaxOfficers   = 16
	MaxAgreement  = 2 * MaxAccreditation
	MaxClientTerm = MaxAccreditation
)

// Agree is one steward's voice for exactly this agreement with a partner. Its
// body's hash is the agreement's name.
type Agree struct {
	Partner  id.ID           `json:"partner"`
	Name     string          `json:"name"`     // of the organisation, 1 to 200 characters
	Officers []id.Thumbprint `json:"officers"` // accounts of role partner, ascending
	Scopes   []Scope         `json:"scopes"`   // sorted, at least one
	From     int64           `json:"from"`     // Unix seconds
	Until    int64           `json:"until"`    // Unix seconds, at most MaxAgreement after From
}

func (Agree) act() Act { return ActAgree }

func (a Agree) check() error {
	_, err := id.Parse(string(a.Partner))
	return first(err, text("name", a.Name, 200), officers(a.Officers), scopes(a.Scopes), term(a.From, a.Until, MaxAgreement))
}

// Halt ends an agreement by the word of a single steward, for good.
type Halt struct {
	Partner   id.ID  `json:"partner"`
	Agreement string `json:"agreement"` // hash of the agree body
}

func (Halt) act() Act { return ActHalt }

func (h Halt) check() error {
	_, err := id.Parse(string(h.Partner))
	return first(err, hashes(h.Agreement))
}

// Client is one officer's voice for exactly this key of a partner's program. Its
// body's hash is the registration's name.
type Client struct {
	Partner id.ID         `json:"partner"`
	Client  id.ID         `json:"client"`
	JWK     clientkey.JWK `json:"jwk"`
	Scopes  []Scope       `json:"scopes"` // sorted, at least one
	From    int64         `json:"from"`   // Unix seconds
	Until   int64         `json:"until"`  // Unix seconds, at most MaxClientTerm after From
}

func (Client) act() Act { return ActClient }

func (c Client) check() error {
	_, err := c.JWK.Parse()
	return first(ids(c.Partner, c.Client), err, scopes(c.Scopes), term(c.From, c.Until, MaxClientTerm))
}

// Retire ends a key of a client by the word of a single officer, for good.
type Retire struct {
	Partner id.ID         `json:"partner"`
	Client  id.ID         `json:"client"`
	Key     id.Thumbprint `json:"key"` // RFC 7638 thumbprint of the client's key
}

func (Retire) act() Act { return ActRetire }

func (r Retire) check() error {
	_, err := id.ParseThumbprint(string(r.Key))
	return first(ids(r.Partner, r.Client), err)
}

func ids(list ...id.ID) error {
	for _, v := range list {
		if _, err := id.Parse(string(v)); err != nil {
			return err
		}
	}
	return nil
}

func officers(list []id.Thumbprint) error {
	if len(list) < MinOfficers || len(list) > MaxOfficers {
		return fmt.Errorf("there must be %d to %d officers", MinOfficers, MaxOfficers)
	}
	for i, o := range list {
		if _, err := id.ParseThumbprint(string(o)); err != nil {
			return err
		}
		if i > 0 && list[i-1] >= o {
			return errors.New("officers must stand in ascending order, each once")
		}
	}
	return nil
}

func scopes(list []Scope) error {
	if len(list) == 0 || !sortedSubset(list, Scopes()) {
		return errors.New("scopes must be known, sorted, each named once, and at least one")
	}
	return nil
}

func term(from, until, most int64) error {
	if from <= 0 || until <= from || until-from > most {
		return fmt.Errorf("the term must end after it begins, within %d days", most/Day)
	}
	return nil
}

func blankPartner(a Act) Body {
	switch a {
	case ActAgree:
		return new(Agree)
	case ActHalt:
		return new(Halt)
	case ActClient:
		return new(Client)
	case ActRetire:
		return new(Retire)
	}
	return nil
}
