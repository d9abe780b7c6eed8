package app_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/serverkeys"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/migrations"
)

// Whoever asks for it is not migrated without a backup of the schema before, and is told
// which one leads back.
func TestAnUpgradeKeepsAWayBack(t *testing.T) {
	a := fresh(t)
	who, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	a.Config.Backups.Dir, a.Config.Backups.Recipients = t.TempDir(), []string{who.Recipient().String()}
	before := older(t, a)
	if err := a.KeepsAWayBack(t.Context()); !errors.Is(err, app.ErrNoWayBack) {
		t.Errorf("without a backup: %v", err)
	}
	if _, err := serverkeys.Open(a.Config.KeysDir, rand.Reader, nil); err != nil {
		t.Fatal(err)
	}
	made, _, err := a.Backup(t.Context(), func(string) {})
	if err != nil || made.Schema != before {
		t.Fatalf("a backup of schema %q, %v; want %q", made.Schema, err, before)
	}
	if err := a.KeepsAWayBack(t.Context()); err != nil {
		t.Errorf("with a backup: %v", err)
	}
	m, err := a.Migrate(t.Context())
	if err != nil || m.From != before || m.To == before || a.WayBack(m.From) != made.Name {
		t.Errorf("%+v, %v, back by %q", m, err, a.WayBack(m.From))
	}
}

// older makes a founded database of the schema before the newest, and names it.
func older(t *testing.T, a *app.App) string {
	t.Helper()
	names, err := fs.Glob(migrations.Files, "sqlite/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i := range names {
		names[i] = strings.TrimSuffix(path.Base(names[i]), ".sql")
	}
	names = names[:len(names)-1]
	cfg := store.Config{Engine: store.SQLite, Path: a.Config.Store.Path, Migrations: migrations.Files, Volatile: true}
	err = store.Fill(t.Context(), cfg, slog.New(slog.DiscardHandler), names, func(ctx context.Context, to *store.Filling) error {
		i := slices.IndexFunc(to.Tables, func(t store.Table) bool { return t.Name == "rosters" })
		row := map[string]any{"seq": int64(0), "document": []byte("a roster")}
		sum := sha256.Sum256([]byte("a roster"))
		row["sha256"] = sum[:]
		var values []any
		for _, c := range to.Tables[i].Columns {
			values = append(values, row[c])
		}
		return to.Put(ctx, to.Tables[i], [][]any{values})
	})
	if err != nil {
		t.Fatal(err)
	}
	return names[len(names)-1]
}
