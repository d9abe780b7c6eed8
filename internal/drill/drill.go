// Package drill looks whether a vault that was brought back is whole: every account's
// chain of statements up to its head, the roster, payloads against the digests that
// their parts name, and that what the journals say was taken away is away.
//
// It promises to say what it looked at in numbers and what it found in words that name
// nobody, and to change nothing. It sees no content: statements are hashed and their
// signatures checked, payloads are ciphertext. It assumes that the journals were
// applied before. It does not find what is missing from database and journal alike.
package drill

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/drill/drilldb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Look is what is looked at.
type Look struct {
	DB       *store.DB
	Ledger   *ledger.Ledger
	Payloads *payload.Payloads
	Vault    string
}

// Found is what came of it.
type Found struct {
	Accounts   int // whose chains are whole up to their heads
	Statements int
	Payloads   int // that are what their parts say
	Restricted int // acts of the journals that hold
	Faults     []string
}

// Fault adds a fault.
func (f *Found) Fault(format string, args ...any) {
	f.Faults = append(f.Faults, fmt.Sprintf(format, args...))
}

const (
	accountsPage   = 200
	statementsPage = 500
)

// Chains follows the chain of every account.
func (l Look) Chains(ctx context.Context, out *Found) error {
	for after := ""; ; {
		var rows []drilldb.AccountsRow
		err := l.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			rows, err = drilldb.New(tx).Accounts(ctx, drilldb.AccountsParams{After: after, Page: accountsPage})
			return err
		})
		if err != nil {
			return fmt.Errorf("list accounts: %w", err)
		}
		for _, r := range rows {
			if err := l.chain(ctx, r, out); err != nil {
				return err
			}
			after = r.Iss
		}
		if len(rows) < accountsPage {
			return nil
		}
	}
}

func (l Look) chain(ctx context.Context, r drilldb.AccountsRow, out *Found) error {
	account := id.Thumbprint(r.Iss)
	var entries []statement.Entry
	var erased []string
	err := l.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		entries = nil
		for int64(len(entries)) < r.Seq {
			page, err := l.Ledger.Entries(ctx, tx, account, int64(len(entries)), statementsPage)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			entries = append(entries, page...)
		}
		erased, err = l.Ledger.Explained(ctx, tx, account)
		return err
	})
	if errors.Is(err, store.ErrUnavailable) {
		return err
	}
	if err == nil {
		err = whole(account, l.Vault, entries, erased, r)
	}
	if err != nil {
		out.Fault("the chain of an account is not whole: %v", err)
		return nil
	}
	out.Accounts, out.Statements = out.Accounts+1, out.Statements+len(entries)
	return nil
}

// whole checks every link and signature, and that the chain reaches its head.
func whole(account id.Thumbprint, vault string, entries []statement.Entry, erased []string, r drilldb.AccountsRow) error {
	c, err := statement.VerifyChain(account, vault, entries, erased...)
	if err != nil {
		return err
	}
	if c.Head.Seq != r.Seq || !bytes.Equal(c.Head.Hash[:], r.Sha256) {
		return statement.ErrTailCut
	}
	return nil
}

// Sample lists payloads to look at, by their digests, which are as good as chance.
func (l Look) Sample(ctx context.Context, n int64) (out []Payload, err error) {
	err = l.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := drilldb.New(tx).Payloads(ctx, n)
		out = nil
		for _, r := range rows {
			p := Payload{length: r.Length, sum: r.PayloadSha256, name: id.ID(r.Blob.String)}
			pieces, e := payload.Pieces(ctx, tx, p.name)
			err = errors.Join(err, e)
			for _, piece := range pieces {
				p.Objects = append(p.Objects, piece.Blob)
			}
			out = append(out, p)
		}
		return err
	})
	return out, err
}

// Payload is one of a part.
type Payload struct {
	Objects []id.ID // that it is made of

	name   id.ID
	length int64
	sum    []byte
}

// Payload reads one, and compares it with what its part says. One that has gone is a
// fault only if must is set: what was let go of after the backup is gone.
func (l Look) Payload(ctx context.Context, p Payload, must bool, out *Found) error {
	file, err := l.Payloads.Open(ctx, p.name, p.length)
	if errors.Is(err, blob.ErrNotFound) && !must {
		return nil
	}
	if err == nil {
		sum := sha256.New()
		_, err = file.CopyRange(sum, 0, p.length)
		err = errors.Join(err, file.Close())
		if err == nil && !bytes.Equal(sum.Sum(nil), p.sum) {
			err = blob.ErrDamaged
		}
	}
	if errors.Is(err, blob.ErrNotFound) && !must {
		return nil
	}
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		out.Fault("a payload is not what its part says: %v", err)
		return nil
	}
	out.Payloads++
	return nil
}

// Restrictions holds every act of the journals that ends something for good against
// the database.
func (l Look) Restrictions(ctx context.Context, from journal.Place, out *Found) error {
	var acts []journal.Entry
	if err := from.Each(func(e journal.Entry) { acts = append(acts, e) }); err != nil {
		return err
	}
	return l.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		q := drilldb.New(tx)
		for _, e := range acts {
			if err := holds(ctx, q, e, out); err != nil {
				return fmt.Errorf("hold the journal against the database: %w", err)
			}
		}
		return nil
	})
}

func holds(ctx context.Context, q *drilldb.Queries, e journal.Entry, out *Found) (err error) {
	var open int64
	switch e.Kind {
	case journal.Erased:
		open, err = q.KeysOf(ctx, string(e.ID))
	case journal.Revoked:
		open, err = q.OpenGrants(ctx, string(e.ID))
	case journal.Suspended:
		open, err = q.StandingAccreditations(ctx, e.Hash)
	default:
		return nil
	}
	if err == nil && open > 0 {
		out.Fault("what was taken away is back: an act of the kind %q in the journal does not hold", e.Kind)
	}
	if err == nil && open == 0 {
		out.Restricted++
	}
	return err
}
