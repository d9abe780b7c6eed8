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
