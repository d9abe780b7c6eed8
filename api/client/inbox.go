package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Received is a grant in a reader's inbox, by its giver's signed word.
type Received struct {
	ID        api.ID
	From      api.Account // who granted it
	Testimony api.ID
	Terms     api.Terms         // in force, of the newest statement that the vault shows
	Parts     []int64           // by number
	Came      map[int64]Came    // by number, of parts that a partner brought
	Labels    []string          // what she says it holds, some of ContentLabels; none says nothing
	LabelsErr error             // she may have said something of the content, and it cannot be read
	State     api.GrantState    // the vault's word
	Statement string            // the grant statement
	Changed   string            // the renew or narrow statement that the terms are from, empty if they are the grant's
	Answer    *statement.Answer // hers to this reader's request, nil if there is none
	Policy    api.ID            // what it waits for; empty for nothing
	Err       error             // ErrGrantForged: everything but ID is then empty

	shared string // SHA-256 of the recipient that trustees share; empty where it is the reader's own

	bindings map[int64]statement.Binding
	relocks  map[int64]string // the statements that changed a binding
	rekeys   []string         // those by which the giver changed her key
	lineage  *statement.Lineage
}

// author is whose statement it is, by the rekey statements beside it: the account
// that the giver had from the first, also where she has changed her words since.
func author(s *statement.Statement, rekeys []string) (*statement.Lineage, api.Account, error) {
	lineage, err := statement.ReadLineage(s.Vault, rekeys)
	if err != nil {
		return nil, "", err
	}
	from, err := lineage.Author(s)
	return lineage, from, err
}

// Inbox lists what was granted to this account. Every grant statement has been
// verified: signed by the account it names, for this vault, this reader and this
// reader's key. One that fails carries the error.
func (c *Client) Inbox(ctx context.Context) ([]*Received, error) {
	if c.keys == nil {
		return nil, fmt.Errorf("read the inbox: %w", ErrNoKeys)
	}
	var all []api.InboxGrant
	err := pages(ctx, c, "/v1/inbox", func(page api.Inbox) int {
		all = append(all, page.Grants...)
		return len(page.Grants)
	})
	if err != nil {
		return nil, fmt.Errorf("read the inbox: %w", err)
	}
	var out []*Received
	for _, g := range all {
		r, err := c.verifyGrant(g)
		if err != nil {
			r = &Received{ID: g.Grant, Err: err}
		}
		out = append(out, r)
	}
	return out, nil
}

// inboxGrant fetches and verifies one grant.
func (c *Client) inboxGrant(ctx context.Context, grant api.ID) (*Received, error) {
	if c.keys == nil {
		return nil, ErrNoKeys
	}
	var answer api.InboxGrant
	if err := c.get(ctx, "/v1/inbox/"+string(grant), &answer); err != nil {
		return nil, err
	}
	r, err := c.verifyGrant(answer)
	if err == nil && r.ID != grant {
		err = fmt.Errorf("%w: the vault answered with grant %s", ErrGrantForged, r.ID)
	}
	return r, err
}

// verifyGrant verifies a grant and the re-locks that carried it over.
func (c *Client) verifyGrant(g api.InboxGrant) (*Received, error) {
	s, err := c.foreign(g.Statement)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGrantForged, err)
	}
	body, ok := s.Body.(*statement.Grant)
	if !ok || s.ID != g.Grant {
		return nil, fmt.Errorf("%w: its statement is of something else", ErrGrantForged)
	}
	// Under a policy the key may be one that trustees share; it is held against the
	// policy when it is made.
	mine := body.RecipientSHA256 == api.HashOf([]byte(c.keys.Recipient)).String()
	if body.Grantee != c.keys.ID || !mine && body.Conditions.Policy == "" {
		return nil, fmt.Errorf("%w: it names another reader or another key", ErrGrantForged)
	}
	lineage, from, err := author(s, g.Rekeys)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGrantForged, err)
	}
	r := &Received{ID: s.ID, From: from, Testimony: body.Testimony, Terms: body.Terms, State: g.State, Statement: g.Statement,
		Policy: body.Conditions.Policy, Came: map[int64]Came{}, bindings: map[int64]statement.Binding{}, relocks: map[int64]string{}, rekeys: g.Rekeys, lineage: lineage}
	if !mine {
		r.shared = body.RecipientSHA256
	}
	c.takeLabels(r, body)
	for _, p := range body.Parts {
		r.Parts = append(r.Parts, p.N)
		r.bindings[p.N] = statement.Binding{PayloadSHA256: p.PayloadSHA256, Commit: p.Commit, HeaderSHA256: p.HeaderSHA256}
	}
	if err := c.inForce(r, s, g.Terms); err != nil {
		return nil, err
	}
	if r.Answer, err = c.answered(lineage, s, g.Answer); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGrantForged, err)
	}
	for _, p := range g.Parts {
		if err := c.takePart(r, s, p); err != nil {
			return nil, err
		}
		if err := c.takeCame(r, p.N, saidOf(body, p.N), p.Delivered); err != nil {
			return nil, err
		}
	}
	r.Parts = slices.DeleteFunc(r.Parts, func(n int64) bool { return r.bindings[n].Length == 0 }) // taken back since
	return r, nil
}

// saidOf is what a grant says of how a part came.
func saidOf(g *statement.Grant, n int64) statement.Brought {
	for _, p := range g.Parts {
		if p.N == n {
			return p.Brought
		}
	}
	return statement.Brought{}
}

// takePart adds what the grant statement does not say of a part: its length,
// which is the vault's word and checked by the digest, and its binding after a
// re-lock, which must be the giver's own.
func (c *Client) takePart(r *Received, grant *statement.Statement, p api.InboxPart) error {
	b, ok := r.bindings[p.N]
	if !ok {
		return fmt.Errorf("%w: part %d is not in its statement", ErrGrantForged, p.N)
	}
	b.Length = p.Length
	if p.Relock != "" {
		var err error
		if b, err = c.relocked(grant, r, p); err != nil {
			return fmt.Errorf("%w: part %d: %w", ErrGrantForged, p.N, err)
		}
		r.relocks[p.N] = p.Relock
	}
	r.bindings[p.N] = b
	return nil
}

func (c *Client) relocked(grant *statement.Statement, r *Received, p api.InboxPart) (statement.Binding, error) {
	s, err := c.foreign(p.Relock)
	if err != nil {
		return statement.Binding{}, err
	}
	return bindingAnew(grant, r.lineage, p.N, s)
}

// bindingAnew is what a grant gives of a part after the giver locked it anew.
func bindingAnew(grant *statement.Statement, of *statement.Lineage, n int64, s *statement.Statement) (statement.Binding, error) {
	body, ok := s.Body.(*statement.Relock)
	given, _ := grant.Body.(*statement.Grant)
	if !ok || !of.Same(grant, s) || s.Vault != grant.Vault || s.Seq <= grant.Seq || body.Testimony != given.Testimony || body.N != n {
		return statement.Binding{}, errors.New("the statement that locked it anew is of something else")
	}
	i := slices.IndexFunc(body.Grants, func(g statement.RelockedGrant) bool { return g.Grant == grant.ID })
	if i < 0 {
		return statement.Binding{}, errors.New("it was not carried over when it was locked anew")
	}
	b := body.Binding()
	b.HeaderSHA256 = body.Grants[i].HeaderSHA256
	return b, nil
}
