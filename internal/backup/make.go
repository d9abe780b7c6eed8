package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/store"
)

// Maker makes backups.
type Maker struct {
	Folder

	Key        secret.Bytes // an Ed25519 private key, whose public key is in Keys
	To         []age.Recipient
	Recipients []string // the texts of To
	Copy       bool     // payloads, too; else their names and digests
	Keep       time.Duration
	Objects    blob.Store
	// Database shows a snapshot of all of the database: see store.Copy.
	Database func(ctx context.Context, f func(ctx context.Context, w *store.Whole) error) error
	// Tell, if not nil, hears how far it is, in words.
	Tell func(words string)
}

// Made is what a backup has come to.
type Made struct {
	Manifest
	Continued bool  // it went on where another had been cut off
	Rows      int64 // of the database; 0 when it had been copied before
	Objects   int   // payload objects in it
	Fresh     int   // of these, read now
}

// resumable is for how long a backup that was cut off is gone on with. Its database
// is of the hour in which it was begun.
const resumable = 24 * time.Hour

// Make takes a backup, or finishes one that was cut off.
func (m *Maker) Make(ctx context.Context) (Made, error) {
	out, err := m.make(ctx)
	if err != nil {
		return Made{}, fmt.Errorf("back up: %w", err)
	}
	return out, nil
}

func (m *Maker) make(ctx context.Context) (out Made, err error) {
	unlock, err := m.lock()
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if out.Manifest, out.Continued, err = m.unfinished(); err != nil {
		return out, err
	}
	if !out.Continued {
		if err := m.begin(ctx, &out); err != nil {
			return out, err
		}
	}
	wanted, err := m.objects(out.Manifest, wantedName)
	if err != nil {
		return out, err
	}
	list, err := m.take(ctx, &out, wanted)
	if err != nil {
		return out, err
	}
	return out, m.finish(&out.Manifest, list)
}

// unfinished finds a backup that was cut off behind its database and can be gone on
// with, and removes all that cannot.
func (m *Maker) unfinished() (found Manifest, ok bool, err error) {
	list, err := m.List()
	if err != nil {
		return found, false, err
	}
	slices.Reverse(list)
	for _, k := range list {
		switch {
		case k.Finished:
		case !ok && k.Err == nil && m.goesOn(k.Manifest):
			found, ok = k.Manifest, true
		default:
			if err := m.remove(k.Name); err != nil {
				return found, false, err
			}
		}
	}
	return found, ok, nil
}

func (m *Maker) goesOn(u Manifest) bool {
	age := m.Now().Sub(time.Unix(u.Taken, 0))
	file, there := u.file(databaseName)
	if !there || age < 0 || age > resumable || !slices.Equal(u.Recipients, m.Recipients) || u.Objects != m.way() {
		return false
	}
	return digest(context.Background(), filepath.Join(m.Dir, u.Name, databaseName), file.Size, file.SHA256) == nil
}

func (m *Maker) way() string {
	if m.Copy {
		return Copied
	}
	return Referenced
}

// begin copies the database, and notes which payloads it names. Until its manifest is
// written, a backup says that it is unfinished.
func (m *Maker) begin(ctx context.Context, out *Made) error {
	now := m.Now()
	x := Manifest{Format: 1, Name: nameOf(now), Taken: now.Unix(), Expires: now.Add(m.Keep).Unix(), Recipients: m.Recipients, Objects: m.way()}
	if m.Copy {
		x.Pool = poolOf(m.Recipients)
	}
	dir := filepath.Join(m.Dir, x.Name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			err = fmt.Errorf("there is a backup of this second already: %s", x.Name)
		}
		return err
	}
	// A crash from here on leaves a folder without a manifest, which is no backup.
	found, err := m.database(ctx, &x, out)
	if err != nil {
		return errors.Join(err, m.remove(x.Name))
	}
	x.Vault = found.vault
	if err := m.list(&x, wantedName, found.pieces); err != nil {
		return err
	}
	out.Manifest = x
	return m.write(x, unfinishedName)
}

// poolOf names the folder of copies that open for these recipients: a copy for others
// is no copy.
func poolOf(recipients []string) string {
	sum := sha256.Sum256([]byte(strings.Join(recipients, "\n")))
	return "objects-" + hex.EncodeToString(sum[:8])
}

func (m *Maker) database(ctx context.Context, x *Manifest, out *Made) (*found, error) {
	m.tell("The database is being copied.")
	file, err := seal(filepath.Join(m.Dir, x.Name, databaseName), m.To)
	if err != nil {
		return nil, err
	}
	var seen *found
	err = m.Database(ctx, func(ctx context.Context, w *store.Whole) error {
		seen = &found{}
		x.Schema = w.Migrations[len(w.Migrations)-1]
		return writeContainer(ctx, file, w, seen.see)
	})
	if err == nil && seen.vault == "" {
		err = errors.New("the vault has not been founded: there is nothing to back up")
	}
	if err != nil {
		return nil, errors.Join(err, file.drop())
	}
	size, sum, err := file.finish()
	x.Files, out.Rows = []File{{databaseName, size, sum[:]}}, seen.rows
	return seen, err
}

// list writes a list of objects as a file of the backup.
func (m *Maker) list(x *Manifest, name string, objects []Object) error {
	slices.SortFunc(objects, func(a, b Object) int { return strings.Compare(string(a.Key), string(b.Key)) })
	objects = slices.CompactFunc(objects, func(a, b Object) bool { return a.Key == b.Key })
	var b bytes.Buffer
	for _, o := range objects {
		b.WriteString(o.line())
	}
	sum := sha256.Sum256(b.Bytes())
	x.Files = slices.DeleteFunc(x.Files, func(f File) bool { return f.Name == name })
	x.Files = append(x.Files, File{name, int64(b.Len()), sum[:]})
	slices.SortFunc(x.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return writeWhole(filepath.Join(m.Dir, x.Name, name), b.Bytes())
}

func (m *Maker) write(x Manifest, name string) error {
	line, err := x.line(m.Key.Reveal())
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(m.Dir, x.Name, name), line)
}

// take makes sure that each wanted object is in the backup. One that has gone since
// the snapshot was let go by its owner, and is not in it.
func (m *Maker) take(ctx context.Context, out *Made, wanted []Object) ([]Object, error) {
	known, err := m.known(out.Manifest)
	if err != nil {
		return nil, err
	}
	p, err := m.openProgress(out.Manifest, known)
	if err != nil {
		return nil, err
	}
	defer p.close()
	var list []Object
	for i, w := range wanted {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if i > 0 && i%1000 == 0 {
			m.tell(fmt.Sprintf("%d of %d payload objects.", i, len(wanted)))
		}
		o, there := known[w.Key]
		if !there || !m.lies(out.Manifest, o) {
			o, err = m.one(ctx, out.Manifest, w)
			if errors.Is(err, blob.ErrNotFound) {
				out.Missing++
				continue
			}
			if err == nil {
				err = p.add(o)
			}
			if err != nil {
				return nil, fmt.Errorf("payload object: %w", err)
			}
			out.Fresh++
		}
		list = append(list, o)
	}
	out.Objects = len(list)
	return list, m.syncPool(out.Manifest)
}

// lies says whether the copy of an object is still where it was put.
func (m *Maker) lies(x Manifest, o Object) bool {
	if !m.Copy {
		return true
	}
	info, err := os.Lstat(m.pool(x, o.Key))
	return err == nil && info.Mode().IsRegular() && info.Size() == o.Size
}

// known are the objects that earlier backups have. What only lies in the folder, and
// no signature speaks of, is not believed: somebody may have put it there.
func (m *Maker) known(x Manifest) (map[id.ID]Object, error) {
	kept, err := m.List()
	if err != nil {
		return nil, err
	}
	out := map[id.ID]Object{}
	for _, k := range kept {
		if k.Err != nil || !k.Finished || k.Manifest.Objects != x.Objects || k.Manifest.Pool != x.Pool {
			continue
		}
		list, err := m.objects(k.Manifest, listName)
		if err != nil {
			m.tell(fmt.Sprintf("The list of payloads of backup %s is damaged: what only it knows is copied again.", k.Name))
			continue
		}
		for _, o := range list {
			out[o.Key] = o
		}
	}
	return out, nil
}

// one reads an object.
func (m *Maker) one(ctx context.Context, x Manifest, w Object) (Object, error) {
	in, err := m.Objects.Open(ctx, w.Key)
	if err != nil {
		return Object{}, err
	}
	defer in.Close()
	if in.Size() != w.Size {
		// It is damaged. It is copied as it is: fixity has the say about it.
		m.tell("A payload object has not the length that its row names: run testimonyd fixity run.")
	}
	if !m.Copy {
		sum := sha256.New()
		n, err := io.Copy(sum, reading{ctx, in})
		return Object{w.Key, n, [sha256.Size]byte(sum.Sum(nil))}, err
	}
	path := m.pool(x, w.Key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Object{}, err
	}
	file, err := seal(path, m.To)
	if err != nil {
		return Object{}, err
	}
	if _, err := io.Copy(file, reading{ctx, in}); err != nil {
		return Object{}, errors.Join(err, file.drop())
	}
	size, sum, err := file.finish()
	return Object{w.Key, size, sum}, err
}

func (m *Maker) syncPool(x Manifest) error {
	if !m.Copy {
		return nil
	}
	dir := filepath.Join(m.Dir, x.Pool)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		err = errors.Join(err, syncDir(filepath.Join(dir, e.Name())))
	}
	return errors.Join(err, syncDir(dir), syncDir(m.Dir))
}

// finish writes the list and the manifest: from the manifest's last byte on, it is a
// backup.
func (m *Maker) finish(x *Manifest, list []Object) error {
	x.Files = slices.DeleteFunc(x.Files, func(f File) bool { return f.Name == wantedName })
	if err := m.list(x, listName, list); err != nil {
		return err
	}
	if err := m.write(*x, manifestName); err != nil {
		return err
	}
	// A crash here leaves files that nobody reads.
	dir := filepath.Join(m.Dir, x.Name)
	for _, name := range []string{unfinishedName, wantedName, progressName} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return errors.Join(syncDir(dir), syncDir(m.Dir))
}

func (m *Maker) tell(words string) {
	if m.Tell != nil {
		m.Tell(words)
	}
}
