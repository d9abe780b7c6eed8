package trust

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/trust/trustdb"
)

// CheckIn records that she is there. Every other statement of hers says the same;
// this one says nothing else. When it returns, no stream sends on the strength of
// her silence.
func (p *Policies) CheckIn(ctx context.Context, caller account.Caller, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, _, err := ledger.Take[*statement.CheckIn](p.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	// It takes back what her silence would give, so a full disk must not end it.
	err = p.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := p.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	if err != nil {
		return ledger.Accepted{}, err
	}
	return s.Accepted(), p.Settle(ctx, caller)
}

// Settle waits for the end of every stream that her silence had allowed. It may be
// repeated.
func (p *Policies) Settle(ctx context.Context, caller account.Caller) error {
	return p.Reading.SettleSilence(ctx, caller.ID)
}

// Notice is a silence of hers that is long enough to be noticed.
type Notice struct {
	Policy, Testimony id.ID
	Silence
}

// Notices are the caller's policies whose silence has lasted long enough to be
// noticed and that some grant still waits for, by id. She sees them inside; there
// is no other way to reach her.
func (p *Policies) Notices(ctx context.Context, caller account.Caller) ([]Notice, error) {
	var out []Notice
	err := p.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		day, err := p.Ledger.LastHeard(ctx, tx, caller.ID)
		if errors.Is(err, ledger.ErrNotEnrolled) {
			return nil // like an account that has nothing
		}
		if err != nil {
			return err
		}
		now := p.Now().Unix()
		rows, err := trustdb.New(tx).Silent(ctx, trustdb.SilentParams{Owner: string(caller.ID), NowS: now})
		if err != nil {
			return fmt.Errorf("list silences: %w", err)
		}
		for _, r := range rows {
			s := release.Policy{Silence: r.Silence, Wait: r.Wait, LastDay: day}
			if now >= s.NoticeAt() {
				out = append(out, Notice{id.ID(r.ID), id.ID(r.Testimony), silence(&s)})
			}
		}
		return nil
	})
	return out, err
}
