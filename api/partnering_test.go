package api_test

import (
	"crypto/ed25519"
	"slices"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// tokenRequest is the form of a token request.
type tokenRequest struct {
	GrantType     string `json:"grant_type"`
	AssertionType string `json:"client_assertion_type"`
	Assertion     string `json:"client_assertion"`
	ClientID      id.ID  `json:"client_id,omitempty"`
	Scope         string `json:"scope,omitempty"`
}

// organisation is a partner in the story.
type organisation struct {
	id, client id.ID
	officers   []*person
	key        ed25519.PrivateKey
	public     *clientkey.Key
}

// partnering agrees with an organisation, registers its program, lets it in, and
// ends all of it.
func (c *cast) partnering() {
	seed := [ed25519.SeedSize]byte{7}
	o := &organisation{id: c.id(), client: c.id(), key: ed25519.NewKeyFromSeed(seed[:])}
	var err error
	o.public, err = clientkey.Of(o.key.Public())
	c.must(err)
	for _, words := range []string{"69696969696969696969696969696969", "78787878787878787878787878787878"} {
		p := c.person(words)
		p.enters(statement.Partner)
		o.officers = append(o.officers, p)
	}
	slices.SortFunc(o.officers, func(a, b *person) int { return compare(a.ID, b.ID) })
	agreement := c.agreeing(o)
	c.registering(o)
	c.letIn(o)
	c.delivering(o)
	retire := o.officers[0].says(statement.Retire{Partner: o.id, Client: o.client, Key: o.public.Thumbprint()})
	c.tell("retire", "One officer is enough", api.Signed{Statement: retire.Compact()})
	c.tell("retired", "The key counts no longer", c.accepted(retire))
	halt := c.stewards[1].says(statement.Halt{Partner: o.id, Agreement: agreement.String()})
	c.tell("halt", "One steward is enough", api.Signed{Statement: halt.Compact()})
	c.tell("halted", "It counts no longer", api.Agreement{Accepted: c.accepted(halt), Agreement: agreement, Approvals: 2, Threshold: 2})
}

func compare(a, b id.Thumbprint) int {
	if a < b {
		return -1
	}
	return 1
}

func (c *cast) agreeing(o *organisation) api.Hash {
	body := statement.Agree{Partner: o.id, Name: "Women for Memory", Officers: []id.Thumbprint{o.officers[0].ID, o.officers[1].ID},
		Scopes: []statement.Scope{statement.ScopeDeliver, statement.ScopeFollow, statement.ScopeRegister}, From: c.day(), Until: c.day() + 365*statement.Day}
	first, second := c.stewards[0].says(body), c.stewards[1].says(body)
	c.tell("agree", "The second of two", api.Signed{Statement: second.Compact()})
	name := api.Hash(second.BodyHash())
	c.tell("agreed", "It counts", api.Agreement{Accepted: c.accepted(second), Agreement: name, Approvals: 2, Threshold: 2, Effective: true})
	record := api.PartnerRecord{Partner: o.id, Agrees: []string{first.Compact(), second.Compact()}, Halts: []string{}, InForce: &name, Halted: []api.Hash{}}
	c.tell("partners", "One partner", api.Partners{Partners: []api.PartnerRecord{record}})
	c.tell("partnerRecord", "An agreement of two stewards", record)
	c.tell("oauthServer", "For OAuth libraries", api.OAuthServer{
		Issuer: "https://vault.example", TokenEndpoint: "https://vault.example/v1/token", GrantTypes: []string{"client_credentials"}, ResponseTypes: []string{},
		AuthMethods: []string{"private_key_jwt"}, AuthAlgs: []string{"EdDSA", "ES256"}, ProofAlgs: []string{"ES256"}, Scopes: statement.Scopes(),
	})
	return name
}

func (c *cast) registering(o *organisation) {
	body := statement.Client{Partner: o.id, Client: o.client, JWK: o.public.JWK(), Scopes: []statement.Scope{statement.ScopeDeliver, statement.ScopeFollow},
		From: c.day(), Until: c.day() + 90*statement.Day}
	first, second := o.officers[0].says(body), o.officers[1].says(body)
	record := api.ClientRecord{Client: o.client, Clients: []string{first.Compact(), second.Compact()}, Retires: []string{}, Retired: []api.Account{}, Live: []api.Account{o.public.Thumbprint()}}
	c.tell("clients", "One program", api.Clients{Clients: []api.ClientRecord{record}})
	c.tell("clientRecord", "A key of two officers", record)
	c.tell("client", "The second of two", api.Signed{Statement: second.Compact()})
	c.tell("registered", "The key counts", api.Registration{Accepted: c.accepted(second), Registration: second.BodyHash(), Approvals: 2, Threshold: 2, Effective: true})
}

func (c *cast) letIn(o *organisation) {
	assertion, err := clientkey.Sign(o.key, "JWT", struct {
		Iss id.ID  `json:"iss"`
		Sub id.ID  `json:"sub"`
		Aud string `json:"aud"`
		Jti id.ID  `json:"jti"`
		Exp int64  `json:"exp"`
	}{o.client, o.client, "https://vault.example/v1/token", c.id(), c.now.Unix() + 60})
	c.must(err)
	c.tell("tokenRequest", "A token to deliver with", tokenRequest{
		GrantType: "client_credentials", AssertionType: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", Assertion: assertion, Scope: "deliver",
	})
	c.tell("partnerInvitation", "Seven days", api.Invitation{Invitation: string(c.id()), Expires: c.now.Add(7 * 24 * time.Hour).Unix()})
	c.tell("partnerToken", "Ten minutes", api.PartnerToken{
		AccessToken: c.token(confirmation{api.HashOf([]byte(`{"crv":"P-256","kty":"EC","x":"…","y":"…"}`))}), TokenType: api.SchemeDPoP, ExpiresIn: 600, Scope: "deliver",
	})
	c.tell("tokenNonce", "Repeat it with the nonce of this answer", api.TokenError{Error: "use_dpop_nonce", Description: "Nothing was changed. Repeat the request with a new assertion and the nonce in DPoP-Nonce."})
	c.tell("tokenScope", "Something that the key does not have", api.TokenError{Error: "invalid_scope", Description: "Nothing was changed. Ask for scopes that GET /v1/partner lists, or for none to get them all."})
	c.tell("tokenClient", "Whatever is wrong with client, key or assertion", api.TokenError{Error: "invalid_client",
		Description: "Nothing was changed. Sign a new assertion with a registered key; if that does not help, ask an officer of the partner how its agreement and keys stand."})
	c.tell("partner", "A token to deliver with", api.Partner{Partner: o.id, Client: o.client, Key: o.public.Thumbprint(), Scopes: []api.Scope{statement.ScopeDeliver}, Until: c.day() + 90*statement.Day})
}
