package app

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/backup"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/serverkeys"
	"github.com/relatingfield/vault/internal/store"
)

// What backups tell the program.
type (
	BackupMade   = backup.Made
	BackupKept   = backup.Kept
	BackupPruned = backup.Pruned
)

// ErrNoBackups reports a configuration in which no backup can be made.
var ErrNoBackups = errors.New("set backups.dir and backups.recipients first: where backups go, and the age recipients they are sealed to (docs/operate/backup.md)")

// backups is the folder of backups, and the keys that speak for them.
func (a *App) backups(dir string) (backup.Folder, []serverkeys.Signing, error) {
	if dir == "" {
		dir = a.Config.Backups.Dir
	}
	if dir == "" {
		return backup.Folder{}, nil, ErrNoBackups
	}
	keys, err := serverkeys.Read(a.Config.KeysDir)
	if err != nil {
		return backup.Folder{}, nil, err
	}
	signing, err := keys.Backup()
	if err != nil {
		return backup.Folder{}, nil, err
	}
	f := backup.Folder{Dir: dir, Now: a.Now}
	for _, s := range signing {
		f.Keys = append(f.Keys, s.Public())
	}
	return f, signing, nil
}

func recipients(texts []string) (out []age.Recipient, err error) {
	for _, text := range texts {
		to, _, err := envelope.ParseRecipient(text)
		if err != nil {
			return nil, fmt.Errorf("backups.recipients: %w", err)
		}
		out = append(out, to)
	}
	if len(out) == 0 {
		return nil, ErrNoBackups
	}
	return out, nil
}

// Backup takes a backup of a vault that may serve meanwhile, or finishes one that was
// cut off, and then removes those whose time is over. tell hears how far it is.
func (a *App) Backup(ctx context.Context, tell func(string)) (made BackupMade, pruned BackupPruned, err error) {
	f, signing, err := a.backups("")
	if err != nil {
		return made, pruned, err
	}
	to, err := recipients(a.Config.Backups.Recipients)
	if err != nil {
		return made, pruned, err
	}
	v := &vault{cfg: a.Config, log: a.Log, app: a}
	if err := v.openObjects(); err != nil {
		return made, pruned, err
	}
	m := backup.Maker{
		Folder: f, Key: secret.Of(append(ed25519.PrivateKey(nil), signing[0].Reveal()...)), To: to, Recipients: a.Config.Backups.Recipients,
		Copy: a.Config.Backups.Objects == config.BackupCopies, Keep: a.Config.Backups.Keep.Duration(), Objects: v.blobs, Tell: tell,
		Database: func(ctx context.Context, f func(context.Context, *store.Whole) error) error {
			return store.Copy(ctx, a.database(false), a.Log, f)
		},
	}
	if made, err = m.Make(ctx); err != nil {
		return made, pruned, err
	}
	pruned, err = f.Prune(a.Config.Backups.Keep.Duration())
	return made, pruned, err
}

// Backups lists the backups there are, the oldest first.
func (a *App) Backups() ([]BackupKept, error) {
	f, _, err := a.backups("")
	if err != nil {
		return nil, err
	}
	return f.List()
}

// PruneBackups removes the backups whose time is over.
func (a *App) PruneBackups() (BackupPruned, error) {
	f, _, err := a.backups("")
	if err != nil {
		return BackupPruned{}, err
	}
	return f.Prune(a.Config.Backups.Keep.Duration())
}

// CheckBackup reads every file of a backup, the newest where name is empty, without
// any identity, and says which it was.
func (a *App) CheckBackup(ctx context.Context, name string) (string, time.Time, error) {
	f, _, err := a.backups("")
	if err != nil {
		return "", time.Time{}, err
	}
	b, err := f.Find(name, a.Config.Backups.Keep.Duration())
	if b == nil || err != nil && !errors.Is(err, backup.ErrExpired) {
		return "", time.Time{}, err
	}
	return b.Name, time.Unix(b.Taken, 0), errors.Join(err, b.Check(ctx))
}
