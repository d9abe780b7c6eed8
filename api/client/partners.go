package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// ErrNoPartner: the stewards do not vouch for this partner, or its officers not for
// this key. It says nothing bad about the vault.
var ErrNoPartner = errors.New("the stewards do not vouch for this partner, or its officers not for this key: do not rely on what it says of itself")

// Organisation is one agreement with a partner, as verified statements have it. What
// no steward signed is not here.
type Organisation struct {
	Agreement          // word for word
	Hash      api.Hash // its name
	Vouched   []string // names of the stewards of today who signed, as the roster has them
	Approved  bool     // enough of them
	Halted    bool     // by the statement of somebody who is or was a steward, or by the vault's word
}

// Live says whether it counts at now, if no later one has taken its place.
func (o *Organisation) Live(now int64) bool {
	return o.Approved && !o.Halted && now >= o.From && now < o.Until
}

// ProgramKey is one registration of a key of a partner's program, as verified
// statements have it.
type ProgramKey struct {
	Registration               // word for word
	Hash         api.Hash      // its name
	Key          api.Account   // thumbprint
	Signed       []api.Account // accounts that signed; officers or not, Organisation says
	Retired      bool          // by the statement of one who signed for a key, or by the vault's word
}

// SignedBy says whether an account signed for the key.
func (k *ProgramKey) SignedBy(who api.Account) bool { return slices.Contains(k.Signed, who) }

// Partners lists the agreements that the vault shows: to a steward all of them, to an
// officer her own.
func (c *Client) Partners(ctx context.Context) ([]*Organisation, error) {
	s, err := c.stewards(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the partners: %w", err)
	}
	var out []*Organisation
	err = pages(ctx, c, "/v1/partners", func(page api.Partners) int {
		for _, r := range page.Partners {
			out = append(out, c.organisations(r, s)...)
		}
		return len(page.Partners)
	})
	if err != nil {
		return nil, fmt.Errorf("list the partners: %w", err)
	}
	return out, nil
}

// PartnerOf gives the agreements of one partner, the one that begins last first.
func (c *Client) PartnerOf(ctx context.Context, partner api.ID) ([]*Organisation, error) {
	var r api.PartnerRecord
	if err := c.get(ctx, "/v1/partners/"+string(partner), &r); err != nil {
		return nil, fmt.Errorf("look the partner up: %w", err)
	}
	s, err := c.stewards(ctx)
	if err != nil {
		return nil, fmt.Errorf("look the partner up: %w", err)
	}
	r.Partner = partner
	return c.organisations(r, s), nil
}

// organisations gathers agree statements by body. It trusts the roster it is given
// and nothing in r but signatures, and where the vault says less is in force.
func (c *Client) organisations(r api.PartnerRecord, s *stewards) []*Organisation {
	byHash := map[api.Hash]*Organisation{}
	voices := map[api.Hash][]id.Thumbprint{}
	var out []*Organisation
	for _, text := range r.Agrees {
		st, err := c.foreign(text)
		if err != nil {
			continue
		}
		body, ok := st.Body.(*statement.Agree)
		if !ok || body.Partner != r.Partner {
			continue
		}
		h := api.Hash(st.BodyHash())
		if byHash[h] == nil {
			byHash[h] = &Organisation{Hash: h, Agreement: Agreement{body.Partner, body.Name, body.Officers, body.Scopes, body.From, body.Until}, Halted: slices.Contains(r.Halted, h)}
			out = append(out, byHash[h])
		}
		voices[h] = append(voices[h], st.Issuer)
	}
	for h, o := range byHash {
		o.Approved, o.Vouched = s.now.Approved(voices[h]), s.named(voices[h])
	}
	c.halted(r.Halts, s, byHash)
	slices.SortFunc(out, func(a, b *Organisation) int {
		if a.From != b.From {
			return int(min(1, max(-1, b.From-a.From)))
		}
		return slices.Compare(b.Hash[:], a.Hash[:])
	})
	return out
}

// halted marks what a steward, of today or of any earlier day, has halted.
func (c *Client) halted(texts []string, s *stewards, of map[api.Hash]*Organisation) {
	for _, text := range texts {
		st, err := c.foreign(text)
		if err != nil || !s.ever[st.Issuer] {
			continue
		}
		if body, ok := st.Body.(*statement.Halt); ok {
			h, err := api.ParseHash(body.Agreement)
			if o := of[h]; err == nil && o != nil && o.Partner == body.Partner {
				o.Halted = true
			}
		}
	}
}

// named are the names of the stewards of today among the voices, each once.
func (s *stewards) named(voices []id.Thumbprint) (out []string) {
	seen := map[id.Thumbprint]bool{}
	for _, v := range voices {
		if st, ok := s.now.Steward(v); ok && !seen[v] {
			seen[v] = true
			out = append(out, st.Name)
		}
	}
	return out
}

// Programs lists the registrations of a partner's programs, for its officers and for
// stewards.
func (c *Client) Programs(ctx context.Context, partner api.ID) ([]*ProgramKey, error) {
	var out []*ProgramKey
	err := pages(ctx, c, "/v1/partners/"+string(partner)+"/clients", func(page api.Clients) int {
		for _, r := range page.Clients {
			out = append(out, c.programKeys(partner, r)...)
		}
		return len(page.Clients)
	})
	if err != nil {
		return nil, fmt.Errorf("list the programs: %w", err)
	}
	return out, nil
}

// programKeys gathers client statements by body.
func (c *Client) programKeys(partner api.ID, r api.ClientRecord) []*ProgramKey {
	byHash := map[api.Hash]*ProgramKey{}
	var out []*ProgramKey
	for _, text := range r.Clients {
		st, err := c.foreign(text)
		if err != nil {
			continue
		}
		body, ok := st.Body.(*statement.Client)
		if !ok || body.Partner != partner || body.Client != r.Client {
			continue
		}
		key, err := body.JWK.Parse()
		if err != nil {
			continue
		}
		h := api.Hash(st.BodyHash())
		if byHash[h] == nil {
			byHash[h] = &ProgramKey{Hash: h, Key: key.Thumbprint(), Retired: slices.Contains(r.Retired, key.Thumbprint()),
				Registration: Registration{body.Partner, body.Client, body.JWK, body.Scopes, body.From, body.Until}}
			out = append(out, byHash[h])
		}
		if k := byHash[h]; !slices.Contains(k.Signed, st.Issuer) {
			k.Signed = append(k.Signed, st.Issuer)
		}
	}
	c.retired(partner, r, out)
	return out
}

// retired believes a retirement by anybody who signed for a key of the program:
// restricting needs no standing.
func (c *Client) retired(partner api.ID, r api.ClientRecord, keys []*ProgramKey) {
	for _, text := range r.Retires {
		st, err := c.foreign(text)
		if err != nil {
			continue
		}
		body, ok := st.Body.(*statement.Retire)
		if !ok || body.Partner != partner || body.Client != r.Client {
			continue
		}
		if !slices.ContainsFunc(keys, func(k *ProgramKey) bool { return slices.Contains(k.Signed, st.Issuer) }) {
			continue
		}
		for _, k := range keys {
			k.Retired = k.Retired || k.Key == body.Key
		}
	}
}

// Vouched is a program's key with all that vouches for it.
type Vouched struct {
	Key     *ProgramKey
	Partner *Organisation
	Scopes  []api.Scope // that both have
}

// Live says whether key and agreement count at now.
func (v *Vouched) Live(now int64) bool {
	return v.Partner.Live(now) && !v.Key.Retired && now >= v.Key.From && now < v.Key.Until
}

// VouchedKey checks a program's key from statements alone: enough stewards of today
// signed one agreement with the partner, and two of its officers one registration of
// the key. Otherwise it is ErrNoPartner. Where several do, it gives one that counts
// now, or else the latest: what a program signed may be older than the end of its
// key, so whoever asks looks at terms, Halted and Retired. That the vault withholds a
// halt, a retirement or a newer agreement cannot be seen.
func (c *Client) VouchedKey(ctx context.Context, partner, client api.ID, key api.Account) (*Vouched, error) {
	agreements, err := c.PartnerOf(ctx, partner)
	if err != nil {
		return nil, err
	}
	var r api.ClientRecord
	if err := c.get(ctx, "/v1/partners/"+string(partner)+"/clients/"+string(client), &r); err != nil {
		return nil, fmt.Errorf("look the program up: %w", err)
	}
	r.Client = client
	var found *Vouched
	for _, o := range agreements {
		for _, k := range c.programKeys(partner, r) {
			if k.Key != key || !o.Approved || !o.Vouches(k) {
				continue
			}
			v := &Vouched{k, o, common(k.Scopes, o.Scopes)}
			if found == nil || v.Live(c.time().Unix()) && !found.Live(c.time().Unix()) {
				found = v
			}
		}
	}
	if found == nil {
		return nil, ErrNoPartner
	}
	return found, nil
}

// Vouches says whether two of its officers signed for a key.
func (o *Organisation) Vouches(k *ProgramKey) bool { return o.Signed(k) >= 2 }

// Signed counts the officers who signed for a key.
func (o *Organisation) Signed(k *ProgramKey) (n int) {
	for _, s := range k.Signed {
		if slices.Contains(o.Officers, s) {
			n++
		}
	}
	return n
}

func common(a, b []api.Scope) (out []api.Scope) {
	for _, s := range a {
		if slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	return out
}
