package fixity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

// want is what a piece must be. What is empty is not known, and not compared.
type want struct {
	length int64
	before []byte // state of SHA-256 where it begins; nil: it is the beginning
	after  []byte // state of SHA-256 where it ends
	whole  []byte // SHA-256 of the payload that ends with it
}

// known tells whether its bytes can be judged, not only its length.
func (w want) known() bool { return len(w.after) > 0 || len(w.whole) > 0 }

// begin is a hash that has seen everything before the piece.
func (w want) begin() (hash.Hash, error) {
	h := sha256.New()
	if len(w.before) == 0 {
		return h, nil
	}
	u, ok := h.(encoding.BinaryUnmarshaler)
	if !ok {
		return nil, errors.New("this SHA-256 cannot be taken up again")
	}
	if err := u.UnmarshalBinary(w.before); err != nil {
		return nil, fmt.Errorf("take up a digest: %w", err)
	}
	return h, nil
}

// right tells whether a hash that has seen the piece is the one it must be.
func (w want) right(h hash.Hash) (bool, error) {
	if len(w.after) > 0 {
		m, ok := h.(encoding.BinaryMarshaler)
		if !ok {
			return false, errors.New("this SHA-256 cannot be put down")
		}
		state, err := m.MarshalBinary()
		if err != nil || !bytes.Equal(state, w.after) {
			return false, err
		}
	}
	return len(w.whole) == 0 || bytes.Equal(h.Sum(nil), w.whole), nil
}

// verified reads an object and ends with io.EOF only if it was what it must be, so
// that nothing else can be stored from it. found says what it was, after that.
type verified struct {
	ctx   context.Context
	from  blob.Object
	wait  func(ctx context.Context, n int) error // keeps the pace
	want  want
	hash  hash.Hash
	done  int64
	found Kind  // empty until the end
	err   error // of the object, where it could not be read to its end
}

// errUnlike ends the reading of an object that is not what it must be.
var errUnlike = fmt.Errorf("%w: another digest", blob.ErrDamaged)

// Read implements io.Reader.
func (v *verified) Read(p []byte) (int, error) {
	if err := v.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := v.from.Read(p[:min(len(p), readSize)])
	v.hash.Write(p[:n])
	v.done += int64(n)
	if e := v.wait(v.ctx, n); e != nil {
		return n, e
	}
	if !errors.Is(err, io.EOF) {
		v.err = err
		return n, err
	}
	return n, v.end()
}

// readSize is how much is read between two looks at the pace.
const readSize = 256 << 10

func (v *verified) end() error {
	right, err := v.want.right(v.hash)
	if err != nil {
		return err
	}
	switch {
	case v.done < v.want.length:
		v.found = Short
	case v.done > v.want.length:
		v.found = Long
	case !right:
		v.found = Damaged
	default:
		v.found = Intact
		return io.EOF
	}
	return errUnlike
}

// open opens an object to be read and verified. Where that can be said already, it
// says what is wrong with it instead. An error says nothing of the object.
func (f *Fixity) open(ctx context.Context, blobs blob.Store, object id.ID, w want, wait func(context.Context, int) error) (*verified, Kind, error) {
	h, err := w.begin()
	if err != nil {
		return nil, "", err
	}
	o, err := blobs.Open(ctx, object)
	if err != nil {
		k, err := kindOf(err)
		return nil, k, err
	}
	if size := o.Size(); size != w.length {
		k := Short
		if size > w.length {
			k = Long
		}
		return nil, k, o.Close()
	}
	return &verified{ctx: ctx, from: o, wait: wait, want: w, hash: h}, "", nil
}

// kindOf tells what an error of a store says of an object, or gives it back where it
// says something of the store.
func kindOf(err error) (Kind, error) {
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return Missing, nil
	case errors.Is(err, blob.ErrDamaged):
		return Damaged, nil
	}
	return "", err
}

// examine reads an object to its end and says what it is.
func (f *Fixity) examine(ctx context.Context, blobs blob.Store, object id.ID, w want, wait func(context.Context, int) error) (Kind, error) {
	v, k, err := f.open(ctx, blobs, object, w, wait)
	if err != nil || k != "" {
		return k, err
	}
	_, err = io.CopyBuffer(writerOnly{}, v, make([]byte, readSize))
	err = errors.Join(err, v.from.Close())
	if v.found != "" {
		return v.found, nil
	}
	return kindOf(err)
}

// writerOnly takes everything. It is no io.ReaderFrom, so that the buffer is used.
type writerOnly struct{}

// Write takes p.
func (writerOnly) Write(p []byte) (int, error) { return len(p), nil }
