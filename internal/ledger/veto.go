package ledger

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger/ledgerdb"
	"github.com/relatingfield/vault/internal/store"
)

// Claimed notes that somebody claims an account: its next act, whatever it is,
// ends the claim. An account that does not exist notes nothing.
func (l *Ledger) Claimed(ctx context.Context, tx store.Tx, account id.Thumbprint) error {
	if err := ledgerdb.New(tx).Claimed(ctx, string(account)); err != nil {
		return fmt.Errorf("note claim: %w", err)
	}
	return nil
}

// veto ends every open claim on an account that has just acted: whoever acts has
// the words, and a claim says that they are lost. It stands in the transaction of
// the act, and chains.claimed says whether there is anything to look for, so an
// act of an account that nobody claims costs nothing.
func (l *Ledger) veto(ctx context.Context, tx store.Tx, account id.Thumbprint, claimed int64) error {
	if claimed == 0 {
		return nil
	}
	q := ledgerdb.New(tx)
	open, err := q.OpenClaims(ctx, string(account))
	if err != nil {
		return fmt.Errorf("list claims: %w", err)
	}
	var entries []journal.Entry
	for _, claim := range open {
		if err := q.VetoClaim(ctx, claim); err != nil {
			return fmt.Errorf("veto claim: %w", err)
		}
		entries = append(entries, journal.Entry{Kind: journal.Vetoed, ID: id.ID(claim)})
	}
	if err := q.Unclaimed(ctx, string(account)); err != nil {
		return fmt.Errorf("veto claims: %w", err)
	}
	return l.Journal.Write(ctx, tx, entries...)
}

// VetoAgain ends a claim because the journal says that its account acted.
func (l *Ledger) VetoAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	if err := ledgerdb.New(tx).VetoClaim(ctx, string(e.ID)); err != nil {
		return fmt.Errorf("veto claim again: %w", err)
	}
	return nil
}

// SwitchAgain makes the key good that the journal names: see Switch.
func (l *Ledger) SwitchAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	return l.Switch(ctx, tx, e.Account, e.Key)
}

// EndRecovery forgets an account's recovery, with its shares.
func (l *Ledger) EndRecovery(ctx context.Context, tx store.Tx, account id.Thumbprint) error {
	q := ledgerdb.New(tx)
	if err := q.ForgetTrustees(ctx, string(account)); err != nil {
		return fmt.Errorf("forget trustees: %w", err)
	}
	if err := q.ForgetRecovery(ctx, string(account)); err != nil {
		return fmt.Errorf("forget recovery: %w", err)
	}
	return nil
}
