package payload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"syscall"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// File is an open payload. It holds one object open at a time. Close it.
type File struct {
	ctx      context.Context // of the request that reads: objects are opened as they are reached
	payloads *Payloads
	name     id.ID
	pieces   []Piece
	open     blob.Object
	at       int // the piece that is open
}

// Open opens a payload of so many bytes. One that is not there, because it was
// let go of, is blob.ErrNotFound; one of another length, or of which an object is
// missing, blob.ErrDamaged. The file is read under ctx.
func (p *Payloads) Open(ctx context.Context, payload id.ID, length int64) (*File, error) {
	var pieces []Piece
	err := p.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		pieces, err = Pieces(ctx, tx, payload)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open payload: %w", err)
	}
	if len(pieces) == 0 {
		return nil, fmt.Errorf("open payload: %w", blob.ErrNotFound)
	}
	f := &File{ctx: ctx, payloads: p, name: payload, pieces: pieces}
	if err := f.check(length); err != nil {
		return nil, fmt.Errorf("open payload: %w", err)
	}
	// What is missing altogether is better known before an answer begins.
	if err := f.reach(0); err != nil {
		return nil, fmt.Errorf("open payload: %w", err)
	}
	return f, nil
}

// object opens the object of piece i. One that is not there was let go of with the
// payload, or healed under another name since the file was opened, or it is damage.
func (f *File) object(i int) (blob.Object, error) {
	o, err := f.payloads.Blobs.Open(f.ctx, f.pieces[i].Blob)
	if !errors.Is(err, blob.ErrNotFound) {
		return o, err
	}
	var now []Piece
	e := f.payloads.DB.View(f.ctx, func(ctx context.Context, tx store.Tx) (err error) {
		now, err = Pieces(ctx, tx, f.name)
		return err
	})
	at := slices.IndexFunc(now, func(p Piece) bool { return p.From == f.pieces[i].From && p.Length == f.pieces[i].Length })
	switch {
	case e != nil || at < 0:
		return nil, errors.Join(e, err)
	case now[at].Blob != f.pieces[i].Blob:
		f.pieces[i] = now[at]
		return f.payloads.Blobs.Open(f.ctx, now[at].Blob)
	}
	return nil, fmt.Errorf("%w: the object at byte %d is missing", blob.ErrDamaged, f.pieces[i].From)
}

// Stands says whether all objects of a payload of so many bytes are there, at their
// length: blob.ErrDamaged where one is not. What they hold it does not read. A
// payload of no bytes has none.
func (p *Payloads) Stands(ctx context.Context, payload id.ID, length int64) error {
	if length == 0 {
		return nil
	}
	f, err := p.Open(ctx, payload, length)
	if err != nil {
		return err
	}
	defer f.Close()
	for i := range f.pieces {
		if err := f.reach(i); err != nil {
			return fmt.Errorf("look for the payload: %w", err)
		}
	}
	return nil
}

// check wants pieces without a gap, of the length that belongs there.
func (f *File) check(length int64) error {
	end := int64(0)
	for _, p := range f.pieces {
		if p.From != end || p.Length < 1 {
			return fmt.Errorf("%w: a piece begins at byte %d where %d comes next", blob.ErrDamaged, p.From, end)
		}
		end = p.End()
	}
	if end != length {
		return fmt.Errorf("%w: %d bytes are stored where %d belong", blob.ErrDamaged, end, length)
	}
	return nil
}

// Size is the length in bytes.
func (f *File) Size() int64 { return f.pieces[len(f.pieces)-1].End() }

// CopyRange copies the bytes from (included) to to (excluded), which lie within the
// file, to w, and says how many w took. A w that is an io.ReaderFrom gets the
// objects themselves, so that the kernel can copy their files.
func (f *File) CopyRange(w io.Writer, from, to int64) (done int64, err error) {
	for from < to {
		i := sort.Search(len(f.pieces), func(i int) bool { return f.pieces[i].End() > from })
		if i == len(f.pieces) {
			return done, fmt.Errorf("read payload: %w", io.ErrUnexpectedEOF)
		}
		n, err := f.copyPiece(w, i, from, min(to, f.pieces[i].End()))
		done += n
		from += n
		if err != nil {
			return done, fmt.Errorf("read payload: %w", err)
		}
	}
	return done, nil
}

func (f *File) copyPiece(w io.Writer, i int, from, to int64) (int64, error) {
	if err := f.reach(i); err != nil {
		return 0, err
	}
	if _, err := f.open.Seek(from-f.pieces[i].From, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := f.payloads.copy(w, f.open, to-from)
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: it ends early", blob.ErrDamaged)
	}
	return n, f.noted(i, err)
}

// copySize is what is read and written at a time where the kernel does not copy. Twice
// as much would save another tenth of the processor's time, and is held for each reader
// who takes it slowly.
const copySize = 64 << 10

// copy copies n bytes. What is no file passes through a buffer that is held while it
// is filled and written.
func (p *Payloads) copy(w io.Writer, o blob.Object, n int64) (int64, error) {
	if _, file := o.(syscall.Conn); file {
		return io.CopyN(w, o, n)
	}
	b, ok := p.buffers.Get().(*[copySize]byte)
	if !ok {
		b = new([copySize]byte)
	}
	defer p.buffers.Put(b)
	done, err := io.CopyBuffer(struct{ io.Writer }{w}, io.LimitReader(o, n), b[:])
	if err == nil && done < n {
		err = io.EOF
	}
	return done, err
}

// noted passes an error on, and tells of a piece that is not what was stored: a
// reader who comes again finds it healed, where that can be done.
func (f *File) noted(i int, err error) error {
	if err == nil || f.payloads.Suspect == nil {
		return err
	}
	if errors.Is(err, blob.ErrDamaged) || errors.Is(err, blob.ErrNotFound) {
		f.payloads.Suspect(f.pieces[i].Blob)
	}
	return err
}

// reach makes piece i the open one.
func (f *File) reach(i int) error {
	if f.open != nil && f.at == i {
		return nil
	}
	if err := f.Close(); err != nil {
		return err
	}
	o, err := f.object(i)
	if err != nil {
		return f.noted(i, err)
	}
	if o.Size() != f.pieces[i].Length {
		err := fmt.Errorf("%w: %d bytes are stored where %d belong", blob.ErrDamaged, o.Size(), f.pieces[i].Length)
		return errors.Join(f.noted(i, err), o.Close())
	}
	f.open, f.at = o, i
	return nil
}

// Close releases what is open.
func (f *File) Close() error {
	if f.open == nil {
		return nil
	}
	o := f.open
	f.open = nil
	return o.Close()
}
