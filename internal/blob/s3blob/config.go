// Package s3blob keeps objects in a bucket of an S3 server.
package s3blob

import (
	"time"

	"github.com/relatingfield/vault/internal/secret"
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
	Scratch string // folder for what is on its way and has no known length; ciphertext only

	PartLimit int64         // bytes of one request, 5 MiB to 5 GiB; 0: 4 GiB
	Patience  time.Duration // how long the server may leave a request without progress; 0: a minute
}

// Encryption is what the server is asked to do with what it stores.
type Encryption string

// The kinds of server-side encryption.
const (
	NoEncryption Encryption = ""    // whatever the bucket does by itself
	S3Encryption Encryption = "s3"  // SSE-S3, with the server's key
	KMS          Encryption = "kms" // SSE-KMS, with a key of the server's key manager
)
