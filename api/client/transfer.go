package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
)

// maxStuck bounds how often in a row a transfer is taken up again without having
// got any further. One that gets further may break as often as it likes.
const maxStuck = 8

// maxBack bounds how often the vault may have less than it had before, because some
// of it was damaged there: more often, and it is playing.
const maxBack = 4

// transfer brings a payload into the slot that was begun for it, by tus 1.0. It
// goes on where the vault says that it is, and what it then sends is what it sent
// before: the source sees to that, or the transfer ends.
type transfer struct {
	c      *Client
	path   string
	length int64
	lock   *lock
	src    source
	watch  Watch

	watching sync.Mutex // held while watch is called

	digest  *envelope.Running
	offset  int64  // that the vault has confirmed
	claimed string // Repr-Digest, as the vault said it last
	unsure  bool   // the offset has to be asked for
	back    int    // times that the vault had less than before
}

// errSlotLost: the slot is not there any more, or holds another upload.
var errSlotLost = errors.New("the upload is no longer there")

// run brings the payload over and gives what was sealed. The vault has then said
// that it holds exactly these bytes.
func (t *transfer) run(ctx context.Context) (envelope.Sealed, error) {
	for stuck := 0; t.offset < t.length; {
		before, asks := t.offset, t.unsure
		err := t.step(ctx)
		switch {
		case t.offset > before:
			stuck = 0
			continue
		case err == nil && asks: // it stands where it stood: now send
			continue
		case !broke(err):
			return envelope.Sealed{}, lost(err)
		}
		if stuck++; stuck == maxStuck {
			return envelope.Sealed{}, fmt.Errorf("%w: what has arrived is kept, and the same file goes on from there: %w", ErrUnavailable, err)
		}
		if err := t.c.pause(ctx, t.c.patience(stuck, err)); err != nil {
			return envelope.Sealed{}, err
		}
	}
	return t.finish(ctx)
}

// step sends what is missing, or asks how much that is.
func (t *transfer) step(ctx context.Context) error {
	if t.unsure {
		return t.ask(ctx)
	}
	t.unsure = true
	return t.send(ctx)
}

// ask finds out what has arrived.
func (t *transfer) ask(ctx context.Context) error {
	resp, err := t.c.do(ctx, call{method: http.MethodHead, path: t.path, header: tus(), signed: true, repeat: true})
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.Header.Get(api.HeaderUploadHeader) != t.name() {
		return fmt.Errorf("%w: another one was begun under its number", errSlotLost)
	}
	if resp.Header.Get(api.HeaderUploadLength) != strconv.FormatInt(t.length, 10) {
		return fmt.Errorf("%w: it was begun with another length", ErrUpload)
	}
	return t.confirmed(resp.Header)
}

// name is what the vault calls the upload by, beside its number.
func (t *transfer) name() string { return api.HashOf(t.lock.header).String() }

// send sends everything from the offset on, as one request.
func (t *transfer) send(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	s, err := t.seal(ctx)
	if err != nil {
		return err
	}
	header := tus()
	header.Set(api.HeaderUploadOffset, strconv.FormatInt(t.offset, 10))
	header.Set(api.HeaderUploadHeader, t.name())
	resp, err := t.c.do(ctx, call{method: http.MethodPatch, path: t.path, header: header, media: api.MediaTus, signed: true,
		length: t.length - t.offset, stream: func() (io.ReadCloser, error) {
			r, err := s.once()
			return t.paced(r, stop), err
		}})
	if sealErr := s.end(); sealErr != nil {
		err = sealErr
	}
	if err != nil {
		return err
	}
	resp.Body.Close()
	before := t.offset
	if err := t.confirmed(resp.Header); err != nil || t.offset > before {
		return err
	}
	return fmt.Errorf("%w: it took nothing of what was sent", ErrUnavailable)
}

// confirmed takes the vault's word for how much it has. Whether it lies shows at the
// end, in the digest of the whole. Where it has less than before, the same bytes are
// sent again: the source gives no others.
func (t *transfer) confirmed(h http.Header) error {
	at, err := strconv.ParseInt(h.Get(api.HeaderUploadOffset), 10, 64)
	switch {
	case err != nil:
		return fmt.Errorf("%w: it does not say how much has arrived", ErrNonsense)
	case at < 0, at > t.length:
		return fmt.Errorf("%w: it has more of it than there is, or less than none", ErrUpload)
	case at < t.offset:
		if t.back++; t.back > maxBack {
			return fmt.Errorf("%w: it had more of it before, again and again", ErrUpload)
		}
	}
	t.offset, t.claimed, t.unsure = at, h.Get(api.HeaderReprDigest), false
	return nil
}

// finish hashes what has not been hashed, and compares.
func (t *transfer) finish(ctx context.Context) (envelope.Sealed, error) {
	if t.digest.Sealed().Size < t.length {
		if err := t.sealTo(ctx, io.Discard); err != nil {
			return envelope.Sealed{}, err
		}
	}
	sealed := t.digest.Sealed()
	if t.claimed == "" {
		if err := t.ask(ctx); err != nil {
			return envelope.Sealed{}, lost(err)
		}
	}
	if t.claimed != reprDigest(sealed) {
		return envelope.Sealed{}, ErrStored
	}
	return sealed, nil
}

// reprDigest spells a digest as RFC 9530 has it.
func reprDigest(s envelope.Sealed) string {
	return "sha-256=:" + base64.StdEncoding.EncodeToString(s.SHA256[:]) + ":"
}

func tus() http.Header {
	return http.Header{api.HeaderTusResumable: {api.TusVersion}}
}

// broke says whether an error is a line's, or another's that asking again may mend:
// a request of ours that the vault still thinks is under way, an offset that moved.
func broke(err error) bool {
	var p *api.Problem
	if errors.Is(err, ErrUnavailable) {
		return true
	}
	if !errors.As(err, &p) || isProblem(err, api.ProblemConflict) {
		return false
	}
	return p.Status == http.StatusConflict || p.Status == http.StatusLocked || p.Status == http.StatusInternalServerError
}

// lost tells a slot that is gone, or was begun anew by another device of hers, from
// everything else that ends a transfer.
func lost(err error) error {
	if errors.Is(err, ErrNotFound) || isProblem(err, api.ProblemDigestMismatch) || isProblem(err, api.ProblemConflict) {
		return fmt.Errorf("%w: %w", errSlotLost, err)
	}
	return err
}
