package storetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io/fs"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/store"
)

// shelf holds the PostgreSQL databases that no test is using, by schema. Making
// one takes a fifth of a second, emptying one some milliseconds. What is on the
// shelf in the end goes with the cluster.
var shelf struct {
	sync.Mutex
	idle map[string][]string
}

// borrow lends the test an empty database until it ends.
func borrow(t *testing.T, schema fs.FS) (url string) {
	t.Helper()
	c := pgtest.Shared(t)
	kind := digest(t, schema)
	name := fromShelf(kind)
	if name == "" {
		name = postgresCopy(t, c, schema)
	}
	t.Cleanup(func() {
		if t.Failed() { // it may be in any state
			drop(t, c, name)
			return
		}
		if err := c.Exec(context.Background(), name, emptyAll); err != nil {
			t.Errorf("empty the database: %v", err)
			return
		}
		toShelf(kind, name)
	})
	return c.URL(name)
}

// emptyAll deletes every row of the schema, with triggers and references
// switched off: append-only tables are to be emptied, too.
const emptyAll = `DO $$
	DECLARE name text;
	BEGIN
		SET LOCAL session_replication_role = replica;
		FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'schema_migration' LOOP
			EXECUTE 'DELETE FROM ' || quote_ident(name);
		END LOOP;
	END $$`

func fromShelf(kind string) (name string) {
	shelf.Lock()
	defer shelf.Unlock()
	if n := len(shelf.idle[kind]); n > 0 {
		name = shelf.idle[kind][n-1]
		shelf.idle[kind] = shelf.idle[kind][:n-1]
	}
	return name
}

func toShelf(kind, name string) {
	shelf.Lock()
	defer shelf.Unlock()
	if shelf.idle == nil {
		shelf.idle = make(map[string][]string)
	}
	shelf.idle[kind] = append(shelf.idle[kind], name)
}

// postgresCopy makes a migrated database.
func postgresCopy(t testing.TB, c *pgtest.Cluster, schema fs.FS) (name string) {
	t.Helper()
	template := "template_" + digest(t, schema)
	err := c.Template(t.Context(), template, func(url string) error {
		cfg := config(store.PostgreSQL, schema)
		cfg.URL = url
		migrate(t, cfg)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var b [8]byte
	rand.Read(b[:]) // never fails
	name = "test_" + hex.EncodeToString(b[:])
	if err := c.Create(t.Context(), name, template); err != nil {
		t.Fatal(err)
	}
	return name
}

func drop(t testing.TB, c *pgtest.Cluster, name string) {
	t.Helper()
	if err := c.Drop(context.Background(), name); err != nil {
		t.Error(err)
	}
}
