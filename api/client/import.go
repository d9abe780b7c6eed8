package client

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/takeout"
)

// Imported is what became of one testimony of a takeout.
type Imported struct {
	From, To api.ID
	Added    []int64 // parts brought in now, by number
	There    []int64 // parts that were there from an earlier time
	Left     []int64 // parts that she had not adopted, which stay behind
	Erased   bool    // she erased it here since: it is not brought in again
}

// Import brings a takeout into this account: each part is opened with the takeout's
// words and sealed to these under a new key, as a stream, and nothing of it touches
// a disk. Part numbers stay; grants do not come along. Doing it again goes on where
// it broke off, and does nothing when all is there. What was done is given also
// with an error.
func (c *Client) Import(ctx context.Context, from *Takeout, watch PartWatch) ([]Imported, error) {
	var out []Imported
	for _, k := range from.index.Testimonies {
		one, err := c.bring(ctx, from, k, watch)
		out = append(out, one)
		if err != nil {
			return out, fmt.Errorf("bring testimony %s in: %w", k.Testimony, err)
		}
	}
	return out, nil
}

func (c *Client) bring(ctx context.Context, from *Takeout, k takeout.Kept, watch PartWatch) (Imported, error) {
	to, err := c.nameOf(from.Vault, k.Testimony)
	out := Imported{From: k.Testimony, To: to}
	if err != nil {
		return out, err
	}
	state, err := from.h.state(k.Testimony)
	if err != nil {
		return out, fmt.Errorf("%w: %w", ErrTakeout, err)
	}
	out.Left = slices.Sorted(maps.Keys(state.Received))
	h, err := c.refresh(ctx)
	if err != nil {
		return out, err
	}
	here := h.book.Testimonies[to]
	if out.Erased = here != nil && here.Erased; out.Erased {
		return out, nil
	}
	if here == nil {
		if err := c.bringCard(ctx, from, k, to); err != nil {
			return out, err
		}
		here = &statement.State{}
	}
	for _, n := range slices.Sorted(maps.Keys(state.Parts)) {
		if _, there := here.Parts[n]; there {
			out.There = append(out.There, n)
			continue
		}
		if err := c.bringPart(ctx, from, k, to, n, watch); err != nil {
			return out, fmt.Errorf("part %d: %w", n, err)
		}
		out.Added = append(out.Added, n)
	}
	return out, nil
}

// nameOf is the id that a testimony of another vault has in this account: the same
// at every attempt and on every device, so that importing goes on without a note of
// how far it came. A signature of Ed25519 is the same for the same text and cannot
// be foreseen by anybody else, so neither vault can tell from the id which
// testimony of the other it was. The text is no JWS and is signed for nothing else.
func (c *Client) nameOf(vault api.Hash, t api.ID) (api.ID, error) {
	return c.named("testimony-vault/v1/import\n" + c.vault.String() + "\n" + vault.String() + "\n" + string(t) + "\n")
}

// named makes an id of a text that only who has the keys can make.
func (c *Client) named(text string) (api.ID, error) {
	if c.keys == nil {
		return "", ErrNoKeys
	}
	sig, err := c.keys.Sign(nil, []byte(text), crypto.Hash(0))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(sig)
	return id.New(bytes.NewReader(sum[:]))
}

// bringCard makes the testimony, with its card and nothing else.
func (c *Client) bringCard(ctx context.Context, from *Takeout, k takeout.Kept, to api.ID) error {
	card, err := from.card(k)
	if err != nil {
		return err
	}
	sealed, err := c.sealCard(card)
	if err != nil {
		return err
	}
	_, err = c.say(ctx, creation(to, sealed, nil), func(texts []string) ([]api.Accepted, error) {
		var answer api.Created
		err := c.post(ctx, "/v1/testimonies", api.NewTestimony{Testimony: to, Statement: texts[0], Card: sealed, Parts: []api.NewPart{}}, &answer)
		return answer.Accepted, err
	})
	return err
}

// bringPart opens a part of the folder and adds it under its old number.
func (c *Client) bringPart(ctx context.Context, from *Takeout, k takeout.Kept, to api.ID, n int64, watch PartWatch) error {
	b := from.h.book.Testimonies[k.Testimony].Parts[n]
	want, err := expectedOf(b)
	if err != nil {
		return err
	}
	open := func(context.Context) (io.ReadCloser, error) {
		file, err := os.Open(filepath.Join(from.dir, k.Place, takeout.Part(n)))
		if err != nil {
			return nil, err
		}
		r, err := from.old.opened(file, want)
		if err != nil || watch == nil {
			return r, err
		}
		return reader{io.TeeReader(r, &counter{watch(k.Testimony, n), 0, b.Length}), r}, nil
	}
	v, err := c.vaultInfo(ctx)
	if err != nil {
		return err
	}
	if b.Length <= v.Limits.InlinePayload {
		return c.bringSmall(ctx, to, n, open)
	}
	size, err := envelope.PlaintextSize(b.Length)
	if err != nil {
		return err
	}
	up, err := c.upload(ctx, slot{t: to, size: b.Length, n: func(h *history) (int64, error) { return n, h.free(to, n) }}, streamed(size, open))
	if err != nil {
		return err
	}
	return c.sayAdded(ctx, to, up)
}

func (c *Client) bringSmall(ctx context.Context, to api.ID, n int64, open func(context.Context) (io.ReadCloser, error)) error {
	l, err := c.newLock(nil)
	if err != nil {
		return err
	}
	defer l.key.Wipe()
	plain, err := open(ctx)
	if err != nil {
		return err
	}
	defer plain.Close()
	var sealed bytes.Buffer
	binding, err := l.seal(&sealed, plain)
	if err != nil {
		return err
	}
	_, err = c.sayWith(ctx, one(func(h *history) (statement.Body, error) {
		return addOf(to, n, binding), h.free(to, n)
	}), func(signed string, a *api.Accepted) error {
		return c.post(ctx, pathOf(to)+"/parts", api.NewPart{Statement: signed, Header: l.header, Payload: sealed.Bytes()}, a)
	})
	return err
}

// opened streams the container in an age file. A payload that turns out not to be
// the signed one fails the reader at its end.
func (c *Client) opened(file io.ReadCloser, want expected) (io.ReadCloser, error) {
	header, payload, err := envelope.Split(file)
	if err != nil {
		file.Close()
		return nil, swapped(err)
	}
	key, err := c.unlock(header, want)
	if err != nil {
		file.Close()
		return nil, err
	}
	from, to := io.Pipe()
	go func() {
		defer file.Close()
		defer key.Wipe()
		_ = to.CloseWithError(swapped(envelope.OpenPayload(to, payload, key, want.payload))) // never fails
	}()
	return from, nil
}

// counter tells watch how many bytes have passed.
type counter struct {
	watch       Watch
	done, total int64
}

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	c.done += int64(len(p))
	if c.watch != nil {
		c.watch(c.done, c.total)
	}
	return len(p), nil
}
