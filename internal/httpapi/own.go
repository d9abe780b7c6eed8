package httpapi

import (
	"fmt"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/flood"
	"github.com/relatingfield/vault/internal/session"
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

// challenge also asks for work where sign-ins without it are used up.
func (s *Server) challenge(r *Request) (api.Challenge, error) {
	c, err := s.deps.Sessions.Challenge()
	out := api.Challenge{Nonce: c.Nonce, Time: c.Time.Unix()}
	if bits := s.deps.Flood.Ask(flood.SignIn, r.from()); bits > 0 && s.deps.Work != nil {
		out.Work, out.Bits = s.deps.Work.IssueOf(bits), bits
	}
	return out, err
}

// worked lets a sign-in in that brings work for its own nonce, or takes one of those
// that are free. Nothing is verified of a login before that.
func (s *Server) worked(r *Request, in api.Login) error {
	if in.Work == "" && in.Solution == "" || s.deps.Work == nil {
		return r.toll(flood.SignIn, "")
	}
	if err := s.deps.Work.Check(in.Work, session.NonceOf(in.Login), in.Solution); err != nil {
		s.deps.Watch.Refused(string(flood.SignIn))
		return fmt.Errorf("%w: %w", errCrowded, err)
	}
	// Work is good once: who repeats it is one who did none.
	if !s.deps.Flood.Once(in.Work + in.Solution) {
		s.deps.Watch.Refused(string(flood.SignIn))
		return errCrowded
	}
	s.deps.Flood.Paid(flood.SignIn)
	return nil
}

func (s *Server) signIn(r *Request, in api.Login) (api.Session, error) {
	if err := s.worked(r, in); err != nil {
		return api.Session{}, err
	}
	proof := proofOf(r.echo.Request())
	token, err := s.deps.Sessions.SignIn(r.Context(), in.Login, proof)
	return api.Session{AccessToken: token.Access, TokenType: api.SchemeDPoP, ExpiresIn: int64(token.Expires.Seconds())}, err
}
