package s3blob

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

const (
	day = 24 * time.Hour
	// staleAfter is when an upload in parts is nobody's any more. No Put lasts that
	// long: the slowest line that is served is far faster.
	staleAfter = 7 * day
	// page is what one request lists.
	page = 1000
)

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, key id.ID) error {
	name, err := s.name(key)
	if err == nil {
		err = s.remove(ctx, name)
	}
	if err != nil {
		return fmt.Errorf("delete object: %w", err)
	}
	return nil
}

func (s *Store) remove(ctx context.Context, name string) error {
	within, cancel := s.soon(ctx)
	defer cancel()
	err := explain(ctx, s.core.RemoveObject(within, s.cfg.Bucket, name, minio.RemoveObjectOptions{}))
	if errors.Is(err, blob.ErrNotFound) {
		return nil
	}
	return err
}

// List implements blob.Store. It also drops parts that a crash left a week ago.
func (s *Store) List(ctx context.Context, f func(blob.Entry) error) error {
	if err := s.list(ctx, f); err != nil {
		return fmt.Errorf("list objects: %w", err)
	}
	if err := s.sweepParts(ctx); err != nil {
		return fmt.Errorf("list unfinished objects: %w", err)
	}
	return nil
}

func (s *Store) list(ctx context.Context, f func(blob.Entry) error) error {
	watched, patient := s.watch(ctx)
	defer patient.stop()
	for info := range s.core.ListObjectsIter(watched, s.cfg.Bucket, minio.ListObjectsOptions{Prefix: s.cfg.Prefix, MaxKeys: page}) {
		patient.rest()
		if info.Err != nil {
			return explain(ctx, info.Err)
		}
		if err := s.tell(info, f); err != nil {
			return err
		}
		patient.run()
	}
	if errors.Is(context.Cause(watched), errStalled) {
		return fmt.Errorf("%w: %w", blob.ErrUnavailable, errStalled)
	}
	return ctx.Err()
}

// tell reads an entry. What lies deeper is not this store's, nor is the empty
// object by which some programs show a folder.
func (s *Store) tell(info minio.ObjectInfo, f func(blob.Entry) error) error {
	name := strings.TrimPrefix(info.Key, s.cfg.Prefix)
	if name == "" || strings.HasSuffix(name, "/") {
		return nil
	}
	key, err := id.Parse(name)
	if err != nil {
		return errors.New("something that is no object of the vault lies among them: give the vault a bucket or a prefix of its own")
	}
	return f(blob.Entry{Key: key, Size: info.Size, Day: info.LastModified.UTC().Truncate(day).Unix()})
}

// sweepParts drops uploads in parts that nobody can be at any more.
func (s *Store) sweepParts(ctx context.Context) error {
	before := s.deps.Now().Add(-staleAfter)
	key, upload := "", ""
	for {
		within, cancel := s.soon(ctx)
		found, err := s.core.ListMultipartUploads(within, s.cfg.Bucket, s.cfg.Prefix, key, upload, "", page)
		cancel()
		if unknown(err) {
			return nil // then it has none
		}
		if err != nil {
			return explain(ctx, err)
		}
		for _, u := range found.Uploads {
			if u.Initiated.Before(before) {
				if err := s.abort(ctx, u.Key, u.UploadID); err != nil {
					return err
				}
			}
		}
		if !found.IsTruncated || found.NextKeyMarker == key && found.NextUploadIDMarker == upload {
			return nil
		}
		key, upload = found.NextKeyMarker, found.NextUploadIDMarker
	}
}
