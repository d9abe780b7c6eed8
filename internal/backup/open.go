package backup

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/store"
)

// Backup is a finished backup that can be brought back.
type Backup struct {
	Manifest

	folder Folder
	list   []Object
}

// Find opens the backup of that name, or the one that was taken last where it is
// empty. It must be signed by one of the folder's keys, and younger than keep:
// ErrExpired comes with the backup, for whoever wants it all the same.
func (f Folder) Find(name string, keep time.Duration) (*Backup, error) {
	if name == "" {
		k, err := f.newest()
		if err != nil {
			return nil, fmt.Errorf("open backup: %w", err)
		}
		name = k.Name
	}
	return f.open(name, keep)
}

func (f Folder) open(name string, keep time.Duration) (*Backup, error) {
	if _, ok := timeOf(name); !ok {
		return nil, fmt.Errorf("open backup: %q is no name of a backup", name)
	}
	m, err := f.manifest(name, manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open backup %s: it is not there, or it is unfinished: testimonyd backup finishes it", name)
	}
	if err != nil {
		return nil, fmt.Errorf("open backup %s: %w", name, err)
	}
	b := &Backup{Manifest: m, folder: f}
	if b.list, err = f.objects(m, listName); err != nil {
		return nil, fmt.Errorf("open backup %s: %w", name, err)
	}
	if f.expired(m, keep) {
		return b, fmt.Errorf("open backup %s: %w", name, ErrExpired)
	}
	return b, nil
}

// Objects lists the payload objects of the backup.
func (b *Backup) Objects() []Object { return slices.Clone(b.list) }

// Check reads every file of the backup and makes sure that each is what was written.
// It needs no secret but the server's own keys.
func (b *Backup) Check(ctx context.Context) error {
	for _, file := range b.Files {
		if err := digest(ctx, filepath.Join(b.folder.Dir, b.Name, file.Name), file.Size, file.SHA256); err != nil {
			return fmt.Errorf("check backup %s: %w", b.Name, err)
		}
	}
	if b.Manifest.Objects != Copied {
		return nil
	}
	for _, o := range b.list {
		if err := digest(ctx, b.folder.pool(b.Manifest, o.Key), o.Size, o.SHA256[:]); err != nil {
			return fmt.Errorf("check backup %s: %w", b.Name, err)
		}
	}
	return nil
}

// Fill reads the database of the backup. make is given the migrations by which to make
// the schema, and a function that puts all rows into it: see store.Fill. Nothing of it
// may be kept unless that function returns nil, for only its end shows that it was
// whole. It says how many rows there were.
func (b *Backup) Fill(ctx context.Context, ids []age.Identity, make func(migrations []string, rows func(context.Context, *store.Filling) error) error) (n int64, err error) {
	in, err := os.Open(filepath.Join(b.folder.Dir, b.Name, databaseName))
	if err != nil {
		return 0, fmt.Errorf("open the database of backup %s: %w", b.Name, err)
	}
	defer in.Close()
	n, err = fill(ctx, in, ids, b.Vault, make)
	if err != nil {
		return 0, fmt.Errorf("bring back the database of backup %s: %w", b.Name, err)
	}
	return n, nil
}

func fill(ctx context.Context, in io.Reader, ids []age.Identity, vault string, make func([]string, func(context.Context, *store.Filling) error) error) (int64, error) {
	plain, err := age.Decrypt(reading{ctx, in}, ids...)
	if err != nil {
		return 0, fmt.Errorf("the identity does not open it: %w", err)
	}
	c, err := openContainer(plain)
	if err != nil {
		return 0, err
	}
	var seen found
	err = make(c.Migrations, func(ctx context.Context, to *store.Filling) error {
		if err := put(ctx, c, to, &seen); err != nil {
			return err
		}
		if seen.vault != vault {
			return fmt.Errorf("%w: its database is another vault's", ErrAltered)
		}
		return nil
	})
	return seen.rows, err
}

// put writes the rows in the order in which they come, a statement for many.
func put(ctx context.Context, c *container, to *store.Filling, seen *found) error {
	there := map[string]store.Table{}
	for _, t := range to.Tables {
		there[t.Name] = t
	}
	for _, t := range c.Tables {
		if !fits(t, there[t.Name]) {
			return fmt.Errorf("%w: table %s is not as its migrations make it", ErrAltered, t.Name)
		}
	}
	var now store.Table
	var rows [][]any
	for {
		t, row, err := c.next()
		if last := errors.Is(err, io.EOF); last || err == nil && (t.Name != now.Name || len(rows) == now.Most()) {
			if err := to.Put(ctx, now, rows); err != nil {
				return err
			}
			if last {
				return nil
			}
			now, rows = t, nil
		}
		if err != nil {
			return err
		}
		if err := seen.see(t, row); err != nil {
			return err
		}
		rows = append(rows, row)
	}
}

// fits says whether a table has exactly these columns, in any order: what a migration
// added stands at the end in one database, and elsewhere in none.
func fits(a, b store.Table) bool {
	one, other := slices.Sorted(slices.Values(a.Columns)), slices.Sorted(slices.Values(b.Columns))
	return slices.Equal(one, other)
}

// Payloads says what bringing payloads back has come to.
type Payloads struct {
	Brought int // were put into the store
	There   int // were in it, with the right length
	Absent  int // only referenced, and not in the store
}

// BringObjects puts the payload objects into a store that does not have them, and
// never touches one that it has. Of a backup by reference it looks whether they are
// there.
func (b *Backup) BringObjects(ctx context.Context, ids []age.Identity, to blob.Store) (out Payloads, err error) {
	for _, o := range b.list {
		if err := b.bring(ctx, ids, to, o, &out); err != nil {
			return out, fmt.Errorf("bring back a payload object: %w", err)
		}
	}
	return out, nil
}

func (b *Backup) bring(ctx context.Context, ids []age.Identity, to blob.Store, o Object, out *Payloads) error {
	there, err := to.Open(ctx, o.Key)
	if err == nil {
		out.There++
		return there.Close()
	}
	if !errors.Is(err, blob.ErrNotFound) {
		return err
	}
	if b.Manifest.Objects != Copied {
		out.Absent++
		return nil
	}
	if err := b.BringOne(ctx, ids, to, o); err != nil {
		return err
	}
	out.Brought++
	return nil
}

// BringOne puts one copied object into a store that does not have it.
func (b *Backup) BringOne(ctx context.Context, ids []age.Identity, to blob.Store, o Object) error {
	path := b.folder.pool(b.Manifest, o.Key)
	if err := digest(ctx, path, o.Size, o.SHA256[:]); err != nil {
		return err
	}
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	plain, length, err := age.DecryptReaderAt(in, o.Size, ids...)
	if err != nil {
		return fmt.Errorf("the identity does not open it: %w", err)
	}
	return to.Put(ctx, o.Key, length, reading{ctx, io.NewSectionReader(plain, 0, length)})
}

// Compare holds an object of a backup by reference against what a store has.
func (b *Backup) Compare(ctx context.Context, o Object, in blob.Store) error {
	object, err := in.Open(ctx, o.Key)
	if err != nil {
		return err
	}
	defer object.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, reading{ctx, object})
	if err == nil && (n != o.Size || [sha256.Size]byte(sum.Sum(nil)) != o.SHA256) {
		err = ErrAltered
	}
	return err
}
