package client

import (
	"errors"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// Researcher is a reader whom the stewards vouch for, as verified statements
// have it. What no steward signed is not here.
type Researcher struct {
	Account       api.Account
	Recipient     string // age1pq1…
	Name          string
	Institution   string
	Purpose       string
	Accreditation api.Hash // SHA-256 of the accredit body
	From, Until   int64    // Unix seconds; Until is excluded
	Vouched       []string // names of the stewards of today who signed, as the roster has them
	Silent        bool     // owes somebody an answer to the end of a grant; the vault's word, and only of one who was asked for
}

// vet decides whether a reader counts as accredited. It trusts the roster it is
// given and nothing in r but signatures:
//
//   - the key statement is signed by exactly the account that was asked for;
//   - the application is hers and over that key;
//   - enough stewards of today signed one accredit body over that account, key,
//     application and the application's fields;
//   - now is in its term, and nobody who is or ever was a steward suspended it.
//
// A former steward's suspension still counts: restricting needs no standing vote.
func (c *Client) vet(who api.Account, r api.Researcher, s *stewards, now int64) (*Researcher, error) {
	key, apply, err := c.identity(who, r)
	if err != nil {
		return nil, err
	}
	best := error(ErrNotAccredited)
	var found *Researcher
	for _, a := range c.accreditations(who, key, apply, r.Accredit) {
		err := s.judge(c, a, r.Suspend, now)
		switch {
		case err == nil && (found == nil || found.Until < a.body.Until):
			found = a.researcher(key, s)
		case err != nil:
			best = err
		}
	}
	if found == nil {
		return nil, best
	}
	return found, nil
}

// identity checks the key and apply statements of the account.
func (c *Client) identity(who api.Account, r api.Researcher) (key, apply *statement.Statement, err error) {
	if key, err = c.keyOf(who, statement.Researcher, r.Key); err != nil {
		return nil, nil, err
	}
	apply, err = c.foreign(r.Apply)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: application: %w", ErrNotAccredited, err)
	}
	body, ok := apply.Body.(*statement.Apply)
	if !ok || apply.Issuer != who || body.KeySHA256 != hashText(key) {
		return nil, nil, fmt.Errorf("%w: the application is not over this key", ErrRecipientSwapped)
	}
	return key, apply, nil
}

// keyOf checks that a text is the key statement of the account in that role.
func (c *Client) keyOf(who api.Account, role api.Role, text string) (*statement.Statement, error) {
	s, err := c.foreign(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecipientSwapped, err)
	}
	if body, ok := s.Body.(*statement.Key); !ok || s.Issuer != who || body.Role != role {
		return nil, ErrRecipientSwapped
	}
	return s, nil
}

// accreditation is one accredit body and those who signed it.
type accreditation struct {
	hash   api.Hash
	body   *statement.Accredit
	voices []id.Thumbprint
}

// accreditations gathers the accredit statements that are over exactly this key
// and application, by body. Others, of an older key for example, count nothing.
func (c *Client) accreditations(who api.Account, key, apply *statement.Statement, texts []string) []*accreditation {
	person := apply.Body.(*statement.Apply).Person()
	byHash := map[api.Hash]*accreditation{}
	var out []*accreditation
	for _, text := range texts {
		s, err := c.foreign(text)
		if err != nil {
			continue
		}
		body, ok := s.Body.(*statement.Accredit)
		if !ok || body.Account != who || body.KeySHA256 != hashText(key) || body.ApplySHA256 != hashText(apply) || body.Person() != person {
			continue
		}
		h := api.Hash(s.BodyHash())
		if byHash[h] == nil {
			byHash[h] = &accreditation{hash: h, body: body}
			out = append(out, byHash[h])
		}
		byHash[h].voices = append(byHash[h].voices, s.Issuer)
	}
	return out
}

// count is how many stewards of today are among the voices.
func (s *stewards) count(voices []id.Thumbprint) int {
	n, seen := 0, map[id.Thumbprint]bool{}
	for _, v := range voices {
		if _, ok := s.now.Steward(v); ok && !seen[v] {
			seen[v] = true
			n++
		}
	}
	return n
}

func (s *stewards) judge(c *Client, a *accreditation, suspends []string, now int64) error {
	if !s.now.Approved(a.voices) {
		return ErrTooFewStewards
	}
	for _, text := range suspends {
		stop, err := c.foreign(text)
		if err != nil {
			continue
		}
		body, ok := stop.Body.(*statement.Suspend)
		if ok && s.ever[stop.Issuer] && body.Account == a.body.Account && body.Accreditation == a.hash.String() {
			return ErrAccreditationStopped
		}
	}
	if now < a.body.From || now >= a.body.Until {
		return ErrAccreditationOver
	}
	return nil
}

func (a *accreditation) researcher(key *statement.Statement, s *stewards) *Researcher {
	r := &Researcher{Account: a.body.Account, Recipient: key.Body.(*statement.Key).Recipient, Name: a.body.Name,
		Institution: a.body.Institution, Purpose: a.body.Purpose, Accreditation: a.hash, From: a.body.From, Until: a.body.Until}
	seen := map[id.Thumbprint]bool{}
	for _, v := range a.voices {
		if st, ok := s.now.Steward(v); ok && !seen[v] {
			seen[v] = true
			r.Vouched = append(r.Vouched, st.Name)
		}
	}
	return r
}

func hashText(s *statement.Statement) string {
	h := s.Hash()
	return b64(h[:])
}

// isUnvetted says whether a reader is left out of a list without a word: not
// vetted is ordinary, swapped is not.
func isUnvetted(err error) bool { return errors.Is(err, ErrNotAccredited) }
