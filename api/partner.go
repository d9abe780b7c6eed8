package api

import (
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/statement"
)

// MediaForm is the media type of a token request.
const MediaForm = "application/x-www-form-urlencoded"

// Scope is something that a partner's program may do.
type Scope = statement.Scope

// JWK is the public key of a partner's program, Ed25519 or P-256.
type JWK = clientkey.JWK

// PartnerToken answers POST /v1/token (RFC 6749 section 5.1).
type PartnerToken struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"` // DPoP
	ExpiresIn   int64  `json:"expires_in"` // seconds
	Scope       string `json:"scope"`      // words with a space between
}

// TokenError is a refusal of POST /v1/token (RFC 6749 section 5.2).
type TokenError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"` // what is safe, and what to do next
}

// Partner answers GET /v1/partner: what the program that asks may do, and until when.
type Partner struct {
	Partner ID      `json:"partner"`
	Client  ID      `json:"client"`
	Key     Account `json:"key"`    // thumbprint of the client's key that asked for the token
	Scopes  []Scope `json:"scopes"` // of this token, as the agreement stands now
	Until   int64   `json:"until"`  // Unix seconds: when the agreement or the key ends
}

// Empty is the body of a request that has nothing to say: {}.
type Empty struct{}

// PartnerRecord answers GET /v1/partners/{partner}: all that a client needs to decide
// for itself whether a partner's agreement counts, and who its officers are. InForce
// and Halted are the vault's word.
type PartnerRecord struct {
	Partner ID       `json:"partner"`
	Agrees  []string `json:"agrees"`
	Halts   []string `json:"halts"`
	InForce *Hash    `json:"in_force,omitempty"` // name of the agreement that counts now
	Halted  []Hash   `json:"halted"`             // names; of some the statement may be lost
}

// Partners answers GET /v1/partners.
type Partners struct {
	Partners []PartnerRecord `json:"partners"`
}

// ClientRecord answers GET /v1/partners/{partner}/clients/{client}. Retired and Live
// are the vault's word.
type ClientRecord struct {
	Client  ID        `json:"client"`
	Clients []string  `json:"clients"` // statements of officers, act client
	Retires []string  `json:"retires"`
	Retired []Account `json:"retired"` // thumbprints of keys; of some the statement may be lost
	Live    []Account `json:"live"`    // thumbprints of the keys that count now
}

// Clients answers GET /v1/partners/{partner}/clients.
type Clients struct {
	Clients []ClientRecord `json:"clients"`
}

// OAuthServer answers GET /.well-known/oauth-authorization-server (RFC 8414).
type OAuthServer struct {
	Issuer        string   `json:"issuer"`
	TokenEndpoint string   `json:"token_endpoint"`
	GrantTypes    []string `json:"grant_types_supported"`
	ResponseTypes []string `json:"response_types_supported"` // none: there is no authorization endpoint
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	AuthAlgs      []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	ProofAlgs     []string `json:"dpop_signing_alg_values_supported"`
	Scopes        []Scope  `json:"scopes_supported"`
}

// Agreement answers POST /v1/agreements and /v1/halts.
type Agreement struct {
	Accepted
	Agreement Hash `json:"agreement"` // SHA-256 of the agree body
	Approvals int  `json:"approvals"` // stewards of the roster in force who signed it
	Threshold int  `json:"threshold"`
	Effective bool `json:"effective"`
}

// Registration answers POST /v1/clients.
type Registration struct {
	Accepted
	Registration Hash `json:"registration"` // SHA-256 of the client body
	Approvals    int  `json:"approvals"`    // officers of the agreement in force who signed it
	Threshold    int  `json:"threshold"`
	Effective    bool `json:"effective"`
}
