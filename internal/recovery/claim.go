package recovery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/notice"
	"github.com/relatingfield/vault/internal/recovery/recoverydb"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// maxClaims is how many claims one account ever makes: enough for a name that was
// mistyped, too few to try names. Those that were refused count as well: if they
// made room again, a claimant could tell from that room whether there is such an
// account, and when its owner acts.
const maxClaims = 3

// Claim records that the caller says to be the person of an account who lost her
// words. The answer says that this was recorded and nothing else; the waiting
// period, if there is anything to wait for, begins now.
func (r *Recoveries) Claim(ctx context.Context, caller account.Caller, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Claim](r.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	err = r.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := r.claim(ctx, tx, caller, s, body); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

func (r *Recoveries) claim(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, body *statement.Claim) error {
	if caller.Role != statement.Participant {
		return ledger.ErrNotEnrolled
	}
	if caller.Signer() != caller.ID { // trustees seal to the key that they compare by voice, and that is the account's first
		return ErrClaimant
	}
	q, hash := recoverydb.New(tx), s.Hash()
	made, err := q.CountClaims(ctx, string(caller.ID))
	if err != nil {
		return fmt.Errorf("count claims: %w", err)
	}
	if made >= maxClaims {
		return ErrClaims
	}
	if err := r.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
		return err
	}
	recovery, err := q.OfAccount(ctx, string(body.Account))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("find recovery: %w", err)
	}
	err = q.Claim(ctx, recoverydb.ClaimParams{ID: string(s.ID), Claimant: string(caller.ID), Seq: s.Seq, Sha256: hash[:],
		Account: string(body.Account), Recovery: recovery, Day: r.today()})
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	if recovery == "" { // nobody to tell
		return nil
	}
	if err := r.Ledger.Claimed(ctx, tx, body.Account); err != nil {
		return err
	}
	return notice.Post(ctx, tx, body.Account, notice.Claimed, r.today())
}

// Give records a trustee's share, sealed anew to the claimant. A second one
// replaces the first, which may have been a wrong file.
func (r *Recoveries) Give(ctx context.Context, caller account.Caller, claim id.ID, compact string, share []byte, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Release](r.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Of != claim {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another claim", statement.ErrRefused)
	}
	if err := sharedkey.CheckFile(share); err != nil {
		return ledger.Accepted{}, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	if sharedkey.Digest(share) != body.SealedSHA256 {
		return ledger.Accepted{}, ErrDigest
	}
	err = r.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := r.give(ctx, tx, caller, s, body, share); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

func (r *Recoveries) give(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, body *statement.Release, share []byte) error {
	c, err := r.open(ctx, tx, body.Of)
	if err != nil {
		return err
	}
	n, err := r.named(ctx, tx, caller.ID, id.ID(c.Recovery))
	if err != nil {
		return err
	}
	if n.Answer == statement.Declined || statement.B64(c.Sha256) != body.OfSHA256 {
		return ErrNotFound
	}
	if err := r.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
		return err
	}
	q := recoverydb.New(tx)
	if err := q.DropShare(ctx, recoverydb.DropShareParams{Claim: string(body.Of), Account: string(caller.ID)}); err != nil {
		return fmt.Errorf("replace share: %w", err)
	}
	err = q.Give(ctx, recoverydb.GiveParams{Claim: string(body.Of), Account: string(caller.ID), ReleaseSeq: s.Seq, Share: share})
	if err != nil {
		return fmt.Errorf("give share: %w", err)
	}
	return nil
}

// open finds a claim that stands: its account has not acted, and had a recovery.
func (r *Recoveries) open(ctx context.Context, tx store.Tx, claim id.ID) (recoverydb.OneClaimRow, error) {
	row, err := recoverydb.New(tx).OneClaim(ctx, string(claim))
	if errors.Is(err, sql.ErrNoRows) || err == nil && (row.Vetoed != 0 || row.Recovery == "") {
		return row, ErrNotFound
	}
	if err != nil {
		return row, fmt.Errorf("find claim: %w", err)
	}
	return row, nil
}

// Given is what a claimant gets: her recovery statement, by which each share can
// be checked, and the shares with the trustees' statements.
type Given struct {
	Account  id.Thumbprint
	Recovery string
	Rekeys   []string // by which the account changed its key before
	Shares   []Share
}

// Share is one trustee's.
type Share struct {
	Account id.Thumbprint
	Release string
	Rekeys  []string // by which the trustee changed its key before
	Share   []byte   // an age file to the claimant
}

// Shares gives the claimant what trustees released, once the wait is over, there
// is enough of it, and the account has not acted. Everything else is ErrNotFound,
// whatever the reason.
func (r *Recoveries) Shares(ctx context.Context, caller account.Caller, claim id.ID) (Given, error) {
	var out Given
	err := r.DB.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = r.shares(ctx, tx, caller, claim)
		return err
	})
	return out, err
}

func (r *Recoveries) shares(ctx context.Context, tx store.Tx, caller account.Caller, claim id.ID) (Given, error) {
	c, err := r.open(ctx, tx, claim)
	if err != nil {
		return Given{}, err
	}
	q := recoverydb.New(tx)
	force, err := q.InForce(ctx, c.Recovery)
	if errors.Is(err, sql.ErrNoRows) {
		return Given{}, ErrNotFound
	}
	if err != nil {
		return Given{}, fmt.Errorf("find recovery: %w", err)
	}
	given, err := q.Given(ctx, recoverydb.GivenParams{Recovery: c.Recovery, Claim: string(claim)})
	if err != nil {
		return Given{}, fmt.Errorf("list shares: %w", err)
	}
	if c.Claimant != string(caller.ID) || r.Now().Unix() < givesAt(c.Day, force.Wait) || int64(len(given)) < force.Threshold {
		return Given{}, ErrNotFound
	}
	// Writing her row gives this an order with every act of hers: one that commits
	// first has vetoed the claim, and one that commits later came too late for it.
	owner := id.Thumbprint(c.Account)
	if err := errors.Join(q.AskClaim(ctx, string(claim)), r.Ledger.RelyOnSilence(ctx, tx, owner)); err != nil {
		return Given{}, err
	}
	if err := notice.Post(ctx, tx, owner, notice.Recovered, r.today()); err != nil {
		return Given{}, err
	}
	return r.papers(ctx, tx, owner, force.Seq, given)
}

func (r *Recoveries) papers(ctx context.Context, tx store.Tx, owner id.Thumbprint, seq int64, given []recoverydb.GivenRow) (Given, error) {
	out := Given{Account: owner}
	var err error
	if out.Recovery, out.Rekeys, err = r.said(ctx, tx, owner, seq); err != nil {
		return out, err
	}
	for _, g := range given {
		s := Share{Account: id.Thumbprint(g.Account), Share: g.Share}
		if s.Release, s.Rekeys, err = r.said(ctx, tx, s.Account, g.ReleaseSeq); err != nil {
			return out, err
		}
		out.Shares = append(out.Shares, s)
	}
	return out, nil
}

// said reads a statement of an account, and those by which it changed its key.
func (r *Recoveries) said(ctx context.Context, tx store.Tx, who id.Thumbprint, seq int64) (text string, rekeys []string, err error) {
	s, err := r.Ledger.Statement(ctx, tx, who, seq)
	if err != nil {
		return "", nil, err
	}
	list, err := r.Ledger.Rekeys(ctx, tx, who)
	for _, k := range list {
		rekeys = append(rekeys, k.Compact())
	}
	return s.Compact(), rekeys, err
}
