package client

import (
	"context"
	"fmt"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Call is what a consultation asks, for what, on which suggested terms, and where
// support is, in several languages.
type Call = statement.Call

// The parts of a call.
type (
	CallText    = statement.CallText
	CallPrompts = statement.CallPrompts
	CallTerms   = statement.CallTerms
)

// Consultation is a named call of a partner. Signed says that an officer's statement
// over exactly this document came along; that she is an officer the partner's
// agreement says.
type Consultation struct {
	ID      api.ID
	Partner api.ID
	Day     int64
	Until   int64 // the first day on which nothing more belongs to it
	Call    *Call
	Signed  bool
}

// ReadCall reads the document of a call, in its one spelling.
func ReadCall(document []byte) (*Call, error) { return statement.ReadCall(document) }

// OpenConsultation opens a call of a partner, as one of its officers, until a day.
func (c *Client) OpenConsultation(ctx context.Context, partner api.ID, call *Call, until int64) (api.ID, error) {
	document, err := call.Document()
	if err != nil {
		return "", fmt.Errorf("open a consultation: %w", err)
	}
	name, err := NewID(c.rand)
	if err != nil {
		return "", fmt.Errorf("open a consultation: %w", err)
	}
	body := statement.Consultation{Partner: partner, Consultation: name, DocumentSHA256: api.HashOf(document).String(), Until: until - until%statement.Day}
	_, err = c.sayWith(ctx, one(func(*history) (statement.Body, error) { return body, nil }), func(signed string, a *api.Accepted) error {
		var answer api.OpenedConsultation
		err := c.post(ctx, "/v1/consultations", api.NewConsultation{Statement: signed, Document: document}, &answer)
		*a = answer.Accepted
		return err
	})
	if err != nil {
		return "", fmt.Errorf("open a consultation: %w", err)
	}
	return name, nil
}

// RegisterConsultation opens a call as a program of the partner.
func (c *Client) RegisterConsultation(ctx context.Context, call *Call, until int64) (api.ID, error) {
	document, err := call.Document()
	if err != nil {
		return "", fmt.Errorf("register a consultation: %w", err)
	}
	name, err := NewID(c.rand)
	if err != nil {
		return "", fmt.Errorf("register a consultation: %w", err)
	}
	var answer api.Consultation
	err = c.post(ctx, "/v1/partner/consultations", api.RegisterConsultation{Consultation: name, Document: document, Until: until - until%statement.Day}, &answer)
	if err != nil {
		return "", fmt.Errorf("register a consultation: %w", err)
	}
	return name, nil
}

// Consultation reads a call. It needs no account.
func (c *Client) Consultation(ctx context.Context, name api.ID) (*Consultation, error) {
	var answer api.Consultation
	if err := c.json(ctx, call{method: http.MethodGet, path: "/v1/consultations/" + string(name), repeat: true}, &answer); err != nil {
		return nil, fmt.Errorf("read a consultation: %w", err)
	}
	asked, err := statement.ReadCall(answer.Document)
	if err != nil {
		return nil, fmt.Errorf("read a consultation: %w: %w", ErrNonsense, err)
	}
	out := &Consultation{ID: name, Partner: answer.Partner, Day: answer.Day, Until: answer.Until, Call: asked}
	if answer.Statement == "" {
		return out, nil
	}
	said, err := c.foreign(answer.Statement)
	if err != nil {
		return nil, fmt.Errorf("read a consultation: %w", err)
	}
	body, ok := said.Body.(*statement.Consultation)
	if !ok || body.Consultation != name || body.Partner != answer.Partner || body.Until != answer.Until || body.DocumentSHA256 != api.HashOf(answer.Document).String() {
		return nil, fmt.Errorf("read a consultation: %w: the officer signed for something else", ErrNonsense)
	}
	out.Signed = true
	return out, nil
}

// Belong makes a testimony of the caller, a collection, belong to a consultation of its
// partner, so that it is counted there. It may be repeated, also when the testimony was
// claimed since and is counted elsewhere; one that belongs to another consultation is
// refused as a conflict, and what is no open consultation of the partner is ErrNotFound.
func (c *Client) Belong(ctx context.Context, testimony, consultation api.ID) error {
	h, err := c.history(ctx)
	if err != nil {
		return fmt.Errorf("name a consultation: %w", err)
	}
	if state := h.book.Testimonies[testimony]; state != nil && state.Erased {
		return nil
	}
	var answer api.Belonging
	err = c.json(ctx, call{method: http.MethodPost, path: pathOf(testimony) + "/consultation", body: api.Belonging{Consultation: consultation}, signed: true, repeat: true}, &answer)
	if isProblem(err, api.ProblemNotFound) {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("name a consultation: %w", err)
	}
	return nil
}

// ConsultationCounts says how many took part: rounded, noised, and the same for
// everybody who asks.
func (c *Client) ConsultationCounts(ctx context.Context, name api.ID) (*api.ConsultationCounts, error) {
	out := new(api.ConsultationCounts)
	if err := c.json(ctx, call{method: http.MethodGet, path: "/v1/consultations/" + string(name) + "/counts", repeat: true}, out); err != nil {
		return nil, fmt.Errorf("count a consultation: %w", err)
	}
	return out, nil
}
