package suite

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"syscall"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/bench/crowd"
	"github.com/relatingfield/vault/internal/bench/wire"
	"github.com/relatingfield/vault/internal/bench/yard"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/migrations"
)

// stage is a vault of its own, and how to take it down.
type stage struct {
	*daemontest.Daemon
	people *daemontest.People

	cfg    store.Config // of its database, for when it does not run
	settle func()
	drop   func() error
}

func engines() []store.Engine { return []store.Engine{store.SQLite, store.PostgreSQL} }

// stage founds a vault and starts it; set are further settings of it.
func (b *bench) stage(ctx context.Context, engine store.Engine, set ...string) (*stage, error) {
	name := b.fresh("vault")
	dir := filepath.Join(b.dir, name)
	cfg := daemontest.Config{Program: b.vault, Dir: dir, Set: append(set, "limits.testimonies_per_account=1000000", "limits.bytes_per_account=1 TiB")}
	s := &stage{settle: b.settle, drop: func() error { return os.RemoveAll(dir) }}
	s.cfg = store.Config{Engine: engine, Path: filepath.Join(dir, "vault.db"), Migrations: migrations.Files}
	if engine == store.PostgreSQL {
		if err := b.cluster.Create(ctx, name, ""); err != nil {
			return nil, err
		}
		cfg.URL = b.cluster.URL(name)
		s.cfg.Path, s.cfg.URL = "", cfg.URL
		s.drop = func() error {
			return errors.Join(os.RemoveAll(dir), b.cluster.Drop(context.WithoutCancel(ctx), name))
		}
	}
	var err error
	if s.Daemon, err = daemontest.New(cfg); err == nil {
		err = s.Start(ctx)
	}
	if err == nil {
		s.people, err = s.Meet(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.end(ctx))
	}
	return s, nil
}

// end stops the vault and removes it.
func (s *stage) end(ctx context.Context) error {
	var err error
	if s.Daemon != nil {
		err = s.Stop(context.WithoutCancel(ctx))
	}
	return errors.Join(err, s.drop())
}

// bare opens a database of bare rows of the same engine, on the same disk.
func (b *bench) bare(ctx context.Context, engine store.Engine) (*yard.Bare, error) {
	name := b.fresh("bare")
	cfg := store.Config{Engine: engine, Path: filepath.Join(b.dir, name+".db")}
	if engine == store.PostgreSQL {
		if err := b.cluster.Create(ctx, name, ""); err != nil {
			return nil, err
		}
		cfg.Path, cfg.URL = "", b.cluster.URL(name)
	}
	return yard.OpenBare(ctx, cfg)
}

// yardstick starts the yardstick's own server.
func (b *bench) yardstick() (*yard.Server, error) {
	return yard.StartServer(b.measurer, filepath.Join(b.dir, b.fresh("yard")), b.age.Recipient)
}

// settle lets the disk finish what came before, so that nobody pays for it. Where
// figures mean nothing there is nothing to wait for.
func (b *bench) settle() {
	if !b.Short {
		syscall.Sync()
	}
}

// file makes a file of n bytes that no disk can compress.
func (b *bench) file(name string, n int64) (path string, err error) {
	path = filepath.Join(b.dir, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, noise(n))
	return path, errors.Join(err, f.Sync(), f.Close())
}

// noise is n bytes that are the same in every run.
func noise(n int64) io.Reader { return io.LimitReader(mrand.NewChaCha8([32]byte{1}), n) }

// plainRequest is one that no person makes.
func plainRequest(pieces ...[]byte) crowd.Request { return crowd.Request{Pieces: pieces} }

// send does one request that must succeed.
func send(c *wire.Conn, r crowd.Request) (wire.Answer, error) {
	a, err := c.Do(r.Pieces...)
	if err != nil {
		return a, err
	}
	return a, a.OK()
}

// sendFile uploads the file behind a request's head; the request must succeed.
func sendFile(c *wire.Conn, head []byte, path string, n int64) (a wire.Answer, err error) {
	f, err := os.Open(path)
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if a, err = c.Upload(head, f, n); err != nil {
		return a, err
	}
	return a, a.OK()
}

// mbs is a speed in MB/s (10^6 bytes).
func mbs(n int64, seconds float64) float64 { return float64(n) / 1e6 / seconds }

// recipient is somebody to seal to.
func recipient() (string, error) {
	i, err := age.GenerateHybridIdentity()
	if err != nil {
		return "", fmt.Errorf("make a recipient: %w", err)
	}
	return i.Recipient().String(), nil
}

func randomBytes(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := rand.Read(b)
	return b, err
}
