// Package recovery gives lost words back, where their owner chose that: trustees
// whom she named hold shares of her secret, and enough of them together can give
// it to whoever claims her account, after a time in which she can still say no.
//
// It is off until she signs a recovery statement, and ends with another one or with
// a change of her words, after which the shares would make void ones. The vault
// holds each share as an age file to its trustee and learns nothing from it.
//
// Promises: a claim is answered in one way, whether there is such an account, has
// a recovery or not; shares leave for the claimant alone, not before the waiting
// period since the claim is over by the vault's clock, not below the threshold, and
// not once the account has acted since: whoever acts has the words (package ledger
// vetoes, in the transaction of the act). She sees every claim when she comes. A
// steward is no trustee: nobody who runs or guards the vault holds a share.
//
// Assumes: trustees make sure out of band, by voice or in person, that the
// claimant is who they say, and that the key they seal to is hers; no vault can.
// Does not: open a share, or know whether it is the right one. The claimant's
// client does, by the digests in the signed statement.
//
// Source: docs/protocol.md sections 2 and 13.
package recovery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/recovery/recoverydb"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Errors of this package.
var (
	ErrNotFound = custody.ErrNotFound
	ErrSealed   = errors.New("a share is refused: it is no age file of the one shape that shares have")
	ErrDigest   = errors.New("a share is not the one in the statement; nothing was changed")
	ErrTrustee  = errors.New("a trustee has no account here, or another key than the statement says, or guards the vault, which no trustee may")
	ErrClaims   = errors.New("this account has made as many claims as one may: enrol new words and claim with those")
	ErrClaimant = fmt.Errorf("%w: a claim is made by a new key, and this account has changed its own: enrol new words and claim with those", statement.ErrRefused)
)

// Recoveries are those of one vault.
type Recoveries struct {
	DB      *store.DB
	Ledger  *ledger.Ledger
	Journal *journal.Journal
	Now     func() time.Time // the vault's clock; no other counts
}

func (r *Recoveries) today() int64 { return statement.DayOf(r.Now()) }

// Set records a recovery in place of an earlier one, or ends it. Shares stand in
// the order of the statement's trustees.
func (r *Recoveries) Set(ctx context.Context, caller account.Caller, compact string, shares [][]byte, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Recovery](r.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if err := check(body, shares); err != nil {
		return ledger.Accepted{}, err
	}
	write := r.DB.Update
	if body.Threshold == 0 { // it ends one
		write = r.DB.Insist
	}
	err = write(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := r.set(ctx, tx, caller, s, body, shares); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

// check holds the shares against the statement, before any transaction.
func check(body *statement.Recovery, shares [][]byte) error {
	if len(body.Trustees) != len(shares) {
		return fmt.Errorf("%w: it names another number of trustees", statement.ErrRefused)
	}
	for i, t := range body.Trustees {
		if err := sharedkey.CheckFile(shares[i]); err != nil {
			return fmt.Errorf("%w: %w", ErrSealed, err)
		}
		if sharedkey.Digest(shares[i]) != t.SealedSHA256 {
			return ErrDigest
		}
	}
	return nil
}

func (r *Recoveries) set(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, body *statement.Recovery, shares [][]byte) error {
	if caller.Role != statement.Participant {
		return ledger.ErrNotEnrolled
	}
	for _, t := range body.Trustees {
		if err := r.trustee(ctx, tx, caller.ID, t); err != nil {
			return err
		}
	}
	if err := r.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
		return err
	}
	if err := r.end(ctx, tx, caller.ID); err != nil || body.Threshold == 0 {
		return err
	}
	q, hash := recoverydb.New(tx), s.Hash()
	err := q.Set(ctx, recoverydb.SetParams{Account: string(caller.ID), ID: string(s.ID), Seq: s.Seq, Sha256: hash[:], Threshold: body.Threshold, Wait: body.Wait})
	if err != nil {
		return fmt.Errorf("set recovery: %w", err)
	}
	for i, t := range body.Trustees {
		if err := q.Name(ctx, recoverydb.NameParams{Recovery: string(s.ID), Account: string(t.Account), Share: shares[i]}); err != nil {
			return fmt.Errorf("name trustee: %w", err)
		}
	}
	return nil
}

// trustee refuses herself, stewards, and a share that is sealed to another key
// than the trustee's newest: it would be lost to everybody.
func (r *Recoveries) trustee(ctx context.Context, tx store.Tx, owner id.Thumbprint, t statement.Share) error {
	found, err := account.Load(ctx, tx, t.Account)
	if errors.Is(err, account.ErrNotFound) || err == nil && (found.Role == statement.Steward || found.ID == owner) {
		return ErrTrustee
	}
	if err != nil {
		return err
	}
	recipient, err := r.Ledger.Recipient(ctx, tx, t.Account)
	if err != nil {
		return err
	}
	if sharedkey.Digest([]byte(recipient)) != t.RecipientSHA256 {
		return ErrTrustee
	}
	return nil
}

// Answer records whether somebody who was named will act. Declining takes back
// what was released before.
func (r *Recoveries) Answer(ctx context.Context, caller account.Caller, name id.ID, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Trust](r.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Of != name {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another recovery", statement.ErrRefused)
	}
	write := r.DB.Update
	if body.Answer == statement.Declined {
		write = r.DB.Insist
	}
	err = write(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := r.answer(ctx, tx, caller, s, body); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

func (r *Recoveries) answer(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, body *statement.Trust) error {
	n, err := r.named(ctx, tx, caller.ID, body.Of)
	if err != nil {
		return err
	}
	if statement.B64(n.Sha256) != body.OfSHA256 {
		return ErrNotFound
	}
	if err := r.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
		return err
	}
	q := recoverydb.New(tx)
	if err := q.Answer(ctx, recoverydb.AnswerParams{Answer: body.Answer, Recovery: string(body.Of), Account: string(caller.ID)}); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if body.Answer == statement.Agreed {
		return nil
	}
	if err := q.DropShares(ctx, recoverydb.DropSharesParams{Account: string(caller.ID), Recovery: string(body.Of)}); err != nil {
		return fmt.Errorf("take shares back: %w", err)
	}
	return r.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Declined, ID: body.Of, Account: caller.ID})
}

// DeclineAgain is Answer with a no, because the journal says so.
func (r *Recoveries) DeclineAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	q := recoverydb.New(tx)
	if err := q.Answer(ctx, recoverydb.AnswerParams{Answer: statement.Declined, Recovery: string(e.ID), Account: string(e.Account)}); err != nil {
		return fmt.Errorf("decline again: %w", err)
	}
	if err := q.DropShares(ctx, recoverydb.DropSharesParams{Account: string(e.Account), Recovery: string(e.ID)}); err != nil {
		return fmt.Errorf("decline again: %w", err)
	}
	return nil
}

// named finds a recovery that names the account; whoever is not named finds none.
func (r *Recoveries) named(ctx context.Context, tx store.Tx, who id.Thumbprint, recovery id.ID) (recoverydb.NamedByRow, error) {
	row, err := recoverydb.New(tx).NamedBy(ctx, recoverydb.NamedByParams{Account: string(who), Recovery: string(recovery)})
	if errors.Is(err, sql.ErrNoRows) {
		return row, ErrNotFound
	}
	if err != nil {
		return row, fmt.Errorf("find recovery: %w", err)
	}
	return row, nil
}
