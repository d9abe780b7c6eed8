package api

// Challenge answers POST /v1/session/challenge.
type Challenge struct {
	Nonce string `json:"nonce"` // single use, two minutes
	Time  int64  `json:"time"`  // the vault's clock, from which clients count

	// Work is there while strangers ask for more than the vault gives: a challenge whose
	// solution for the nonce the login has to bring. Bits is how much work that is.
	Work string `json:"work,omitempty"`
	Bits int    `json:"bits,omitzero"`
}

// Login is POST /v1/session.
type Login struct {
	Login string `json:"login"` // JWS, typ tv-login+jwt

	Work     string `json:"work,omitempty"`     // as it came with the challenge
	Solution string `json:"solution,omitempty"` // to it, for the nonce
}

// Session answers POST /v1/session.
type Session struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"` // DPoP
	ExpiresIn   int64  `json:"expires_in"` // seconds
}
