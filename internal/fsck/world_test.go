package fsck_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// original is a vault with a story in it, stopped. Each test takes a copy.
type original struct {
	t      testing.TB
	engine store.Engine
	vault  *vaulttest.Vault
	names  *strings.Replacer // of what plants name
	erased api.ID
}

// none are names of things that do not exist.
const none = "aaaaaaaaaaaaaaaaaaaaaaaaaa"

// tell makes the vault: a small and a large recording, one handed over and adopted, one
// grant that stands and was opened, one that was revoked, and a testimony erased.
func tell(t testing.TB, e store.Engine) *original {
	t.Helper()
	o := &original{t: t, engine: e}
	o.vault = vaulttest.New(t, vaulttest.On(e), vaulttest.With(func(c *config.Config) {
		c.Blobs.Second.Engine, c.Blobs.Second.Dir = config.Folder, filepath.Join(c.DataDir, "second")
	}))
	v := o.vault
	door := &peopletest.Door{T: t, Origin: v.URL, Vault: v.ID, Steward: v.Steward, Now: v.Clock.Now}
	her, reader := door.Participant(), door.Researcher(100)
	ctx, large := t.Context(), make([]byte, 300<<10)
	rand.Read(large) // never fails
	tid, err := her.Create(ctx, client.Testimony{Title: "x", Parts: []client.Content{client.Bytes("a.txt", "", []byte("a")), client.Bytes("b.m4a", "", large)}})
	o.must(err)
	n, err := her.AddOnArrival(ctx, tid, client.Bytes("c.m4a", "", large))
	o.must(err)
	o.must(her.Adopt(ctx, tid, n, nil))
	offer := client.Offer{Testimony: tid, Parts: []int64{1, 2}, To: reader.Account(), Terms: api.Terms{Purposes: []statement.Purpose{"Research"}, Attribution: statement.Background, Access: statement.Download, MaxReads: 3}}
	live, err := her.Grant(ctx, offer)
	o.must(err)
	_, err = reader.Open(ctx, live.ID, 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return io.Discard, nil }))
	o.must(err)
	ended, err := her.Grant(ctx, offer)
	o.must(err)
	_, err = her.Revoke(ctx, tid, ended.ID)
	o.must(err)
	o.erased, err = her.Create(ctx, client.Testimony{Title: "y", Parts: []client.Content{client.Bytes("a.m4a", "", large)}})
	o.must(err)
	o.must(her.Erase(ctx, o.erased))
	v.Stop()
	o.copies()
	piece, second := o.one("SELECT blob FROM pieces ORDER BY blob LIMIT 1"), o.one("SELECT second FROM pieces ORDER BY blob LIMIT 1")
	blob := "x'" + strings.Repeat("00", 32) + "'"
	if e == store.PostgreSQL {
		blob = `'\x` + strings.Repeat("00", 32) + "'"
	}
	o.names = strings.NewReplacer("{T}", string(tid), "{G}", string(live.ID), "{E}", string(ended.ID), "{X}", string(o.erased), "{A}", string(her.Account()),
		"{R}", string(reader.Account()), "{P}", piece, "{S}", second, "{0}", none, "{B}", blob)
	return o
}

func (o *original) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// copies has the vault make its second copies, as it does every minute.
func (o *original) copies() {
	o.t.Helper()
	if _, err := o.app(o.vault.Config).CheckFixity(o.t.Context(), app.FixityRun{}, func(app.FixityResult) {}); err != nil {
		o.t.Fatal(err)
	}
}

func (o *original) app(cfg config.Config) *app.App {
	return &app.App{Config: cfg, Log: slog.New(slog.DiscardHandler), Now: o.vault.Clock.Now, Rand: rand.Reader, Cores: 2, Volatile: true}
}

func (o *original) one(query string) (out string) {
	o.t.Helper()
	db := o.connect(o.vault.Config)
	defer db.Close()
	o.must(db.QueryRow(query).Scan(&out))
	return out
}

func (o *original) connect(cfg config.Config) *sql.DB {
	o.t.Helper()
	driver, name := "sqlite", "file:"+cfg.Store.Path
	if o.engine == store.PostgreSQL {
		driver, name = "pgx", string(cfg.Store.URL.Reveal())
	}
	db, err := sql.Open(driver, name)
	o.must(err)
	db.SetMaxOpenConns(1)
	return db
}

// copied is a vault of its own that holds the same.
type copied struct {
	*original
	t   testing.TB
	cfg config.Config
}

func (o *original) copy(t testing.TB) *copied {
	t.Helper()
	c := &copied{original: o, t: t, cfg: o.vault.Config}
	to := filepath.Join(t.TempDir(), "vault")
	if err := os.CopyFS(to, os.DirFS(o.vault.Config.DataDir)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(c.keys(to), 0o700), filepath.WalkDir(c.keys(to), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = os.Chmod(path, 0o600)
		}
		return err
	})); err != nil {
		t.Fatal(err)
	}
	for _, path := range []*string{&c.cfg.DataDir, &c.cfg.Store.Path, &c.cfg.Blobs.Dir, &c.cfg.Blobs.Second.Dir, &c.cfg.Journal.Dir, &c.cfg.KeysDir} {
		*path = strings.Replace(*path, o.vault.Config.DataDir, to, 1)
	}
	if o.engine == store.PostgreSQL {
		c.database()
	}
	return c
}

// keys are where the server's keys are in a copy: CopyFS forgets who may read them.
func (o *original) keys(to string) string {
	return strings.Replace(o.vault.Config.KeysDir, o.vault.Config.DataDir, to, 1)
}

// database copies it on the server.
func (c *copied) database() {
	c.t.Helper()
	server := pgtest.Shared(c.t)
	url := string(c.original.vault.Config.Store.URL.Reveal())
	from := ""
	for _, part := range strings.FieldsFunc(url, func(r rune) bool { return strings.ContainsRune("/? &=", r) }) {
		if strings.HasPrefix(part, "test_") {
			from = part
		}
	}
	var b [8]byte
	rand.Read(b[:]) // never fails
	name := "test_" + hex.EncodeToString(b[:])
	if err := server.Create(c.t.Context(), name, from); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		if err := server.Drop(context.Background(), name); err != nil {
			c.t.Error(err)
		}
	})
	c.cfg.Store.URL = secret.Of([]byte(strings.Replace(url, from, name, 1)))
}

// plant changes rows as damage does: past the rules of the schema.
func (c *copied) plant(statements ...string) {
	c.t.Helper()
	db := c.connect(c.cfg)
	defer db.Close()
	free := []string{"DROP TRIGGER statements_stay", "DROP TRIGGER statements_keep_their_place", "DROP TRIGGER events_stay"}
	if c.engine == store.PostgreSQL {
		free = []string{"SET session_replication_role = replica"}
	}
	for _, s := range append(free, statements...) {
		if _, err := db.Exec(c.names.Replace(s)); err != nil {
			c.t.Fatalf("%s: %v", c.names.Replace(s), err)
		}
	}
}

func (c *copied) fsck(how app.FsckHow) *app.FsckReport {
	c.t.Helper()
	r, err := c.app(c.cfg).Fsck(c.t.Context(), how)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}
