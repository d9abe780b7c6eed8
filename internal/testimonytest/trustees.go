package testimonytest

import (
	"cmp"
	"crypto/rand"
	"slices"

	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/trust"
)

// Policy is a release policy as its maker holds it for a moment.
type Policy struct {
	ID        id.ID
	Statement *statement.Statement
	Body      statement.Policy
	Recipient string // of the shared key
	Trustees  []*accounttest.Person
	Shares    [][]byte // age files, in the order of the statement
	plain     []secret.Bytes
}

// Terms of a policy: how many trustees it takes, and what silence, in seconds.
type Terms struct {
	Threshold     int
	Silence, Wait int64
}

// MakePolicy prepares a policy for the reader and sends nothing.
func (w *World) MakePolicy(t id.ID, terms Terms, trustees ...*accounttest.Person) *Policy {
	w.T.Helper()
	p := &Policy{Body: statement.Policy{Testimony: t, Grantee: w.Reader.ID, Threshold: int64(terms.Threshold), Trustees: []statement.Share{},
		Silence: terms.Silence, Wait: terms.Wait}}
	if terms.Threshold == 0 {
		return p
	}
	key, err := sharedkey.New(rand.Reader)
	w.must(err)
	p.Recipient, p.Body.RecipientSHA256 = key.Recipient, Sum([]byte(key.Recipient))
	p.plain, err = key.Split(rand.Reader, len(trustees), terms.Threshold)
	w.must(err)
	p.Trustees = slices.SortedFunc(slices.Values(trustees), func(a, b *accounttest.Person) int { return cmp.Compare(a.ID, b.ID) })
	for i, trustee := range p.Trustees {
		file := w.shareFile(p, i, trustee.Recipient)
		p.Shares = append(p.Shares, file)
		p.Body.Trustees = append(p.Body.Trustees, statement.Share{Account: trustee.ID, RecipientSHA256: Sum([]byte(trustee.Recipient)),
			ShareSHA256: Sum(p.plain[i].Reveal()), SealedSHA256: Sum(file)})
	}
	return p
}

func (w *World) shareFile(p *Policy, i int, recipient string) []byte {
	w.T.Helper()
	file, err := sharedkey.SealFile(sharedkey.Card{Share: p.plain[i], Threshold: p.Body.Threshold, Of: int64(len(p.plain))}, recipient)
	w.must(err)
	return file
}

// Set prepares a policy and stores it.
func (w *World) Set(t id.ID, terms Terms, trustees ...*accounttest.Person) *Policy {
	w.T.Helper()
	p := w.MakePolicy(t, terms, trustees...)
	p.Statement = w.Her.Sign(p.Body)
	p.ID = p.Statement.ID
	_, err := w.Trust.Set(w.T.Context(), w.Her.Caller, t, trust.New{Statement: p.Statement.Compact(), Recipient: p.Recipient, Shares: p.Shares}, nil)
	w.must(err)
	return p
}

// UnderBody is GrantBody under a policy: sealed to the shared key where there is one.
func (w *World) UnderBody(p *Policy, parts map[int64]Sealed) (statement.Grant, [][]byte) {
	w.T.Helper()
	body, headers := w.GrantBody(p.Body.Testimony, parts)
	body.Conditions.Policy = p.ID
	if p.Recipient == "" {
		return body, headers
	}
	body.RecipientSHA256 = p.Body.RecipientSHA256
	for i, part := range body.Parts {
		headers[i] = w.Head(parts[part.N].Key, p.Recipient)
		body.Parts[i].HeaderSHA256 = Sum(headers[i])
	}
	return body, headers
}

// GrantUnder gives the reader parts under a policy and returns the grant.
func (w *World) GrantUnder(p *Policy, parts map[int64]Sealed) id.ID {
	w.T.Helper()
	body, headers := w.UnderBody(p, parts)
	g, _, err := w.Grants.Grant(w.T.Context(), w.Her.Caller, body.Testimony, w.Her.Sign(body).Compact(), headers, nil)
	w.must(err)
	return g
}

func (p *Policy) hash() string {
	sum := p.Statement.Hash()
	return statement.B64(sum[:])
}

// Answer sends a trustee's answer.
func (w *World) Answer(p *Policy, trustee *accounttest.Person, answer string) error {
	w.T.Helper()
	s := trustee.Sign(statement.Trust{Of: p.ID, OfSHA256: p.hash(), Answer: answer})
	_, err := w.Trust.Answer(w.T.Context(), trustee.Caller, p.ID, s.Compact(), nil)
	return err
}

// Vote has trustee i of the statement's order release the share to the reader.
func (w *World) Vote(p *Policy, i int) error {
	w.T.Helper()
	trustee, file := p.Trustees[i], w.shareFile(p, i, w.Reader.Recipient)
	s := trustee.Sign(statement.Release{Of: p.ID, OfSHA256: p.hash(), SealedSHA256: Sum(file)})
	_, err := w.Trust.Release(w.T.Context(), trustee.Caller, p.ID, s.Compact(), file, nil)
	return err
}

// CheckIn has her say that she is there.
func (w *World) CheckIn() error {
	w.T.Helper()
	_, err := w.Trust.CheckIn(w.T.Context(), w.Her.Caller, w.Her.Sign(statement.CheckIn{}).Compact(), nil)
	return err
}

// Combine makes the shared key of what a reader was given.
func (w *World) Combine(p *Policy, given trust.Given) *sharedkey.Key {
	w.T.Helper()
	var shares []secret.Bytes
	for _, g := range given.Shares {
		c, err := sharedkey.OpenFile(g.Share, w.Reader.Identity)
		w.must(err)
		shares = append(shares, c.Share)
	}
	key, err := sharedkey.Combine(shares, p.Body.RecipientSHA256)
	w.must(err)
	return key
}
