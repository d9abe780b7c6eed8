package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/backup"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/serverkeys"
	"github.com/relatingfield/vault/internal/store"
)

// Restoring says what is brought back.
type Restoring struct {
	Dir      string // the folder of backups; empty: the configured one
	Name     string // of the backup; empty: the newest
	Identity []byte // the text of an age identity file

	Expired        bool // bring it back although it has expired
	WithoutJournal bool // the journal is lost: apply nothing, and let the server refuse
}

// Restored is what a restoring has come to.
type Restored struct {
	Name     string
	Vault    string
	Taken    time.Time
	Schema   string
	Rows     int64
	Missing  int64 // payloads that had gone before the backup had copied them
	Payloads backup.Payloads
	Applied  map[string]int // what was taken away since, by kind
}

// Restore brings a backup back into an empty place: database, payloads, and then, from
// the journal, everything that was taken away since. Nothing is written before every
// file of the backup was found to be what this vault had written. It does not serve.
func (a *App) Restore(ctx context.Context, what Restoring, tell func(string)) (Restored, error) {
	out, err := a.restore(ctx, what, tell)
	if err != nil {
		return out, fmt.Errorf("restore: %w", err)
	}
	return out, nil
}

func (a *App) restore(ctx context.Context, what Restoring, tell func(string)) (out Restored, err error) {
	b, ids, err := a.chosen(what)
	if err != nil {
		return out, err
	}
	out = Restored{Name: b.Name, Vault: b.Vault, Taken: time.Unix(b.Taken, 0), Schema: b.Schema, Missing: b.Missing, Applied: map[string]int{}}
	if !what.WithoutJournal {
		if err := a.journalStands(b.Vault); err != nil {
			return out, err
		}
	}
	tell("Every file of backup " + b.Name + " is being compared with its manifest.")
	if err := b.Check(ctx); err != nil {
		return out, err
	}
	tell("The database is being brought back.")
	if out.Rows, err = a.fill(ctx, b, ids); err != nil {
		return out, err
	}
	tell("The payloads are being brought back.")
	v := &vault{cfg: a.Config, log: a.Log, app: a}
	if err := v.openObjects(); err != nil {
		return out, err
	}
	if out.Payloads, err = b.BringObjects(ctx, ids, v.blobs); err != nil {
		return out, err
	}
	if what.WithoutJournal {
		return out, nil
	}
	tell("What was taken away since is being taken away again.")
	out.Applied, err = a.takeAway(ctx)
	return out, err
}

// chosen opens the backup that is meant, and reads the identities.
func (a *App) chosen(what Restoring) (*backup.Backup, []age.Identity, error) {
	f, _, err := a.backups(what.Dir)
	if err != nil {
		return nil, nil, err
	}
	b, err := f.Find(what.Name, a.Config.Backups.Keep.Duration())
	if err != nil && !(what.Expired && errors.Is(err, backup.ErrExpired)) {
		return nil, nil, err
	}
	ids, err := identities(what.Identity)
	if err != nil {
		return nil, nil, err
	}
	return b, ids, nil
}

// journalStands makes sure that there is a journal, whole and of this vault, before
// anything is written.
func (a *App) journalStands(vault string) error {
	keys, err := serverkeys.Read(a.Config.KeysDir)
	if err != nil {
		return err
	}
	p, _, err := place(a.Config, keys, vault, a.Now)
	if err != nil {
		return err
	}
	kept, err := keptHeads(a.Config.Journal)
	if err != nil {
		return err
	}
	reports, err := p.Check(kept)
	if err == nil && len(reports) == 0 {
		err = fmt.Errorf("in %s: %w", a.Config.Journal.Dir, journal.ErrMissing)
	}
	return err
}

func (a *App) fill(ctx context.Context, b *backup.Backup, ids []age.Identity) (int64, error) {
	return b.Fill(ctx, ids, func(migrations []string, rows func(context.Context, *store.Filling) error) error {
		return store.Fill(ctx, a.database(true), a.Log, migrations, rows)
	})
}

// takeAway brings the schema up to date and does what every start does before its
// first request.
func (a *App) takeAway(ctx context.Context) (applied map[string]int, err error) {
	db, err := a.open(ctx, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	v, err := a.assemble(ctx, db, origins(a.Config, nowhere{}))
	if err != nil {
		return nil, err
	}
	if v.applied[journal.Erased] > 0 {
		v.payloads.Reap(ctx)
	}
	return named(v.applied), v.shut()
}

func named(applied map[journal.Kind]int) map[string]int {
	out := map[string]int{}
	for k, n := range applied {
		out[string(k)] = n
	}
	return out
}

// nowhere is the address of what is not listened on.
type nowhere struct{}

func (nowhere) Network() string { return "tcp" }
func (nowhere) String() string  { return "127.0.0.1:0" }
