package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/serverkeys"
	"github.com/relatingfield/vault/internal/store"
)

// watchEvery is how often a node makes sure that its database was not restored
// under it.
const watchEvery = time.Second

// place is the folder of journals as the configuration has it.
func place(cfg config.Config, keys *serverkeys.Keys, vault string, now func() time.Time) (journal.Place, []serverkeys.Signing, error) {
	signing, err := keys.Journal()
	p := journal.Place{Dir: cfg.Journal.Dir, Node: cfg.Journal.Node, Vault: vault, Now: now}
	for _, s := range signing {
		p.Keys = append(p.Keys, s.Public())
	}
	return p, signing, err
}

func (v *vault) openJournal(ctx context.Context) error {
	p, signing, err := place(v.cfg, v.keys, v.id, v.app.Now)
	if err != nil {
		return err
	}
	if v.journal, err = journal.Open(p, signing[0].Reveal()); err != nil {
		return err
	}
	return v.agree(ctx)
}

// appliers say who restricts anew what an entry of each kind says. An entry of a
// kind that is not here was written by a newer program, and nothing is served.
func (v *vault) appliers() map[journal.Kind]journal.Apply {
	return map[journal.Kind]journal.Apply{
		journal.Revoked:   v.grants.RevokeAgain,
		journal.PartEnded: v.grants.EndPartAgain,
		journal.Narrowed:  v.grants.HoldAgain,
		journal.Read:      v.grants.ReadAgain,
		journal.Paused:    v.pauses.Again,
		journal.Erased:    v.testimonies.EraseAgain,
		journal.Suspended: v.accreditations.SuspendAgain,
		journal.Roster:    v.book.ChangeAgain,
		journal.Rekeyed:   v.ledger.SwitchAgain,
		journal.CheckedIn: v.ledger.HearAgain,
		journal.Declined:  both(v.policies.DeclineAgain, v.recoveries.DeclineAgain),
		journal.Vetoed:    v.ledger.VetoAgain,
		journal.Unshared:  v.recoveries.EndAgain,
		journal.Halted:    v.partners.HaltAgain,
		journal.Agreed:    v.partners.AgreeAgain,
		journal.Retired:   v.partners.RetireAgain,
		journal.Unhooked:  v.hooks.UnhookAgain,

		journal.TrayClosed: v.trays.CloseAgain,

		journal.CollectorEnded: v.forms.RevokeAgain,
		journal.FormWithdrawn:  v.forms.WithdrawAgain,
	}
}

// both is for a kind whose id may be of either domain; each knows its own.
func both(one, other journal.Apply) journal.Apply {
	return func(ctx context.Context, tx store.Tx, day int64, e journal.Entry) error {
		if err := one(ctx, tx, day, e); err != nil {
			return err
		}
		return other(ctx, tx, day, e)
	}
}

// recover applies what the journals know and the database does not, before the
// first request. What an erasure leaves in free pages is gone as well by then.
func (v *vault) recover(ctx context.Context) error {
	kept, err := keptHeads(v.cfg.Journal)
	if err != nil {
		return err
	}
	var found journal.Recovered
	err = beside(func() (err error) { found, err = v.journal.Recover(ctx, v.db, v.appliers(), kept); return err })
	if err != nil {
		return err
	}
	v.applied = found.Applied
	v.logApplied(found.Applied)
	v.logHeads("the journal begins at", found.Heads)
	if found.Applied[journal.Erased] > 0 {
		return v.testimonies.Scrub(ctx)
	}
	return nil
}

// besideTries bounds how often other nodes may be faster.
const besideTries = 20

// beside applies journals while other nodes serve. She may send an act that was cut off
// again, to another node, in the very moment in which it is applied here: whoever comes
// second finds her chain moved, begins anew, and then finds it done.
func beside(apply func() error) error {
	for n := 1; ; n++ {
		err := apply()
		var moved *ledger.OutOfOrder
		if n == besideTries || !errors.As(err, &moved) && !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

func (v *vault) logApplied(applied map[journal.Kind]int) {
	for kind, n := range applied {
		v.log.Warn("applied what the database did not know: it was restored, failed over to a replica that was behind, or a crash came before its last word", "kind", string(kind), "count", n)
	}
}

// keptHeads are the heads that the journals must hold.
func keptHeads(cfg config.Journal) ([]journal.Head, error) {
	var out []journal.Head
	for _, line := range cfg.AtLeast {
		h, err := journal.ParseHead(line)
		if err != nil {
			return nil, fmt.Errorf("journal.at_least: %w", err)
		}
		out = append(out, h)
	}
	if cfg.AtLeastFrom == "" {
		return out, nil
	}
	more, err := headsFrom(cfg.AtLeastFrom)
	if err != nil {
		return nil, fmt.Errorf("journal.at_least_from: %w", err)
	}
	return append(out, more...), nil
}

func headsFrom(path string) ([]journal.Head, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	heads, err := journal.ParseHeads(string(b))
	if err == nil && len(heads) == 0 {
		err = errors.New("it holds no head")
	}
	return heads, err
}

// logHeads puts the heads into the log, where an older copy of them may survive a
// rollback of everything else.
func (v *vault) logHeads(when string, heads []journal.Head) {
	for _, h := range heads {
		v.log.Info("journal", "when", when, "head", h.String())
	}
}

// shut ends the journal after the last request and job.
func (v *vault) shut() error {
	heads, err := v.journal.Heads()
	heads = slices.DeleteFunc(heads, func(h journal.Head) bool { return h.Node != v.cfg.Journal.Node })
	v.logHeads("the journal ends at", heads)
	return errors.Join(err, v.journal.Close())
}

// watch tells when the database has gone back under this node.
func (v *vault) watch(ctx context.Context) <-chan error {
	behind := make(chan error, 1)
	go func() {
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for ctx.Err() == nil {
			if err := v.journal.Watch(ctx, v.db); errors.Is(err, journal.ErrBehind) {
				behind <- err
				return
			}
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	}()
	return behind
}

// pruneJournal keeps the database's rows few.
func (v *vault) pruneJournal(ctx context.Context) error { return v.journal.Prune(ctx, v.db) }

// dropJournal lets go of what no backup is old enough to need.
func (v *vault) dropJournal(ctx context.Context) error {
	return v.journal.Drop(ctx, v.db, v.cfg.Journal.Keep.Duration())
}
