package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/serverkeys"
)

// What keys tell the program.
type (
	KeyListed   = serverkeys.Listed
	KeyRotation = serverkeys.Rotation
)

// Keys lists the server's keys without their secrets.
func (a *App) Keys() ([]KeyListed, error) { return serverkeys.List(a.Config.KeysDir, a.Now()) }

// RotateKeys puts new keys before the server's own. A node that runs signs the journal
// with the old MAC secret and could not read what another writes under a new one, so
// that kind is rotated while no node runs.
func (a *App) RotateKeys(what KeyRotation) error {
	if what.MAC {
		p, err := a.journals()
		if err != nil {
			return err
		}
		busy, err := p.Written()
		if err != nil {
			return err
		}
		if len(busy) > 0 {
			return fmt.Errorf("node %s is running: stop every node first, because all of them have to begin with the new secret together", busy[0])
		}
	}
	return serverkeys.Rotate(a.Config.KeysDir, what, a.Rand, a.Now())
}

// ExportKeys writes the server's keys to a new file, sealed to the recipients of
// backups. Keep it apart from them: together they are all that the server has.
func (a *App) ExportKeys(path string) error {
	to, err := recipients(a.Config.Backups.Recipients)
	if err != nil {
		return err
	}
	if a.Config.Backups.Dir != "" {
		if rel, err := filepath.Rel(a.Config.Backups.Dir, path); err == nil && filepath.IsLocal(rel) {
			return errors.New("that is in the folder of backups, and the keys belong apart from them: name another place")
		}
	}
	b, err := serverkeys.Export(a.Config.KeysDir)
	if err != nil {
		return err
	}
	defer clear(b)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w, err := age.Encrypt(f, to...)
	if err == nil {
		_, err = w.Write(b)
		err = errors.Join(err, w.Close(), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// maxKeysFile bounds the file of keys.
const maxKeysFile = 1 << 20

// ImportKeys brings back what ExportKeys wrote, where there are no keys.
func (a *App) ImportKeys(_ context.Context, path string, identity []byte) error {
	ids, err := identities(identity)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	plain, err := age.Decrypt(f, ids...)
	if err != nil {
		return fmt.Errorf("the identity does not open %s: %w", path, err)
	}
	var b bytes.Buffer
	defer func() { clear(b.Bytes()) }()
	if _, err := b.ReadFrom(io.LimitReader(plain, maxKeysFile)); err != nil {
		return err
	}
	return serverkeys.Import(a.Config.KeysDir, b.Bytes())
}

func identities(text []byte) ([]age.Identity, error) {
	ids, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		// The library's words could repeat a line of the file.
		return nil, errors.New("the identity file holds no age identity: it is what age-keygen wrote, and a sealed one is opened first, with age -d")
	}
	return ids, nil
}
