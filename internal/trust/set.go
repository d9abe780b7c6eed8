package trust

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/trust/trustdb"
)

// New is a policy on its way. Without trustees Recipient and Shares are empty.
type New struct {
	Statement string
	Recipient string   // of the shared key, which is public: later grants are sealed to it as well
	Shares    [][]byte // age files in the order of the statement's trustees
}

// Set records a policy of hers. Its id is the statement's. It changes nothing for
// any reader: grants that name it do.
func (p *Policies) Set(ctx context.Context, caller account.Caller, testimony id.ID, in New, commit ledger.Commit) (ledger.Accepted, error) {
	if err := p.mayGrant(ctx, caller, testimony); err != nil {
		return ledger.Accepted{}, err
	}
	s, body, err := ledger.Take[*statement.Policy](p.Ledger, caller.Signer(), in.Statement)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Testimony != testimony || len(body.Trustees) != len(in.Shares) {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another testimony or another number of trustees", statement.ErrRefused)
	}
	if err := check(body, in); err != nil {
		return ledger.Accepted{}, err
	}
	err = p.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := p.set(ctx, tx, caller.ID, s, body, in); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

// mayGrant tells a collection why nobody can be let read what lies in it. Another
// account of a partner's has no testimony that this could be about.
func (p *Policies) mayGrant(ctx context.Context, caller account.Caller, testimony id.ID) error {
	refused := caller.MayGrant()
	if refused == nil {
		return nil
	}
	err := p.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		_, err := p.own(ctx, tx, caller.ID, testimony)
		return err
	})
	if err != nil {
		return err
	}
	return refused
}

// check holds what came along against the statement, before any transaction.
func check(body *statement.Policy, in New) error {
	for i, t := range body.Trustees {
		if err := sharedkey.CheckFile(in.Shares[i]); err != nil {
			return fmt.Errorf("%w: %w", ErrSealed, err)
		}
		if sharedkey.Digest(in.Shares[i]) != t.SealedSHA256 {
			return ErrDigest
		}
	}
	if body.Threshold == 0 {
		if in.Recipient != "" {
			return ErrDigest
		}
		return nil
	}
	if _, pq, err := envelope.ParseRecipient(in.Recipient); err != nil || !pq {
		return fmt.Errorf("%w: the shared key is not a post-quantum recipient", ErrSealed)
	}
	if sharedkey.Digest([]byte(in.Recipient)) != body.RecipientSHA256 {
		return ErrDigest
	}
	return nil
}

func (p *Policies) set(ctx context.Context, tx store.Tx, owner id.Thumbprint, s *ledger.Taken, body *statement.Policy, in New) error {
	key, err := p.own(ctx, tx, owner, body.Testimony)
	if err != nil {
		return err
	}
	n, err := trustdb.New(tx).CountOn(ctx, string(body.Testimony))
	if err != nil {
		return fmt.Errorf("count policies: %w", err)
	}
	if n >= PerTestimony {
		return ErrLimit
	}
	if err := p.checkPeople(ctx, tx, body); err != nil {
		return err
	}
	if err := p.create(ctx, tx, key, owner, s, body, in); err != nil {
		return err
	}
	if body.Silence > 0 {
		if err := p.Ledger.Watch(ctx, tx, owner); err != nil {
			return err
		}
	}
	if err := p.Ledger.Append(ctx, tx, key, s.Statement); err != nil {
		return err
	}
	return custody.Record(ctx, tx, body.Testimony, key, custody.Event{Kind: custody.PolicySet, At: p.today(), Actor: owner, Policy: s.ID})
}

// checkPeople refuses people who have no account here, and trustees whose share
// was sealed to another key than theirs: it would be lost to everybody.
func (p *Policies) checkPeople(ctx context.Context, tx store.Tx, body *statement.Policy) error {
	if _, err := account.Load(ctx, tx, body.Grantee); err != nil {
		return missing(err)
	}
	for _, t := range body.Trustees {
		if _, err := account.Load(ctx, tx, t.Account); err != nil {
			return missing(err)
		}
		recipient, err := p.Ledger.Recipient(ctx, tx, t.Account)
		if err != nil {
			return err
		}
		if sharedkey.Digest([]byte(recipient)) != t.RecipientSHA256 {
			return ErrTrustee
		}
	}
	return nil
}

func missing(err error) error {
	if errors.Is(err, account.ErrNotFound) {
		return ErrTrustee
	}
	return err
}

func (p *Policies) create(ctx context.Context, tx store.Tx, key *shred.Key, owner id.Thumbprint, s *ledger.Taken, body *statement.Policy, in New) error {
	q, hash := trustdb.New(tx), s.Hash()
	row := trustdb.CreateParams{ID: string(s.ID), Testimony: string(body.Testimony), Owner: string(owner), Seq: s.Seq, Sha256: hash[:],
		Grantee: string(body.Grantee), Threshold: body.Threshold, Silence: body.Silence, Wait: body.Wait}
	if in.Recipient != "" {
		sum := sha256.Sum256([]byte(in.Recipient))
		row.RecipientSha256 = sum[:]
		var err error
		if row.Recipient, err = key.Seal(recipientLabel(s.ID), []byte(in.Recipient)); err != nil {
			return err
		}
	}
	if err := q.Create(ctx, row); err != nil {
		return fmt.Errorf("create policy: %w", err)
	}
	for i, t := range body.Trustees {
		sealed, err := key.Seal(shareLabel(s.ID, t.Account), in.Shares[i])
		if err != nil {
			return err
		}
		if err := q.Name(ctx, trustdb.NameParams{Policy: string(s.ID), Account: string(t.Account), Share: sealed}); err != nil {
			return fmt.Errorf("name trustee: %w", err)
		}
	}
	return nil
}
