package testimony

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// Erase destroys a testimony: its shred key and with it every sealed row, its
// headers and payloads, its feed. When it returns nil every stream has been cut,
// every object deleted and the key scrubbed from the database file; what an object
// store that does not answer still has, see Left. What stays is the chain's hashes
// and this statement; copies in backups age out.
func (v *Vault) Erase(ctx context.Context, caller account.Caller, testimony id.ID, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Erase](v.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Testimony != testimony {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another testimony", statement.ErrRefused)
	}
	err = v.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := v.erase(ctx, tx, caller, s, body); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	if err != nil {
		return ledger.Accepted{}, err
	}
	return s.Accepted(), errors.Join(v.Finish(ctx, testimony), v.Scrub(ctx))
}

// Finish does what follows the commit of an erasure or re-lock: streams end and
// objects go. It may be repeated; a crash before it is made up for at the next
// start.
func (v *Vault) Finish(ctx context.Context, testimony id.ID) error {
	if err := v.Grants.Settle(ctx, testimony); err != nil {
		return err
	}
	v.Payloads.Reap(ctx)
	return nil
}

// Left says whether payloads of an erased testimony are still in an object store:
// headers and keys are gone and nothing is served, but the bytes stand until that
// store answers. They are deleted then, without anybody asking.
func (v *Vault) Left(ctx context.Context, testimony id.ID) (bool, error) {
	return v.Payloads.Left(ctx, testimony)
}

// Scrub removes what destroyed shred keys have left in the database's files.
func (v *Vault) Scrub(ctx context.Context) error {
	if err := v.DB.Scrub(ctx, "shred_keys"); err != nil {
		return fmt.Errorf("scrub shred keys: %w", err)
	}
	return nil
}

func (v *Vault) erase(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, body *statement.Erase) error {
	t := body.Testimony
	if _, _, err := v.own(ctx, tx, caller, t); err != nil {
		return v.erasedBefore(ctx, tx, caller.ID, s, err)
	}
	// The chain comes first: a client that has not seen the newest statements is
	// told where the chain stands, and knows what to do.
	if err := v.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
		return err
	}
	about, err := v.Ledger.About(ctx, tx, caller.ID, t)
	if err != nil {
		return err
	}
	if covered := statement.ErasedHash(about); statement.B64(covered[:]) != body.StatementsSHA256 {
		return ErrChanged
	}
	if err := v.Grants.EndAll(ctx, tx, caller.ID, t, s.Seq); err != nil {
		return err
	}
	if err := v.destroy(ctx, tx, caller.ID, t); err != nil {
		return err
	}
	return v.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Erased, ID: t, Data: []byte(s.Compact())})
}

// erasedBefore answers a statement that has its place already as the first time: a
// crash kept the answer back.
func (v *Vault) erasedBefore(ctx context.Context, tx store.Tx, owner id.Thumbprint, s *ledger.Taken, err error) error {
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	if done, failed := v.Ledger.Said(ctx, tx, owner, s.Statement); failed != nil || done {
		return failed
	}
	return err
}

// destroy leaves of a testimony what an erasure leaves, once its grants have ended.
func (v *Vault) destroy(ctx context.Context, tx store.Tx, owner id.Thumbprint, t id.ID) error {
	if err := v.releaseAll(ctx, tx, owner, t); err != nil {
		return err
	}
	for _, forget := range v.Forget {
		if err := forget(ctx, tx, t); err != nil {
			return err
		}
	}
	if err := custody.Destroy(ctx, tx, t); err != nil {
		return err
	}
	if err := v.Ledger.Forget(ctx, tx, owner, t); err != nil {
		return err
	}
	n, err := testimonydb.New(tx).Erase(ctx, testimonydb.EraseParams{ID: string(t), Owner: string(owner)})
	if err != nil || n != 1 {
		return fmt.Errorf("erase testimony: %d rows: %w", n, err)
	}
	return v.Keys.Destroy(ctx, tx, t)
}

// EraseAgain destroys a testimony that the journal says was erased. Her statement
// goes into her chain where that is what it lacks, and else beside it.
func (v *Vault) EraseAgain(ctx context.Context, tx store.Tx, day int64, e journal.Entry) error {
	row, err := testimonydb.New(tx).Owner(ctx, string(e.ID))
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.Erased != 0 {
		return nil // told after the backup, or erased before it
	}
	if err != nil {
		return fmt.Errorf("find testimony: %w", err)
	}
	owner := id.Thumbprint(row.Owner)
	s, err := statement.Parse(string(e.Data))
	if err != nil {
		return err
	}
	if err := v.sayAgain(ctx, tx, owner, day, e.ID, s); err != nil {
		return err
	}
	return v.destroy(ctx, tx, owner, e.ID)
}

func (v *Vault) sayAgain(ctx context.Context, tx store.Tx, owner id.Thumbprint, day int64, t id.ID, s *statement.Statement) error {
	next, err := v.Ledger.Next(ctx, tx, owner, s)
	if err != nil {
		return err
	}
	if !next {
		return errors.Join(v.Ledger.Explain(ctx, tx, owner, t, s), v.Grants.EndAllAgain(ctx, tx, t, day))
	}
	if err := v.Ledger.Append(ctx, tx, nil, s); err != nil {
		return err
	}
	return v.Grants.EndAll(ctx, tx, owner, t, s.Seq)
}

// releaseAll dooms every object of the testimony and deletes the rows.
func (v *Vault) releaseAll(ctx context.Context, tx store.Tx, owner id.Thumbprint, t id.ID) error {
	q := testimonydb.New(tx)
	parts, err := q.Parts(ctx, string(t))
	if err != nil {
		return fmt.Errorf("list parts: %w", err)
	}
	for _, p := range parts {
		if err := payload.DoomOf(ctx, tx, id.ID(p.Blob.String), t); err != nil {
			return err
		}
		if err := v.release(ctx, tx, owner, p.Length, sql.NullString{}); err != nil {
			return err
		}
	}
	slots, err := q.Slots(ctx, string(t))
	if err != nil {
		return fmt.Errorf("list uploads: %w", err)
	}
	for _, s := range slots {
		if err := payload.DoomOf(ctx, tx, id.ID(s.Blob.String), t); err != nil {
			return err
		}
		if err := v.release(ctx, tx, owner, s.Length, sql.NullString{}); err != nil {
			return err
		}
	}
	if err := q.DropSlots(ctx, string(t)); err != nil {
		return fmt.Errorf("destroy uploads: %w", err)
	}
	if err := q.DestroyParts(ctx, string(t)); err != nil {
		return fmt.Errorf("destroy parts: %w", err)
	}
	return nil
}
