package api

// Challenge answers POST /v1/session/challenge.
type Challenge struct {
	Nonce string `json:"nonce"` // single use, two minutes
	Time  int64  `json:"time"`  // the vault's clock, from which clients count
}

// Login is POST /v1/session.
type Login struct {
	Login string `json:"login"` // JWS, typ tv-login+jwt
}

// Session answers POST /v1/session.
type Session struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"` // DPoP
	ExpiresIn   int64  `json:"expires_in"` // seconds
}
