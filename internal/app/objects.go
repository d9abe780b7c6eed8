package app

import (
	"context"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/fsblob"
	"github.com/relatingfield/vault/internal/blob/s3blob"
	"github.com/relatingfield/vault/internal/config"
)

// openObjects opens where payloads lie and, if there is one, the place of second
// copies. A bucket is not asked now: a vault whose bucket is away for a while
// starts, says that it is not ready, and serves what lies in rows.
func (v *vault) openObjects() (err error) {
	b := v.cfg.Blobs
	if v.blobs, err = v.openKeeper(b.Engine, b.Dir, b.S3); err != nil {
		return err
	}
	if v.second, err = v.openKeeper(b.Second.Engine, b.Second.Dir, b.Second.S3); err != nil {
		return fmt.Errorf("second copies: %w", err)
	}
	return nil
}

// bucketPatience is how long a bucket may say nothing. It is tried a few times, and
// somebody waits for the answer.
const bucketPatience = 5 * time.Second

func (v *vault) openKeeper(engine config.Keeper, dir string, s3 config.S3) (blob.Store, error) {
	switch engine {
	case config.Folder:
		return fsblob.Open(dir, v.app.Now)
	case config.Bucket:
		return s3blob.Open(s3blob.Config{
			Endpoint: s3.Endpoint, Region: s3.Region, Bucket: s3.Bucket, Prefix: s3.Prefix, AccessKey: s3.AccessKey, SecretKey: s3.SecretKey,
			PathStyle: s3.PathStyle, Encryption: s3blob.Encryption(s3.SSE), KMSKey: s3.KMSKey, CAFile: s3.CAFile, Scratch: s3.Scratch,
			Patience: bucketPatience,
		}, s3blob.Deps{Now: v.app.Now, Rand: v.app.Rand})
	}
	return nil, nil
}

// askVersions bounds how long a start waits to hear whether buckets keep versions.
const askVersions = 5 * time.Second

// warnOfVersions tells the operator of a bucket that keeps what is deleted. It is
// no reason not to serve: what is erased stays without its key, as in a backup.
func (v *vault) warnOfVersions(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, askVersions)
	defer cancel()
	for _, s := range []blob.Store{v.blobs, v.second} {
		if bucket, ok := s.(*s3blob.Store); ok && bucket.KeepsVersions(ctx) {
			v.log.Warn("a bucket keeps versions: what is erased stays in it as ciphertext until its versions go; see docs/operate/objects.md")
		}
	}
}
