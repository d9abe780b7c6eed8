// Package s3blob keeps objects in a bucket of an S3 server.
//
// An object's name is the prefix and its key. Several processes may use one
// bucket. The server must know trailing checksums (x-amz-trailer, 2022); where it
// knows conditional writes (If-None-Match, 2024), no race overwrites an object,
// and where it does not, only a name that was there before is refused. Which it
// is, the store finds out with its first write.
//
// # Durability
//
// What the server acknowledges is as durable as the server: Put returns nil after
// its answer and never before. Every transfer carries a CRC-32C that the server
// compares, and an object that is read from its beginning to its end is compared
// with what the server remembers: blob.ErrDamaged, and its last bytes are held
// back. Ranges have no checksum of their own in S3.
//
// # Memory and disk
//
// A Put streams: it holds some hundred kilobytes whatever the size, and one request
// at a time. What is larger than Config.PartLimit goes in parts of that size, each
// streamed; parts of a Put that fails are dropped at once, those of a crash when
// List comes by a week later. A PutSome holds 32 KiB; what is longer waits in an
// unlinked file in the scratch folder, which is as large as what has come, and is
// ciphertext like everything that comes here.
//
// # Outages
//
// A server that does not answer is asked a few times more, within seconds, where
// that cannot do harm; then it is blob.ErrUnavailable. A server that stops in the
// middle is given Config.Patience, while a slow source has as long as its context.
// No error says where the server is, or names a bucket or an object: the texts
// reach logs.
package s3blob

import (
	"fmt"
	"os"
	"sync"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/encrypt"

	"github.com/relatingfield/vault/internal/id"
)

// Store is a prefix of a bucket.
type Store struct {
	cfg     Config
	deps    Deps
	core    minio.Core
	sse     encrypt.ServerSide // nil: none asked for
	buffers sync.Pool          // of *[bufferSize]byte
	writes  conditional
}

// Open prepares a store and its scratch folder. It does not ask the server: that
// one may be down now and there when it is needed.
func Open(cfg Config, deps Deps) (*Store, error) {
	s, err := open(cfg, deps)
	if err != nil {
		return nil, fmt.Errorf("open s3 object store: %w", err)
	}
	return s, nil
}

func open(cfg Config, deps Deps) (*Store, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	host, secure, err := cfg.address()
	if err != nil {
		return nil, err
	}
	transport, err := newTransport(cfg.CAFile)
	if err != nil {
		return nil, err
	}
	core, err := minio.NewCore(host, &minio.Options{
		Creds:  credentials.NewStaticV4(cfg.AccessKey, string(cfg.SecretKey.Reveal()), ""),
		Secure: secure, Region: cfg.Region, BucketLookup: lookup(cfg.PathStyle),
		Transport: transport, TrailingHeaders: true, MaxRetries: tries,
	})
	if err != nil {
		return nil, errConfig
	}
	s := &Store{cfg: cfg, deps: deps, core: *core}
	s.buffers.New = func() any { return new([bufferSize]byte) }
	if s.sse, err = serverSide(cfg); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Scratch, 0o700); err != nil {
		return nil, err
	}
	return s, s.sweepScratch()
}

func lookup(pathStyle bool) minio.BucketLookupType {
	if pathStyle {
		return minio.BucketLookupPath
	}
	return minio.BucketLookupDNS
}

func serverSide(cfg Config) (encrypt.ServerSide, error) {
	switch cfg.Encryption {
	case "", NoEncryption:
		return nil, nil
	case S3Encryption:
		return encrypt.NewSSE(), nil
	case KMS:
		return encrypt.NewSSEKMS(cfg.KMSKey, nil)
	}
	return nil, fmt.Errorf("there is no server-side encryption %q", cfg.Encryption)
}

// name is the name of an object. It keeps anything that is not a key out of it.
func (s *Store) name(key id.ID) (string, error) {
	if _, err := id.Parse(string(key)); err != nil {
		return "", fmt.Errorf("object key: %w", err)
	}
	return s.cfg.Prefix + string(key), nil
}
