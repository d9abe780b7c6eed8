// Package s3test gives tests a real S3 server that is theirs alone.
//
// It promises versitygw over a folder, on a port of 127.0.0.1, with keys drawn
// for it and a bucket in it; that the server keeps its port and what it stored
// when it is killed and started again, so that clients go on as after an outage;
// and that no server outlives the process that started it (on Linux).
//
// It does not make what the server acknowledges durable through a crash of the
// machine, and it is for tests and measurements only.
package s3test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/relatingfield/vault/internal/blob/s3blob"
	"github.com/relatingfield/vault/internal/realserver"
	"github.com/relatingfield/vault/internal/secret"
)

// Bucket is the bucket that every server has.
const Bucket = "objects"

// Region is where every server says that it is.
const Region = "us-east-1"

// Server is an S3 server that runs, or may be started again.
type Server struct {
	dir            string
	addr           string
	access, secret string
	run            *running // nil: it does not run
}

// New starts a server for one test and ends it with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s, err := Start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Kill(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Start starts a server over the folder dir and returns once it answers. Kill ends
// it; so does the end of this process.
func Start(ctx context.Context, dir string) (*Server, error) {
	s := &Server{dir: dir, access: rand.Text(), secret: rand.Text()}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start an s3 server: %w", err)
	}
	s.addr = l.Addr().String()
	err = errors.Join(l.Close(), os.MkdirAll(s.Files(), 0o700), os.MkdirAll(s.sidecar(), 0o700))
	if err == nil {
		err = s.Restart(ctx)
	}
	if err == nil {
		err = s.MakeBucket(ctx, Bucket)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start an s3 server: %w", err), s.Kill())
	}
	return s, nil
}

// Restart starts a server that does not run, at its old address over its old
// folder, and returns once it answers.
func (s *Server) Restart(ctx context.Context) error {
	if s.run != nil {
		return errors.New("the s3 server runs already")
	}
	program, err := realserver.Build(realserver.S3)
	if err != nil {
		return err
	}
	if s.run, err = s.launch(program); err != nil {
		return err
	}
	if err := s.run.ready(ctx, s.addr); err != nil {
		return errors.Join(err, s.Kill())
	}
	return nil
}

// Kill ends the server as a crash would. It may be repeated.
func (s *Server) Kill() error {
	if s.run == nil {
		return nil
	}
	r := s.run
	s.run = nil
	return r.kill()
}

// Addr is host:port, for a proxy that is to stand before the server.
func (s *Server) Addr() string { return s.addr }

// Endpoint is what clients are told.
func (s *Server) Endpoint() string { return "http://" + s.addr }

// Files is where the server keeps buckets as folders and objects as files: for
// tests that look for traces, or spoil what is stored.
func (s *Server) Files() string { return filepath.Join(s.dir, "files") }

// sidecar is where it keeps what it knows about them where files have no
// attributes.
func (s *Server) sidecar() string { return filepath.Join(s.dir, "sidecar") }

// Keys are the access key and the secret key.
func (s *Server) Keys() (access, secretKey string) { return s.access, s.secret }

// Config is a store in Bucket under a prefix, with scratch as its scratch folder.
func (s *Server) Config(prefix, scratch string) s3blob.Config {
	return s3blob.Config{
		Endpoint: s.Endpoint(), Region: Region, Bucket: Bucket, Prefix: prefix, PathStyle: true,
		AccessKey: s.access, SecretKey: secret.Copy([]byte(s.secret)), Scratch: scratch,
	}
}

// Open opens a store in Bucket under a prefix of its own, with a scratch folder of
// its own.
func (s *Server) Open(t testing.TB) *s3blob.Store {
	t.Helper()
	store, err := s3blob.Open(s.Config(rand.Text()+"/", t.TempDir()), Deps())
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// Deps are those of a store in a test: the machine's clock and randomness.
func Deps() s3blob.Deps { return s3blob.Deps{Now: time.Now, Rand: rand.Reader} }

// Client is a plain client of the server.
func (s *Server) Client() (*minio.Client, error) {
	return minio.New(s.addr, &minio.Options{
		Creds: credentials.NewStaticV4(s.access, s.secret, ""), Region: Region, BucketLookup: minio.BucketLookupPath,
	})
}

// MakeBucket makes another bucket.
func (s *Server) MakeBucket(ctx context.Context, name string) error {
	c, err := s.Client()
	if err != nil {
		return err
	}
	if err := c.MakeBucket(ctx, name, minio.MakeBucketOptions{Region: Region}); err != nil {
		return fmt.Errorf("make a bucket: %w", err)
	}
	return nil
}
