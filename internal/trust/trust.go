// Package trust keeps release policies: whom she trusts to let a reader in, after
// how long a silence of hers, and what they have answered.
//
// A policy is a statement of hers. With trustees, the grants that name it are
// sealed to a key that nobody holds (package sharedkey); the vault stores each
// trustee's share, an age file that the trustee alone opens, and later the same
// share sealed anew to the reader. With silence, nothing of this happens before
// she has not signed anything for so long and then for as long again as she set
// to think it over.
//
// Promises: Standing says what package release needs to decide, read in the
// caller's transaction; a vote is taken only while voting is open, and counts only
// for the silence in which it was given; a trustee who declines takes an earlier
// vote back; shares leave for the reader only while the grant is live, and she
// sees that they did. Whoever is not named gets the answer of what is not there.
//
// Assumes: the statements come from statement.Parse. Does not: open a file, or
// know whether a share is the right one; the reader's client does, by the digests
// in her statement.
//
// Erasing a testimony takes its policies with it (Forget). What trustees signed
// names a policy and no testimony, and stays in their chains.
//
// Source: docs/protocol.md sections 5, 9 and 12.
package trust

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/trust/trustdb"
)

// Errors of this package.
var (
	ErrNotFound = custody.ErrNotFound
	ErrSealed   = errors.New("a share is refused: it is no age file of the one shape that shares have")
	ErrDigest   = errors.New("a share or key is not the one in the statement; nothing was changed")
	ErrTrustee  = errors.New("a trustee or reader has no account here, or another key than the statement says")
	ErrLimit    = errors.New("this testimony has as many policies as the vault takes")
	ErrNotNow   = errors.New("the vote is not open now; nothing was changed")
)

// PerTestimony is how many policies a testimony may have: each may bring 32 files.
const PerTestimony = 64

// Reading is what the package needs to know of grants.
type Reading struct {
	// State is how a grant stands now.
	State func(ctx context.Context, tx store.Tx, grant id.ID) (release.State, error)
	// SettleSilence returns when no stream of the owner's sends on the strength of
	// a silence that is over.
	SettleSilence func(ctx context.Context, owner id.Thumbprint) error
}

// Policies are the release policies of one vault.
type Policies struct {
	DB      *store.DB
	Ledger  *ledger.Ledger
	Keys    shred.Keys
	Reading Reading
	Journal *journal.Journal
	Now     func() time.Time // the vault's clock; no other counts
}

func (p *Policies) today() int64 { return statement.DayOf(p.Now()) }

// policy is what the rows say of one.
type policy struct {
	id, testimony id.ID
	owner         id.Thumbprint
	seq           int64
	threshold     int64
	silence, wait int64
}

// Standing says how far a policy has come, or ErrNotFound. It only reads: whoever
// acts on it in a transaction that writes calls Rely as well.
func (p *Policies) Standing(ctx context.Context, tx store.Tx, name id.ID) (*release.Policy, error) {
	row, err := trustdb.New(tx).Find(ctx, string(name))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("find policy: %w", err)
	}
	return p.standing(ctx, tx, policy{name, id.ID(row.Testimony), id.Thumbprint(row.Owner), row.Seq, row.Threshold, row.Silence, row.Wait})
}

func (p *Policies) standing(ctx context.Context, tx store.Tx, of policy) (*release.Policy, error) {
	day, err := p.Ledger.LastHeard(ctx, tx, of.owner)
	if err != nil {
		return nil, err
	}
	out := &release.Policy{Threshold: of.threshold, Silence: of.silence, Wait: of.wait, LastDay: day}
	if of.threshold == 0 {
		return out, nil
	}
	out.Released, err = trustdb.New(tx).Votes(ctx, trustdb.VotesParams{Policy: string(of.id), Since: since(out)})
	if err != nil {
		return nil, fmt.Errorf("count votes: %w", err)
	}
	return out, nil
}

// since is from when on votes count. Any act of hers moves it into the future:
// what was given in an earlier silence does not count for the next one, where
// trustees may think otherwise.
func since(p *release.Policy) int64 {
	if p.Silence == 0 {
		return 0
	}
	return p.ReleaseAt()
}

// Rely makes the caller's transaction one that has an order with every act that
// could change what Standing said: a trustee's, and with silence any of hers.
// Without it, an opening could commit after an act that forbids it, as if it had
// come before.
func (p *Policies) Rely(ctx context.Context, tx store.Tx, name id.ID) error {
	q := trustdb.New(tx)
	row, err := q.Find(ctx, string(name))
	if err != nil {
		return fmt.Errorf("find policy: %w", err)
	}
	if err := q.Ask(ctx, string(name)); err != nil {
		return fmt.Errorf("rely on policy: %w", err)
	}
	if row.Silence == 0 {
		return nil
	}
	return p.Ledger.RelyOnSilence(ctx, tx, id.Thumbprint(row.Owner))
}

// Forget deletes the policies of a testimony that is being erased.
func (p *Policies) Forget(ctx context.Context, tx store.Tx, testimony id.ID) error {
	q := trustdb.New(tx)
	if err := q.ForgetTrustees(ctx, string(testimony)); err != nil {
		return fmt.Errorf("forget trustees: %w", err)
	}
	if err := q.ForgetPolicies(ctx, string(testimony)); err != nil {
		return fmt.Errorf("forget policies: %w", err)
	}
	return nil
}

// key is the shred key of a policy's testimony; an erased one has no policies.
func (p *Policies) key(ctx context.Context, tx store.Tx, testimony id.ID) (*shred.Key, error) {
	key, err := p.Keys.Load(ctx, tx, testimony)
	if errors.Is(err, shred.ErrShredded) {
		return nil, ErrNotFound
	}
	return key, err
}

// own proves that the account owns the testimony and gives its key.
func (p *Policies) own(ctx context.Context, tx store.Tx, owner id.Thumbprint, testimony id.ID) (*shred.Key, error) {
	_, err := trustdb.New(tx).Owned(ctx, trustdb.OwnedParams{ID: string(testimony), Owner: string(owner)})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("find testimony: %w", err)
	}
	return p.key(ctx, tx, testimony)
}

// rekeys are the statements by which an account changed keys: whoever verifies
// what it signed needs them.
func (p *Policies) rekeys(ctx context.Context, tx store.Tx, who id.Thumbprint) ([]string, error) {
	list, err := p.Ledger.Rekeys(ctx, tx, who)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range list {
		out = append(out, s.Compact())
	}
	return out, nil
}

func shareLabel(policy id.ID, who id.Thumbprint) string {
	return fmt.Sprintf("share %s %s", policy, who)
}

func releasedLabel(policy id.ID, who id.Thumbprint) string {
	return fmt.Sprintf("released share %s %s", policy, who)
}

func recipientLabel(policy id.ID) string { return fmt.Sprintf("shared recipient %s", policy) }
