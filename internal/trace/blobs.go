package trace

import (
	"context"
	"io"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

// Blobs is an object store whose operations are remembered by their kind. Of an open
// object the opening is timed and not the reading, which is as long as a reader's line
// is slow.
type Blobs struct{ blob.Store }

func begin(ctx context.Context, name string) (end func()) {
	r, _ := ctx.Value(key{}).(*Request)
	return r.part(name)
}

// Put implements blob.Store.
func (b Blobs) Put(ctx context.Context, key id.ID, size int64, r io.Reader) error {
	defer begin(ctx, "blob put")()
	return b.Store.Put(ctx, key, size, r)
}

// PutSome implements blob.Store.
func (b Blobs) PutSome(ctx context.Context, key id.ID, most int64, r io.Reader) (int64, error) {
	defer begin(ctx, "blob put")()
	return b.Store.PutSome(ctx, key, most, r)
}

// Open implements blob.Store.
func (b Blobs) Open(ctx context.Context, key id.ID) (blob.Object, error) {
	defer begin(ctx, "blob open")()
	return b.Store.Open(ctx, key)
}

// Delete implements blob.Store.
func (b Blobs) Delete(ctx context.Context, key id.ID) error {
	defer begin(ctx, "blob delete")()
	return b.Store.Delete(ctx, key)
}
