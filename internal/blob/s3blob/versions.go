package s3blob

import "context"

// KeepsVersions reports whether the server says that the bucket keeps what is
// deleted from it. A server that does not answer, or does not know versions, does
// not say so.
func (s *Store) KeepsVersions(ctx context.Context) bool {
	ctx, cancel := s.soon(ctx)
	defer cancel()
	v, err := s.core.GetBucketVersioning(ctx, s.cfg.Bucket)
	return err == nil && v.Status != "" // Enabled, or Suspended with what was kept before
}
