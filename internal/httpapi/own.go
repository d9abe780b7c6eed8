package httpapi

import (
	"fmt"
	"net/http"

	"github.com/relatingfield/vault/api"
)

// smallBody bounds a request that holds one ordinary statement or less, in bytes.
const smallBody = 16 << 10

// own are the routes that belong to no domain: about the vault itself, and
// sign-in.
func (s *Server) own() []Route {
	return []Route{
		{Method: "GET", Path: "/livez", Stays: true, Auth: Anybody, Handler: Read(s.liveness)},
		{Method: "GET", Path: "/readyz", Stays: true, Auth: Anybody, Handler: Read(s.readiness)},
		{Method: "GET", Path: "/openapi.yaml", Stays: true, Auth: Anybody, Handler: plain(s.documents.contract.serve)},
		{Method: "GET", Path: "/statement.schema.json", Stays: true, Auth: Anybody, Handler: plain(s.documents.schema.serve)},
		{Method: "GET", Path: "/v1/vault", Stays: true, Auth: Anybody, Handler: Read(s.vault)},
		{Method: "POST", Path: "/v1/session/challenge", Auth: Anybody, Handler: Read(s.challenge)},
		{Method: "POST", Path: "/v1/session", Auth: Anybody, Body: smallBody, Handler: Take(http.StatusOK, s.signIn)},
	}
}

// state is what the probes answer.
type state struct {
	OK bool `json:"ok"`
}

func (s *Server) liveness(*Request) (state, error) { return state{true}, nil }

func (s *Server) readiness(r *Request) (state, error) {
	if err := s.ready(r.Context()); err != nil {
		return state{}, fmt.Errorf("%w: %w", errBusy, err)
	}
	return state{true}, nil
}

func (s *Server) vault(*Request) (api.Vault, error) { return s.deps.Vault(), nil }

func (s *Server) challenge(*Request) (api.Challenge, error) {
	c, err := s.deps.Sessions.Challenge()
	return api.Challenge{Nonce: c.Nonce, Time: c.Time.Unix()}, err
}

func (s *Server) signIn(r *Request, in api.Login) (api.Session, error) {
	proof := proofOf(r.echo.Request())
	token, err := s.deps.Sessions.SignIn(r.Context(), in.Login, proof)
	return api.Session{AccessToken: token.Access, TokenType: api.SchemeDPoP, ExpiresIn: int64(token.Expires.Seconds())}, err
}
