package s3test_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/minio/minio-go/v7"

	"github.com/relatingfield/vault/internal/s3test"
)

// What was stored is there after the server was killed and started again, at the
// address that clients know.
func TestAServerComesBackWithWhatItStored(t *testing.T) {
	s := s3test.New(t)
	c, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	want := []byte("ciphertext")
	if _, err := c.PutObject(t.Context(), s3test.Bucket, "a", bytes.NewReader(want), int64(len(want)), minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	o, err := c.GetObject(t.Context(), s3test.Bucket, "a", minio.GetObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%q came back, %v", got, err)
	}
}
