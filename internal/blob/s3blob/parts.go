package s3blob

import (
	"context"
	"errors"
	"hash"
	"io"
	"net/http"

	"github.com/minio/minio-go/v7"
)

// The headers of a checksum over the whole of an object in parts.
const (
	checksumAlgorithm = "x-amz-checksum-algorithm"
	checksumType      = "x-amz-checksum-type"
	checksum          = "X-Amz-Checksum-Crc32c"
	crc32C            = "CRC32C"
	fullObject        = "FULL_OBJECT"
)

// sendParts stores what is too large for one request, one part after the other.
// Until the last request nothing is there; a failure drops what was sent.
func (s *Store) sendParts(ctx context.Context, name string, size int64, from *exactly) (err error) {
	from.sum = newSum()
	options := s.options()
	options.UserMetadata = map[string]string{checksumAlgorithm: crc32C, checksumType: fullObject}
	upload, err := s.beginParts(ctx, name, options)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			// Also after the caller has gone. What stays is swept by List.
			_ = s.abort(context.WithoutCancel(ctx), name, upload)
		}
	}()
	var parts []minio.CompletePart
	for sent := int64(0); sent < size; sent += s.cfg.PartLimit {
		part, err := s.sendPart(ctx, name, upload, len(parts)+1, min(s.cfg.PartLimit, size-sent), from)
		if err != nil {
			return err
		}
		parts = append(parts, part)
	}
	options.ServerSideEncryption = nil // it was said at the beginning
	options.UserMetadata = map[string]string{checksum: spell(from.sum.Sum32()), checksumType: fullObject}
	ctx, cancel := context.WithTimeoutCause(ctx, finishing*s.cfg.Patience, errStalled)
	defer cancel()
	_, err = s.core.CompleteMultipartUpload(ctx, s.cfg.Bucket, name, upload, parts, options)
	return err
}

func (s *Store) beginParts(ctx context.Context, name string, options minio.PutObjectOptions) (string, error) {
	ctx, cancel := s.soon(ctx)
	defer cancel()
	return s.core.NewMultipartUpload(ctx, s.cfg.Bucket, name, options)
}

func (s *Store) sendPart(ctx context.Context, name, upload string, n int, size int64, from *exactly) (minio.CompletePart, error) {
	ctx, patient := s.watch(ctx)
	defer patient.stop()
	// The placeholder is as long as the checksum that takes its place.
	part := &summed{r: io.LimitReader(from, size), sum: newSum(), trailer: http.Header{checksum: {spell(0)}}}
	b := &body{r: part, patient: patient}
	defer b.close()
	done, err := s.core.PutObjectPart(ctx, s.cfg.Bucket, name, upload, n, b, size,
		minio.PutObjectPartOptions{DisableContentSha256: true, Trailer: part.trailer})
	return minio.CompletePart{PartNumber: n, ETag: done.ETag, ChecksumCRC32C: done.ChecksumCRC32C}, err
}

// summed sends the checksum of what it read behind it.
type summed struct {
	r       io.Reader
	sum     hash.Hash32
	trailer http.Header
}

// Read implements io.Reader.
func (s *summed) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.sum.Write(p[:n])
	if errors.Is(err, io.EOF) {
		s.trailer.Set(checksum, spell(s.sum.Sum32()))
	}
	return n, err
}

func (s *Store) abort(ctx context.Context, name, upload string) error {
	ctx, cancel := s.soon(ctx)
	defer cancel()
	return explain(ctx, s.core.AbortMultipartUpload(ctx, s.cfg.Bucket, name, upload))
}
