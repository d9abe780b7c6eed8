package pause

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/notice"
	"github.com/relatingfield/vault/internal/pause/pausedb"
	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Why nobody learns from a code whether it is good.
//
// Knock does the same for every text there is: it hashes it, writes the hash into
// a table of hashes that came in, and says that it was heard. Nothing of hers is
// looked at before the answer, so neither its bytes nor its time can depend on
// her: one transaction, one statement, for right, wrong, malformed and repeated
// codes. Heed looks the hashes up later, in transactions of its own that nobody
// waits for.
//
// Why a right code is never lost. The hash is durable before the answer; Heed
// takes it out in the very transaction that pauses, on whichever node comes first,
// at the latest when a node that died starts again. A flood is bounded (see door),
// and what is beyond the bound is told that nothing was heard: a right code that
// was swallowed silently would be worse than a flood that notices it is one. Who
// is turned away is decided before the code is looked at, so that says nothing
// either.
//
// Why a plain hash is enough: a code has 66 random bits. Whoever steals the
// database and finds one with 2^65 hashes can pause what is hers.

// page is how many hashes one transaction looks up.
const page = 64

// SetCode makes a code good, of which the statement has the hash, or none. The
// one before is worthless from here on.
func (p *Pauses) SetCode(ctx context.Context, caller account.Caller, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.PauseCode](p.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	err = p.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := p.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
			return err
		}
		if err := setCode(ctx, tx, caller.ID, body.CodeSHA256); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

func setCode(ctx context.Context, tx store.Tx, owner id.Thumbprint, hash string) error {
	q := pausedb.New(tx)
	if hash == "" {
		if err := q.EndCode(ctx, string(owner)); err != nil {
			return fmt.Errorf("end the code: %w", err)
		}
		return nil
	}
	sum, err := statement.Hash32(hash)
	if err != nil {
		return err
	}
	if err := q.SetCode(ctx, pausedb.SetCodeParams{Account: string(owner), CodeSha256: sum[:]}); err != nil {
		return fmt.Errorf("set the code: %w", err)
	}
	return nil
}

// Knock takes a code from anybody. It says nothing about the code, now or ever;
// an error says that it was not taken, and to send it again.
func (p *Pauses) Knock(ctx context.Context, code string) error {
	leave, err := p.door.enter(ctx, p.Tick)
	if err != nil {
		return err
	}
	defer leave()
	err = p.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error { return hear(ctx, tx, code) })
	if err != nil {
		return fmt.Errorf("take a code: %w", err)
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
	return nil
}

// hear is all that is done with a code before the answer.
func hear(ctx context.Context, tx store.Tx, code string) error {
	sum := phrase.CodeSHA256(code)
	return pausedb.New(tx).Knock(ctx, sum[:])
}

// Heed looks up the codes that have come in and pauses what they are good for.
func (p *Pauses) Heed(ctx context.Context) error {
	for {
		looked, owners, err := p.heed(ctx)
		if err != nil {
			return fmt.Errorf("look codes up: %w", err)
		}
		for _, owner := range owners {
			p.Grants.CutPaused(owner)
		}
		if looked < page {
			return nil
		}
	}
}

func (p *Pauses) heed(ctx context.Context) (looked int, owners []id.Thumbprint, err error) {
	err = p.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		looked, owners = 0, nil
		q := pausedb.New(tx)
		knocks, err := q.Knocks(ctx, page)
		if err != nil {
			return err
		}
		var entries []journal.Entry
		for _, k := range knocks {
			paused, err := p.answer(ctx, tx, k)
			if err != nil {
				return err
			}
			for _, owner := range paused {
				entries = append(entries, journal.Entry{Kind: journal.Paused, Account: owner})
			}
			owners = append(owners, paused...)
		}
		looked = len(knocks)
		if len(entries) == 0 {
			return nil
		}
		return p.Journal.Write(ctx, tx, entries...)
	})
	return looked, owners, err
}

// answer takes one hash out and pauses everything of whoever set it.
func (p *Pauses) answer(ctx context.Context, tx store.Tx, sum []byte) ([]id.Thumbprint, error) {
	q := pausedb.New(tx)
	if err := q.Heard(ctx, sum); err != nil {
		return nil, err
	}
	accounts, err := q.Holders(ctx, sum)
	if err != nil {
		return nil, err
	}
	var owners []id.Thumbprint
	for _, a := range accounts {
		owner := id.Thumbprint(a)
		if err := put(ctx, tx, owner, "", true); err != nil {
			return nil, err
		}
		if err := notice.Post(ctx, tx, owner, notice.PausedByCode, p.today()); err != nil {
			return nil, err
		}
		owners = append(owners, owner)
	}
	return owners, nil
}
