package fsck

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/fsck/fsckdb"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// acts holds the journals against the database, and what they say was taken back
// against the rows.
func (r *run) acts(ctx context.Context) error {
	var loose []journal.Act
	took, ahead, err := r.Journals.Audit(ctx, r.DB, r.Kept, func(a journal.Act) error {
		applied, err := r.applied(ctx, a)
		if err == nil && !applied && len(loose) < listed {
			loose = append(loose, a)
		}
		return err
	})
	r.report.Looked["acts in the journal"] += took
	if ahead > 0 {
		r.report.InFlight["acts in the journal that the next start applies, or that are being done"] = ahead
	}
	for _, a := range loose {
		r.find(JournalAhead, at(a.Node, number(a.Seq)))
	}
	if errors.Is(err, journal.ErrRefused) {
		r.find(JournalBroken, "")
		err = nil
	}
	r.doubt = len(loose) > 0 || r.report.Found(JournalBroken) != nil
	return err
}

// applied tells whether the rows restrict as far as an act says. An act that can be
// taken back later (a pause, a trustee's answer, an endpoint that is off) leaves nothing
// to compare; what is not there any more, or not yet, is restricted enough.
func (r *run) applied(ctx context.Context, a journal.Act) (yes bool, err error) {
	ask := asked(a)
	if ask == nil {
		return true, nil
	}
	err = r.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		n, err := ask(ctx, fsckdb.New(tx))
		yes = n == 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("hold line %d of node %s against the rows: %w", a.Seq, a.Node, err)
	}
	return yes, nil
}

// asked counts what an act should have left none of; nil where there is nothing to ask.
func asked(a journal.Act) func(context.Context, *fsckdb.Queries) (int64, error) {
	type q = *fsckdb.Queries
	name := string(a.ID)
	one := func(f func(q, context.Context, string) (int64, error)) func(context.Context, q) (int64, error) {
		return func(ctx context.Context, db q) (int64, error) { return f(db, ctx, name) }
	}
	switch a.Kind {
	case journal.Revoked:
		return one(q.GrantStands)
	case journal.Erased:
		return one(q.TestimonyStands)
	case journal.Vetoed:
		return one(q.ClaimStands)
	case journal.Unshared:
		return one(q.RecoveryStands)
	case journal.TrayClosed:
		return one(q.TrayStands)
	case journal.FormWithdrawn:
		return one(q.FormStands)
	case journal.PartEnded:
		return func(ctx context.Context, db q) (int64, error) {
			return db.PartStands(ctx, fsckdb.PartStandsParams{ID: name, N: a.N})
		}
	case journal.Narrowed:
		return func(ctx context.Context, db q) (int64, error) {
			return db.WideTerms(ctx, fsckdb.WideTermsParams{ID: name, N: a.N})
		}
	case journal.Read:
		return func(ctx context.Context, db q) (int64, error) {
			return db.FewerReads(ctx, fsckdb.FewerReadsParams{ID: name, N: a.N, Reads: a.Value})
		}
	case journal.Suspended:
		return func(ctx context.Context, db q) (int64, error) { return db.AccreditationStands(ctx, a.Hash) }
	case journal.CheckedIn:
		return func(ctx context.Context, db q) (int64, error) {
			return db.HeardBefore(ctx, fsckdb.HeardBeforeParams{Account: string(a.Account), Day: a.N})
		}
	}
	return askedOfKeys(a)
}

// askedOfKeys is asked for what must leave a row.
func askedOfKeys(a journal.Act) func(context.Context, *fsckdb.Queries) (int64, error) {
	switch a.Kind {
	case journal.Rekeyed:
		return func(ctx context.Context, q *fsckdb.Queries) (int64, error) {
			there, err := q.AccountThere(ctx, string(a.Account))
			if err != nil || there == 0 {
				return 0, err
			}
			n, err := q.KeyTaken(ctx, fsckdb.KeyTakenParams{Account: string(a.Account), Key: string(a.Key)})
			return missing(int64(n), err)
		}
	case journal.Roster:
		return func(ctx context.Context, q *fsckdb.Queries) (int64, error) { return missing(q.RosterThere(ctx, a.N)) }
	case journal.Halted:
		return func(ctx context.Context, q *fsckdb.Queries) (int64, error) {
			return missing(q.AgreementHalted(ctx, a.Hash))
		}
	case journal.Retired:
		return func(ctx context.Context, q *fsckdb.Queries) (int64, error) {
			return missing(q.KeyRetired(ctx, fsckdb.KeyRetiredParams{Client: string(a.ID), Thumbprint: statement.B64(a.Hash)}))
		}
	}
	return nil
}

// missing is 1 where there is none.
func missing(n int64, err error) (int64, error) {
	if err == nil && n == 0 {
		return 1, nil
	}
	return 0, err
}
