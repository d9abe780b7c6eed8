package openrosa

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/openrosa/fieldform"
	"github.com/relatingfield/vault/internal/openrosa/parcel"
)

// small is what a file may have whose length is found out in memory, in bytes.
const small = 256 << 10

// measured is a file of known length. Close it.
type measured struct {
	io.Reader
	length int64
	close  func() error
}

// measure finds out how long a file is, because a container says so before its
// content. Phones of before 2025 say it; newer ones do not. What is small waits in
// memory. What is not is spooled: sealed under a key that only this call knows, into
// an object that nothing names, and deleted when it has been read. After a crash the
// key is gone and the object is swept.
func (i *Intake) measure(ctx context.Context, f *parcel.File) (*measured, error) {
	if f.Length >= 0 {
		return &measured{f, f.Length, func() error { return nil }}, fits(f.Length)
	}
	var head bytes.Buffer
	n, err := io.CopyN(&head, f, small+1)
	if errors.Is(err, io.EOF) {
		return &measured{&head, n, func() error { return nil }}, fits(n)
	}
	if err != nil {
		return nil, err
	}
	return i.spool(ctx, io.MultiReader(&head, f))
}

// fits says whether an encrypted file can have this length: whole blocks, since
// padding is always there.
func fits(n int64) error {
	if n < fieldform.BlockSize || n%fieldform.BlockSize != 0 {
		return fmt.Errorf("%w: a file has a length that no encrypted one has", ErrPlain)
	}
	return nil
}

func (i *Intake) spool(ctx context.Context, content io.Reader) (*measured, error) {
	name, err := i.id()
	if err != nil {
		return nil, err
	}
	key, err := envelope.NewFileKey(i.Rand)
	if err != nil {
		return nil, fmt.Errorf("spool file: %w", err)
	}
	nonce, err := envelope.NewNonce(i.Rand)
	if err != nil {
		return nil, fmt.Errorf("spool file: %w", err)
	}
	var sealed envelope.Sealed
	source := blob.NewSource(func(w io.Writer) (err error) {
		sealed, err = i.Trays.Vault.Crew.Seal(w, content, key, nonce)
		return err
	})
	_, err = i.Blobs.PutSome(ctx, name, envelope.PayloadSize(i.Limits.FileSize), source)
	if err := errors.Join(err, source.Close()); err != nil {
		return nil, fmt.Errorf("spool file: %w", err)
	}
	drop := func() error {
		key.Wipe()
		return i.Blobs.Delete(context.WithoutCancel(ctx), name)
	}
	m, err := i.unspool(ctx, name, key, sealed, drop)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("spool file: %w", err), drop())
	}
	return m, nil
}

// unspool reads back what was spooled. Each chunk proves that it is what was sealed,
// in its place.
func (i *Intake) unspool(ctx context.Context, name id.ID, key envelope.FileKey, sealed envelope.Sealed, drop func() error) (*measured, error) {
	object, err := i.Blobs.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	want := envelope.Binding{SHA256: sealed.SHA256, Commit: envelope.Commit(key, sealed.SHA256), Size: sealed.Size}
	plain, err := envelope.NewRangeReader(object, key, want)
	if err == nil {
		err = fits(plain.Size())
	}
	if err != nil {
		return nil, errors.Join(err, object.Close())
	}
	r := bufio.NewReaderSize(io.NewSectionReader(plain, 0, plain.Size()), envelope.ChunkSize)
	return &measured{r, plain.Size(), func() error { return errors.Join(object.Close(), drop()) }}, nil
}
