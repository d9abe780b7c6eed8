package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/serverkeys"
	"github.com/relatingfield/vault/internal/store"
)

// JournalReport says what is in a node's journal.
type JournalReport = journal.Report

// JournalRefused says whether an error means that the journal does not fit.
func JournalRefused(err error) bool { return errors.Is(err, journal.ErrRefused) }

// journals is the folder of journals of a vault that need not run, and may.
func (a *App) journals() (journal.Place, error) {
	keys, err := serverkeys.Open(a.Config.KeysDir, a.Rand, a.Now)
	if err != nil {
		return journal.Place{}, err
	}
	p, _, err := place(a.Config, keys, "", a.Now)
	return p, err
}

// JournalHeads are the ends of all journals, as they are now.
func (a *App) JournalHeads() ([]journal.Head, error) {
	p, err := a.journals()
	if err != nil {
		return nil, err
	}
	return p.Heads()
}

// CheckJournals reads all journals and checks every signature. heads, if not
// empty, is a file of heads that they must hold, beside those of the
// configuration.
func (a *App) CheckJournals(heads string) ([]JournalReport, error) {
	p, err := a.journals()
	if err != nil {
		return nil, err
	}
	kept, err := keptHeads(a.Config.Journal)
	if err != nil {
		return nil, err
	}
	if heads != "" {
		more, err := headsFrom(heads)
		if err != nil {
			return nil, fmt.Errorf("read kept heads: %w", err)
		}
		kept = append(kept, more...)
	}
	return p.Check(kept)
}

// AbandonJournal lets a vault go on whose node's journal is lost for good. Nobody
// knows any more what had been taken back, so every grant is held until its owner
// renews it; it says how many. A journal that is there is not given up.
func (a *App) AbandonJournal(ctx context.Context, node string) (held int64, err error) {
	p, err := a.journals()
	if err != nil {
		return 0, err
	}
	db, err := a.open(ctx, false)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	grants := &grant.Grants{DB: db}
	err = p.Abandon(ctx, db, node, func(ctx context.Context, tx store.Tx) (err error) {
		held, err = grants.HoldAll(ctx, tx)
		return err
	})
	return held, err
}
