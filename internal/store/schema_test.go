package store_test

import (
	"context"
	"testing/fstest"

	"github.com/relatingfield/vault/internal/store"
)

// schema is a small one with every kind of rule that errors are told from.
func schema() fstest.MapFS {
	const sqlite = `
		CREATE TABLE owners (id TEXT NOT NULL PRIMARY KEY) STRICT;
		CREATE TABLE items (
			id TEXT NOT NULL PRIMARY KEY,
			owner TEXT NOT NULL REFERENCES owners (id),
			n INTEGER NOT NULL CHECK (n >= 0),
			body BLOB
		) STRICT;
		CREATE TABLE late (owner TEXT NOT NULL PRIMARY KEY REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED) STRICT;
		CREATE TRIGGER items_stay BEFORE DELETE ON items WHEN old.n = 7
		BEGIN SELECT RAISE(ABORT, 'this one stays'); END;`
	const postgres = `
		CREATE TABLE owners (id TEXT COLLATE "C" NOT NULL PRIMARY KEY);
		CREATE TABLE items (
			id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
			owner TEXT COLLATE "C" NOT NULL REFERENCES owners (id),
			n BIGINT NOT NULL CHECK (n >= 0),
			body BYTEA
		);
		CREATE TABLE late (owner TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED);
		CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION 'this one stays'; END $$;
		CREATE TRIGGER items_stay BEFORE DELETE ON items FOR EACH ROW WHEN (old.n = 7) EXECUTE FUNCTION stay();`
	return files("0001_items", sqlite, postgres)
}

// files makes a schema of one migration.
func files(name, sqlite, postgres string) fstest.MapFS {
	return fstest.MapFS{
		"sqlite/" + name + ".sql":   {Data: []byte(sqlite)},
		"postgres/" + name + ".sql": {Data: []byte(postgres)},
	}
}

// owner is a closure that adds an owner.
func owner(id string) store.Work {
	return func(ctx context.Context, tx store.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO owners (id) VALUES ($1)", id)
		return err
	}
}
