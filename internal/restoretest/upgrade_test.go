package restoretest_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/drill"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/migrations"
)

// A vault that people have used, as each schema since the first could hold it, is
// brought up to date on both engines, and every chain in it verifies to its head.
func TestAVaultOfEverySchemaVerifiesAfterTheUpgrade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	for _, what := range []string{"kept", "revoked", "erased"} {
		w.tell(what)
	}
	w.revokes("revoked")
	w.must(w.her.Erase(t.Context(), w.readers["erased"].testimony))
	w.node.Stop()
	whole := w.rows()
	cluster := pgtest.Shared(t)
	names, err := fs.Glob(migrations.Files, "sqlite/*.sql")
	w.must(err)
	for i := range names {
		names[i] = strings.TrimSuffix(path.Base(names[i]), ".sql")
	}
	for n := range names {
		lite := store.Config{Engine: store.SQLite, Path: filepath.Join(t.TempDir(), "vault.db")}
		w.upgrades(lite, names[:n+1], whole)
		name := fmt.Sprintf("of_schema_%d_%d", n+1, time.Now().UnixNano())
		w.must(cluster.Create(t.Context(), name, ""))
		w.upgrades(store.Config{Engine: store.PostgreSQL, URL: cluster.URL(name), MaxConns: 2}, names[:n+1], whole)
		w.must(cluster.Drop(t.Context(), name))
	}
}

// rows are all of the vault's, by table.
func (w *world) rows() map[string][]map[string]any {
	w.t.Helper()
	out := map[string][]map[string]any{}
	from := store.Config{Engine: store.SQLite, Path: filepath.Join(w.vault.Data, "vault.db"), Migrations: migrations.Files}
	w.must(store.Copy(w.t.Context(), from, quiet(), func(ctx context.Context, all *store.Whole) error {
		for _, t := range all.Tables {
			err := all.Rows(ctx, t, func(row []any) error {
				named := map[string]any{}
				for i, c := range t.Columns {
					named[c] = row[i]
				}
				out[t.Name] = append(out[t.Name], named)
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return out
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// upgrades puts what a schema has columns for into it, brings it up to date and looks
// at it as a drill does.
func (w *world) upgrades(cfg store.Config, names []string, whole map[string][]map[string]any) {
	w.t.Helper()
	cfg.Migrations, cfg.Volatile = migrations.Files, true
	w.must(store.Fill(w.t.Context(), cfg, quiet(), names, func(ctx context.Context, to *store.Filling) error {
		for _, t := range to.Tables {
			for _, row := range whole[t.Name] {
				var values []any
				for _, c := range t.Columns {
					values = append(values, row[c])
				}
				if err := to.Put(ctx, t, [][]any{values}); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	cfg.AutoMigrate = true
	db, err := store.Open(w.t.Context(), cfg, quiet())
	w.must(err)
	var found drill.Found
	look := drill.Look{DB: db, Ledger: &ledger.Ledger{Vault: w.vault.ID.String(), Now: time.Now}, Vault: w.vault.ID.String()}
	w.must(look.Chains(w.t.Context(), &found))
	w.must(db.Close())
	if len(found.Faults) > 0 || found.Accounts < 5 || found.Statements < 15 {
		w.t.Errorf("%s, from schema %s: %+v", cfg.Engine, names[len(names)-1], found)
	}
}
