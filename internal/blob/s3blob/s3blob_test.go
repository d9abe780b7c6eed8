package s3blob_test

import (
	"crypto/rand"
	"testing"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/blob/s3blob"
	"github.com/relatingfield/vault/internal/s3test"
)

// open opens a store after change has had its say about the settings.
func open(t testing.TB, server *s3test.Server, change func(*s3blob.Config)) *s3blob.Store {
	t.Helper()
	cfg := server.Config(rand.Text()+"/", t.TempDir())
	change(&cfg)
	s, err := s3blob.Open(cfg, s3test.Deps())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	server := s3test.New(t)
	blobtest.Run(t, func(t *testing.T) blob.Store { return server.Open(t) })
}

// What takes several requests keeps the same contract.
func TestStoreInParts(t *testing.T) {
	server := s3test.New(t)
	blobtest.Run(t, func(t *testing.T) blob.Store {
		return open(t, server, func(c *s3blob.Config) { c.PartLimit = 5 << 20 })
	})
}

func TestPlace(t *testing.T) {
	t.Parallel() // it waits, mostly
	server := s3test.New(t)
	blobtest.RunPlace(t, func(t *testing.T) blobtest.Place {
		prefix := rand.Text() + "/"
		return blobtest.Place{
			Open: func(t *testing.T) blob.Store { return open(t, server, func(c *s3blob.Config) { c.Prefix = prefix }) },
			Down: func(t *testing.T) {
				if err := server.Kill(); err != nil {
					t.Fatal(err)
				}
			},
			Up: func(t *testing.T) {
				if err := server.Restart(t.Context()); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}
