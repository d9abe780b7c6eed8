package accounttest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Stranger is a person with fresh keys who has not enrolled.
func (w *World) Stranger() *Person {
	w.T.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	w.must(err)
	identity, err := age.GenerateHybridIdentity()
	w.must(err)
	signer := &statement.Signer{Key: key, Vault: w.Vault, Rand: rand.Reader, Now: w.Clock.Now}
	return &Person{Caller: account.Caller{ID: signer.Account()}, Recipient: identity.Recipient().String(), Identity: identity, world: w, signer: signer, key: key}
}

// Enrolled is a person who enrolled in a role with a steward's invitation.
func (w *World) Enrolled(role statement.Role) *Person {
	w.T.Helper()
	p := w.Stranger()
	p.Enrol(role, account.Request{Invitation: w.Invite(w.Stewards[0], role)})
	return p
}

// Invite gives the code of an invitation by somebody who may invite.
func (w *World) Invite(by *Person, role statement.Role) string {
	w.T.Helper()
	inv, err := w.Accounts.Invite(w.T.Context(), by.Caller, role, nil)
	w.must(err)
	return inv.Code
}

// Person is somebody with keys.
type Person struct {
	account.Caller
	Recipient string
	Identity  *age.HybridIdentity // opens what is sealed to Recipient

	world  *World
	signer *statement.Signer
	key    ed25519.PrivateKey
}

// PrivateKey is what the person signs with.
func (p *Person) PrivateKey() ed25519.PrivateKey { return p.key }

func (p *Person) public() ed25519.PublicKey { return p.key.Public().(ed25519.PublicKey) }

// Key signs a key statement, another one at each call.
func (p *Person) Key(role statement.Role) *statement.Statement {
	p.world.T.Helper()
	return p.SignAt(statement.Head{}, statement.Key{Role: role, Recipient: p.Recipient})
}

// Enrol enrols the person in a role, admitted by what req holds beside the statement.
func (p *Person) Enrol(role statement.Role, req account.Request) {
	p.world.T.Helper()
	req.Statement = p.Key(role).Compact()
	_, err := p.world.Accounts.Enrol(p.world.T.Context(), req, nil)
	p.world.must(err)
	p.Role = role
}

// Sign signs the statement that follows what the vault has of this person.
func (p *Person) Sign(body statement.Body) *statement.Statement {
	p.world.T.Helper()
	var head statement.Head
	p.world.View(func(ctx context.Context, tx store.Tx) (err error) {
		head, err = p.world.Ledger.Head(ctx, tx, p.ID)
		return err
	})
	return p.SignAt(head, body)
}

// SignAt signs the statement that follows head.
func (p *Person) SignAt(head statement.Head, body statement.Body) *statement.Statement {
	p.world.T.Helper()
	s, _, err := p.signer.Sign(head, body)
	p.world.must(err)
	return s
}

// For makes a person sign for another vault.
func (p *Person) For(vault string) *Person {
	q, signer := *p, *p.signer
	signer.Vault = vault
	q.signer = &signer
	return &q
}

// Statement reads a statement of the person back from the vault.
func (p *Person) Statement(seq int64) *statement.Statement {
	p.world.T.Helper()
	var s *statement.Statement
	p.world.View(func(ctx context.Context, tx store.Tx) (err error) {
		s, err = p.world.Ledger.Statement(ctx, tx, p.ID, seq)
		return err
	})
	return s
}
