package s3blob_test

import (
	"testing"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/s3test"
)

func TestStore(t *testing.T) {
	server := s3test.New(t)
	blobtest.Run(t, func(t *testing.T) blob.Store { return server.Open(t) })
}
