package backup_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/backup"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/fsblob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/migrations"
)

const keep = 90 * 24 * time.Hour

// world is a small database and a few objects on SQLite.
type world struct {
	t       *testing.T
	dir     string
	now     time.Time
	db      store.Config
	objects *fsblob.Store
	keys    []id.ID // of the objects
	maker   *backup.Maker
	id      age.Identity
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	w.db = store.Config{Engine: store.SQLite, Path: filepath.Join(w.dir, "vault.db"), Migrations: migrations.Files, AutoMigrate: true, Volatile: true}
	var err error
	w.objects, err = fsblob.Open(filepath.Join(w.dir, "blobs"), w.clock)
	w.must(err)
	who, err := age.GenerateX25519Identity()
	w.must(err)
	w.id = who
	public, private, err := ed25519.GenerateKey(rand.Reader)
	w.must(err)
	w.maker = &backup.Maker{
		Folder: backup.Folder{Dir: filepath.Join(w.dir, "backups"), Keys: []ed25519.PublicKey{public}, Now: w.clock},
		Key:    secret.Of(private), To: []age.Recipient{who.Recipient()}, Recipients: []string{who.Recipient().String()}, Copy: true, Keep: keep, Objects: w.objects,
		Database: func(ctx context.Context, f func(context.Context, *store.Whole) error) error {
			return store.Copy(ctx, w.db, slog.New(slog.DiscardHandler), f)
		},
	}
	w.found()
	for range 3 {
		w.put()
	}
	return w
}

func (w *world) clock() time.Time { return w.now }

// change runs a statement on the database.
func (w *world) change(query string, args ...any) {
	w.t.Helper()
	db, err := store.Open(w.t.Context(), w.db, slog.New(slog.DiscardHandler))
	w.must(err)
	w.must(db.Update(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}))
	w.must(db.Close())
}

func (w *world) found() {
	w.t.Helper()
	sum := sha256.Sum256([]byte("the founding roster"))
	w.change("INSERT INTO rosters (seq, sha256, document) VALUES (0, $1, $2)", sum[:], []byte("the founding roster"))
}

// put stores an object and the row that names it.
func (w *world) put() {
	w.t.Helper()
	key, err := id.New(rand.Reader)
	w.must(err)
	b := make([]byte, 70<<10)
	rand.Read(b) // never fails
	w.must(w.objects.Put(w.t.Context(), key, int64(len(b)), bytes.NewReader(b)))
	w.change("INSERT INTO pieces (payload, from_b, length, blob, copied, checked_day) VALUES ($1, 0, $2, $1, 0, 0)", string(key), int64(len(b)))
	w.keys = append(w.keys, key)
}

// takes takes a backup a second later.
func (w *world) takes() backup.Made {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	made, err := w.maker.Make(w.t.Context())
	w.must(err)
	return made
}

// brings restores a backup into an empty place, and gives what it holds there.
func (w *world) brings(name string) (rows int64, objects int, err error) {
	w.t.Helper()
	place := w.t.TempDir()
	to := store.Config{Engine: store.SQLite, Path: filepath.Join(place, "vault.db"), Migrations: migrations.Files, Volatile: true}
	blobs, err := fsblob.Open(filepath.Join(place, "blobs"), w.clock)
	w.must(err)
	rows, objects, err = w.bringsTo(name, to, blobs)
	if err != nil {
		w.empty(to)
	}
	return rows, objects, err
}

func (w *world) bringsTo(name string, to store.Config, blobs blob.Store) (rows int64, objects int, err error) {
	b, err := w.maker.Find(name, keep)
	if err != nil {
		return 0, 0, err
	}
	if err := b.Check(w.t.Context()); err != nil {
		return 0, 0, err
	}
	rows, err = b.Fill(w.t.Context(), []age.Identity{w.id}, func(names []string, put func(context.Context, *store.Filling) error) error {
		return store.Fill(w.t.Context(), to, slog.New(slog.DiscardHandler), names, put)
	})
	if err != nil {
		return 0, 0, err
	}
	got, err := b.BringObjects(w.t.Context(), []age.Identity{w.id}, blobs)
	return rows, got.Brought, err
}

// empty wants a place in which nothing was left: a second filling finds it empty.
func (w *world) empty(to store.Config) {
	w.t.Helper()
	if _, err := os.Stat(to.Path); err != nil {
		return
	}
	err := store.Fill(w.t.Context(), to, slog.New(slog.DiscardHandler), []string{"0001_vault"}, func(context.Context, *store.Filling) error { return nil })
	if err != nil {
		w.t.Errorf("what was refused left something: %v", err)
	}
}

// path is a file of a backup.
func (w *world) path(name, file string) string { return filepath.Join(w.maker.Dir, name, file) }

// copies lists the copies of payloads.
func (w *world) copies() []string {
	w.t.Helper()
	found, err := filepath.Glob(filepath.Join(w.maker.Dir, "objects-*", "*", "*.age"))
	w.must(err)
	return found
}

// failing breaks off at an object, as a crash would.
type failing struct {
	blob.Store
	after int
}

var errCrash = errors.New("the machine went away")

func (f *failing) Open(ctx context.Context, key id.ID) (blob.Object, error) {
	if f.after--; f.after < 0 {
		return nil, errCrash
	}
	return f.Store.Open(ctx, key)
}

func flip(b []byte, at int) []byte {
	out := bytes.Clone(b)
	out[at] ^= 1
	return out
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
