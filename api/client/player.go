package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
)

// Player gives the content of a part at any place, for a player that seeks: it
// fetches the ranges that are read and a little more, and what is read in order comes
// in one answer of the vault. It keeps two MiB of ciphertext in memory, and writes
// nothing to a disk, so it is also for parts that may only be looked at.
//
// What it proves is less than Open and the Save functions do. Every byte that it
// gives was sealed under the key that was signed for, at that place of a content of
// that length. It has not seen all of the payload, so it cannot tell what she sealed
// from what another reader of the same part sealed, if that reader also controls what
// is served. Watch with it. Quote, keep and forward only what was saved.
//
// It is safe for concurrent use; reads are put one after the other.
type Player struct {
	Info     PartInfo
	Received *Received // the grant; nil for a part of her own

	mu      sync.Mutex
	places  *places
	content *io.SectionReader
	stop    context.CancelFunc
}

var errPlayerClosed = errors.New("the player is closed")

// Play opens a granted part for playing. It is an opening like any other: she sees
// it before the first byte leaves the vault. It ends with ctx, with the grant
// (ErrTakenBack), and when she locks the part anew (ErrChanged). Close it.
func (c *Client) Play(ctx context.Context, grant api.ID, n int64) (*Player, error) {
	var p *Player
	var r *Received
	err := trial{find: func(bool) (from origin, want expected, err error) {
		if r, err = c.inboxGrant(ctx, grant); err != nil {
			return from, want, err
		}
		return c.wanted(ctx, r, n)
	}, do: func(from origin, want expected) (err error) {
		p, err = c.play(ctx, from, want)
		return err
	}, over: func() bool { return true }}.run()
	if err != nil {
		return nil, fmt.Errorf("play part %d: %w", n, err)
	}
	p.Received = r
	return p, nil
}

// PlayOwn opens one of her own parts for playing. Close it.
func (c *Client) PlayOwn(ctx context.Context, t api.ID, n int64) (*Player, error) {
	var p *Player
	err := trial{find: c.ownPart(ctx, t, n), do: func(from origin, want expected) (err error) {
		p, err = c.play(ctx, from, want)
		return err
	}, over: func() bool { return true }, doubts: true}.run()
	if err != nil {
		return nil, fmt.Errorf("play part %d: %w", n, err)
	}
	return p, nil
}

// play finds the content inside its container.
func (c *Client) play(ctx context.Context, from origin, want expected) (*Player, error) {
	p := new(Player)
	ctx, p.stop = context.WithCancel(ctx)
	plain, places, err := c.ranged(ctx, from, want)
	p.places = places
	if err == nil {
		err = p.locate(plain)
	}
	if err != nil {
		p.end()
		return nil, swapped(err)
	}
	return p, nil
}

// locate reads the head of the container. Its length must be the one that a
// container of such a content has: what is read later lies inside it.
func (p *Player) locate(plain *envelope.RangeReader) error {
	whole := io.NewSectionReader(plain, 0, plain.Size())
	container, err := envelope.ReadContainer(whole)
	if err != nil {
		return err
	}
	size, err := envelope.ContainerSize(container.Info, container.Size)
	if err != nil {
		return err
	}
	begins, err := whole.Seek(0, io.SeekCurrent)
	if err == nil && (size != plain.Size() || begins+container.Size > size) {
		err = fmt.Errorf("%w: it has another length than its content says", envelope.ErrContainer)
	}
	p.Info, p.content = container.Info, io.NewSectionReader(plain, begins, container.Size)
	return err
}

// ranged opens the container of a part at any place. The header is the one that was
// signed for, and its key the one committed to, before anything else is read.
func (c *Client) ranged(ctx context.Context, from origin, want expected) (*envelope.RangeReader, *places, error) {
	r, err := c.remote(from, want)
	if err != nil {
		return nil, nil, err
	}
	p := newPlaces(ctx, r)
	header, _, err := envelope.Split(io.NewSectionReader(p, 0, envelope.MaxHeader+want.payload.Size))
	if err != nil {
		return nil, p, err
	}
	if int64(len(header))+want.payload.Size != r.size {
		return nil, p, fmt.Errorf("%w: it has another length", ErrPayloadSwapped)
	}
	key, err := c.unlock(header, want)
	if err != nil {
		return nil, p, err
	}
	defer key.Wipe()
	plain, err := envelope.NewRangeReader(io.NewSectionReader(p, int64(len(header)), want.payload.Size), key, want.payload)
	return plain, p, err
}

// Size is the length of the content in bytes.
func (p *Player) Size() int64 { return p.content.Size() }

// Read implements io.Reader.
func (p *Player) Read(b []byte) (int, error) {
	return p.reading(func(r *io.SectionReader) (int, error) { return r.Read(b) })
}

// ReadAt implements io.ReaderAt.
func (p *Player) ReadAt(b []byte, off int64) (int, error) {
	return p.reading(func(r *io.SectionReader) (int, error) { return r.ReadAt(b, off) })
}

// Seek implements io.Seeker. It asks the vault for nothing.
func (p *Player) Seek(offset int64, whence int) (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.content.Seek(offset, whence)
}

func (p *Player) reading(read func(*io.SectionReader) (int, error)) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.places == nil {
		return 0, errPlayerClosed
	}
	n, err := read(p.content)
	return n, swapped(err)
}

// Close ends what is under way.
func (p *Player) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end()
	return nil
}

func (p *Player) end() {
	p.stop()
	if p.places != nil {
		p.places.hangUp()
		p.places = nil
	}
}
