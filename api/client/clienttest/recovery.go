package clienttest

import (
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// recovery is one as it is stored.
type recovery struct {
	id     api.ID
	owner  api.Account
	text   string
	body   *statement.Recovery
	shares map[api.Account][]byte
}

// claim is one on an account, with what trustees gave for it.
type claim struct {
	id, recovery api.ID
	who          api.Account
	text         string
	opened       int64
	shares       []api.ReleasedShare
}

// recovering are the routes of recoveries. It ends no claim: no test asks for that.
func (v *Vault) recovering() map[string]handler {
	return map[string]handler{
		"POST /v1/recoveries":              read(v.setRecovery),
		"GET /v1/recoveries":               v.ownRecovery,
		"GET /v1/recoveries/named":         v.namedRecoveries,
		"POST /v1/claims":                  read(v.claim),
		"POST /v1/claims/{claim}/releases": read(v.giveShare),
		"GET /v1/claims/{claim}/shares":    v.recoveredShares,
	}
}

func (v *Vault) setRecovery(r *request, in api.NewRecovery) (any, error) {
	s, body, a, err := said[*statement.Recovery](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	one := &recovery{id: s.ID, owner: r.who, text: in.Statement, body: body, shares: map[api.Account][]byte{}}
	for i, t := range body.Trustees {
		one.shares[t.Account] = in.Shares[i]
	}
	v.recoveries = append(v.recoveries, one)
	return &a, nil
}

// claimsOn lists the claims on a recovery.
func (v *Vault) claimsOn(r *recovery) []api.Claimed {
	out := []api.Claimed{}
	for _, c := range v.claims {
		if c.recovery == r.id {
			out = append(out, api.Claimed{Claim: c.id, Claimant: c.who, Opened: c.opened, GivesAt: c.opened + r.body.Wait, Said: c.text,
				Key: v.accounts[c.who].chain[0].Statement})
		}
	}
	return out
}

func (v *Vault) ownRecovery(r *request) (any, error) {
	out := &api.Recovery{Trustees: []api.Trustee{}, Claims: []api.Claimed{}}
	for _, one := range v.recoveries {
		if one.owner == r.who {
			out.Recovery, out.Claims = one.id, v.claimsOn(one)
		}
	}
	return out, nil
}

func (v *Vault) namedRecoveries(r *request) (any, error) {
	out := &api.NamedRecoveries{Recoveries: []api.NamedRecovery{}}
	for _, one := range v.recoveries {
		if share, named := one.shares[r.who]; named {
			out.Recoveries = append(out.Recoveries, api.NamedRecovery{Recovery: one.id, Account: one.owner, Statement: one.text, Rekeys: []string{},
				Share: slices.Clone(share), Answer: api.TrusteeNone, Claims: v.claimsOn(one)})
		}
	}
	return out, nil
}

func (v *Vault) claim(r *request, in api.Signed) (any, error) {
	s, body, a, err := said[*statement.Claim](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	made := &claim{id: s.ID, who: r.who, text: in.Statement, opened: v.now().Unix()}
	for _, one := range v.recoveries {
		if one.owner == body.Account {
			made.recovery = one.id
		}
	}
	v.claims = append(v.claims, made)
	return &a, nil
}

// claimed finds a claim by the request's path.
func (v *Vault) claimed(r *request) (*claim, *recovery, error) {
	for _, c := range v.claims {
		i := slices.IndexFunc(v.recoveries, func(one *recovery) bool { return one.id == c.recovery })
		if c.id == api.ID(r.PathValue("claim")) && i >= 0 {
			return c, v.recoveries[i], nil
		}
	}
	return nil, nil, notFound()
}

func (v *Vault) giveShare(r *request, in api.NewRelease) (any, error) {
	c, _, err := v.claimed(r)
	if err != nil {
		return nil, err
	}
	_, _, a, err := said[*statement.Release](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	c.shares = append(c.shares, api.ReleasedShare{Account: r.who, Statement: in.Statement, Share: in.Share})
	return &a, nil
}

func (v *Vault) recoveredShares(r *request) (any, error) {
	c, one, err := v.claimed(r)
	if err != nil {
		return nil, err
	}
	if c.who != r.who || v.now().Unix() < c.opened+one.body.Wait || int64(len(c.shares)) < one.body.Threshold {
		return nil, notFound()
	}
	out := &api.RecoveredShares{Account: one.owner, Recovery: one.text, Rekeys: []string{}}
	for _, s := range c.shares {
		s.Share = slices.Clone(s.Share)
		out.Shares = append(out.Shares, s)
	}
	return out, nil
}
