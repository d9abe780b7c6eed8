package trust

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/pause"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/trust/trustdb"
)

// Answer records whether somebody who was named will act as a trustee. Both
// answers may follow each other; declining takes an earlier vote back.
func (p *Policies) Answer(ctx context.Context, caller account.Caller, name id.ID, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Trust](p.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Of != name {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another policy", statement.ErrRefused)
	}
	write := p.DB.Update
	if body.Answer == statement.Declined {
		write = p.DB.Insist
	}
	err = write(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := p.answer(ctx, tx, caller.ID, s, body); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

func (p *Policies) answer(ctx context.Context, tx store.Tx, who id.Thumbprint, s *ledger.Taken, body *statement.Trust) error {
	n, err := p.named(ctx, tx, who, body.Of, body.OfSHA256)
	if err != nil {
		return err
	}
	if err := p.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
		return err
	}
	q, kind := trustdb.New(tx), custody.Agreed
	if body.Answer == statement.Declined {
		kind = custody.Declined
		err = q.Decline(ctx, trustdb.DeclineParams{Policy: string(body.Of), Account: string(who)})
	} else {
		err = q.Agree(ctx, trustdb.AgreeParams{Policy: string(body.Of), Account: string(who)})
	}
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if err := p.record(ctx, tx, n.policy, custody.Event{Kind: kind, At: p.Now().Unix(), Actor: who, Policy: body.Of}); err != nil {
		return err
	}
	if kind == custody.Agreed {
		return nil
	}
	return p.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Declined, ID: body.Of, Account: who})
}

// DeclineAgain takes a trustee's vote back because the journal says that the
// trustee declined. Agreeing anew is the trustee's to do.
func (p *Policies) DeclineAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	if err := trustdb.New(tx).Decline(ctx, trustdb.DeclineParams{Policy: string(e.ID), Account: string(e.Account)}); err != nil {
		return fmt.Errorf("decline again: %w", err)
	}
	return nil
}

// Release records a trustee's vote: her share, sealed anew to the reader. A second
// one replaces the first, which may have been a wrong file.
func (p *Policies) Release(ctx context.Context, caller account.Caller, name id.ID, compact string, share []byte, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Release](p.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Of != name {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another policy", statement.ErrRefused)
	}
	if err := sharedkey.CheckFile(share); err != nil {
		return ledger.Accepted{}, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	if sharedkey.Digest(share) != body.SealedSHA256 {
		return ledger.Accepted{}, ErrDigest
	}
	err = p.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := p.vote(ctx, tx, caller.ID, s, body, share); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

func (p *Policies) vote(ctx context.Context, tx store.Tx, who id.Thumbprint, s *ledger.Taken, body *statement.Release, share []byte) error {
	n, err := p.named(ctx, tx, who, body.Of, body.OfSHA256)
	if err != nil {
		return err
	}
	open, err := p.open(ctx, tx, n.policy)
	if err != nil {
		return err
	}
	if !open || n.answer == statement.Declined {
		return ErrNotNow
	}
	if n.silence > 0 {
		if err := p.Ledger.RelyOnSilence(ctx, tx, n.owner); err != nil {
			return err
		}
	}
	key, err := p.key(ctx, tx, n.testimony)
	if err != nil {
		return err
	}
	sealed, err := key.Seal(releasedLabel(body.Of, who), share)
	if err != nil {
		return err
	}
	if err := p.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
		return err
	}
	now := p.Now().Unix()
	err = trustdb.New(tx).Vote(ctx, trustdb.VoteParams{ReleaseSeq: s.Seq, ReleasedS: now, Released: sealed, Policy: string(body.Of), Account: string(who)})
	if err != nil {
		return fmt.Errorf("vote: %w", err)
	}
	return p.record(ctx, tx, n.policy, custody.Event{Kind: custody.Voted, At: now, Actor: who, Policy: body.Of})
}

// open says whether trustees may vote: she is silent for long enough, where that
// plays a part, and nobody has paused what it is about.
func (p *Policies) open(ctx context.Context, tx store.Tx, of policy) (bool, error) {
	standing, err := p.standing(ctx, tx, of)
	if err != nil || !standing.Open(p.Now().Unix()) {
		return false, err
	}
	paused, err := pause.Stands(ctx, tx, of.owner, of.testimony)
	return !paused, err
}

// naming is a policy as one trustee meets it.
type naming struct {
	policy
	answer    string
	releasedS int64
	share     []byte // sealed under the shred key
}

// named finds a policy that names the account and whose statement has this hash,
// and makes the transaction one that openings under it have an order with.
func (p *Policies) named(ctx context.Context, tx store.Tx, who id.Thumbprint, name id.ID, hash string) (naming, error) {
	q := trustdb.New(tx)
	row, err := q.Named(ctx, trustdb.NamedParams{ID: string(name), Account: string(who)})
	if errors.Is(err, sql.ErrNoRows) {
		return naming{}, ErrNotFound
	}
	if err != nil {
		return naming{}, fmt.Errorf("find policy: %w", err)
	}
	if sum, err := statement.Hash32(hash); err != nil || !bytes.Equal(sum[:], row.Sha256) {
		return naming{}, fmt.Errorf("%w: it is about another statement", statement.ErrRefused)
	}
	if err := q.Ask(ctx, string(name)); err != nil {
		return naming{}, fmt.Errorf("rely on policy: %w", err)
	}
	return naming{policy{name, id.ID(row.Testimony), id.Thumbprint(row.Owner), row.Seq, row.Threshold, row.Silence, row.Wait},
		row.Answer, row.ReleasedS, row.Share}, nil
}

func (p *Policies) record(ctx context.Context, tx store.Tx, of policy, ev custody.Event) error {
	key, err := p.key(ctx, tx, of.testimony)
	if err != nil {
		return err
	}
	return custody.Record(ctx, tx, of.testimony, key, ev)
}

// released says whether a vote counts now.
func (n naming) released(standing *release.Policy) bool {
	return n.releasedS > 0 && n.releasedS >= since(standing)
}
