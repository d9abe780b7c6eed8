package s3blob

import (
	"context"
	"fmt"
	"io"

	"github.com/minio/minio-go/v7"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, key id.ID, size int64, r io.Reader) error {
	if size < 0 {
		return fmt.Errorf("put object: %w", blob.ErrSize)
	}
	name, err := s.name(key)
	if err == nil {
		err = s.put(ctx, name, size, r)
	}
	if err != nil {
		return fmt.Errorf("put object: %w", err)
	}
	return nil
}

// put stores a stream, which can be sent only once: it is tried again only while
// nothing of it was taken.
func (s *Store) put(ctx context.Context, name string, size int64, r io.Reader) error {
	from, err := newExactly(r, size)
	if err != nil {
		return err
	}
	if err := s.free(ctx, name); err != nil {
		return err
	}
	for n := 1; ; n++ {
		err = s.send(ctx, name, size, from)
		if from.err != nil {
			return from.err
		}
		if err == nil || from.used || !neverArrived(err) || n == tries {
			return explain(ctx, err)
		}
		if err := pause(ctx, n); err != nil {
			return err
		}
	}
}

// send makes the one request of an object, or those of its parts.
func (s *Store) send(ctx context.Context, name string, size int64, from *exactly) error {
	if size > s.cfg.PartLimit {
		return s.sendParts(ctx, name, size, from)
	}
	ctx, patient := s.watch(ctx)
	defer patient.stop()
	b := &body{r: from, patient: patient}
	defer b.close()
	_, err := s.core.PutObject(ctx, s.cfg.Bucket, name, b, size, "", "", s.options())
	return err
}

// options are those of every new object. The transfer is vouched for by its
// checksum; hashing it for the signature, too, would cost most of its time.
func (s *Store) options() minio.PutObjectOptions {
	o := minio.PutObjectOptions{ServerSideEncryption: s.sse, DisableContentSha256: true}
	if s.writes.known() {
		o.SetMatchETagExcept("*")
	}
	return o
}
