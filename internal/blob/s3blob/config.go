package s3blob

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/secret"
)

// Limits of Amazon's that others share or are more generous with
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html).
const (
	minPart = 5 << 20
	maxPart = 5 << 30
)

// What holds where Config says nothing.
const (
	defaultPart     = 4 << 30
	defaultPatience = time.Minute
)

// Config says where the objects lie and how they get there.
type Config struct {
	Endpoint  string       // scheme, host and port: https://s3.example
	Region    string       // as the server calls it; us-east-1 where it has none
	Bucket    string       // exists already
	Prefix    string       // begins every object's name; empty or ending with a slash
	AccessKey string       // who asks
	SecretKey secret.Bytes // signs each request
	PathStyle bool         // the bucket is in the path, not in the host's name

	Encryption Encryption // what the server is asked to do besides; no substitute for sealing
	KMSKey     string     // of KMS; empty: the bucket's own

	CAFile  string // PEM of who may vouch for the server; empty: whom the system trusts
	Scratch string // folder for what comes without a known length; ciphertext only

	PartLimit int64         // bytes of one request, 5 MiB to 5 GiB; 0: 4 GiB
	Patience  time.Duration // how long the server may leave a request without progress; 0: a minute
}

// Encryption is what the server is asked to do with what it stores.
type Encryption string

// The kinds of server-side encryption.
const (
	NoEncryption Encryption = "none" // whatever the bucket does by itself
	S3Encryption Encryption = "s3"   // SSE-S3, with the server's key
	KMS          Encryption = "kms"  // SSE-KMS, with a key of the server's key manager
)

// Deps are what a store takes from whoever makes it.
type Deps struct {
	Now  func() time.Time
	Rand io.Reader // cryptographically secure
}

// address gives host and scheme. Its errors do not repeat the endpoint.
func (c Config) address() (host string, secure bool, err error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
		return "", false, errors.New("the endpoint is not an address: write it like https://s3.example")
	}
	return u.Host, u.Scheme == "https", nil
}

// check refuses what no server could be asked, and fills in what is not said.
func (c *Config) check() error {
	if c.PartLimit == 0 {
		c.PartLimit = defaultPart
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	switch {
	case c.Bucket == "" || c.Region == "" || c.Scratch == "":
		return errors.New("bucket, region and scratch folder are needed")
	case c.Prefix != "" && !strings.HasSuffix(c.Prefix, "/"):
		return errors.New("the prefix does not end with a slash")
	case c.PartLimit < minPart || c.PartLimit > maxPart:
		return fmt.Errorf("a request of %d bytes: the limit is %d to %d", c.PartLimit, int64(minPart), int64(maxPart))
	}
	return nil
}
