package pgtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Exec runs statements on a database of the cluster, each in a transaction of
// its own, over a connection of its own.
func (c *Cluster) Exec(ctx context.Context, database string, statements ...string) error {
	conn, err := pgx.Connect(ctx, c.URL(database))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// Create makes a database as a copy of template ("" for an empty one).
func (c *Cluster) Create(ctx context.Context, name, template string) error {
	if template == "" {
		template = "template0"
	}
	return c.Exec(ctx, "postgres", "CREATE DATABASE "+quote(name)+" TEMPLATE "+quote(template))
}

// Drop removes a database, cutting whoever is still connected to it.
func (c *Cluster) Drop(ctx context.Context, name string) error {
	return c.Exec(ctx, "postgres", "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
}

// Template makes the database name by fill, once for the whole cluster, also
// when several processes ask at the same time. It is a template: to be copied,
// not used.
func (c *Cluster) Template(ctx context.Context, name string, fill func(url string) error) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// The lock goes with the connection, so a process that dies here does not
	// keep it; what it leaves half made is under another name.
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return err
	}
	var n int
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM pg_database WHERE datname = $1", name).Scan(&n); err != nil || n > 0 {
		return err
	}
	raw := name + "_making"
	err = errors.Join(c.Drop(ctx, raw), c.Create(ctx, raw, ""))
	if err == nil {
		err = fill(c.URL(raw))
	}
	if err == nil {
		_, err = conn.Exec(ctx, "ALTER DATABASE "+quote(raw)+" RENAME TO "+quote(name))
	}
	return err
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// answers reports whether url names a server that speaks PostgreSQL.
func answers(ctx context.Context, url string) error {
	conn, err := pgconn.Connect(ctx, url)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}
