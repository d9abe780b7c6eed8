package client

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
)

// Resumable is an unfinished upload of the very content that was asked about; or,
// where it is not Known, one of the same length of which next to nothing is there:
// that one begins again, under a new key and its old number.
type Resumable struct {
	Unfinished
	lock    lock
	content Content
	survey  *envelope.Survey
}

// OtherContent says that an upload of a content with this name was begun, and that
// this is not the same content. Nothing was sent.
type OtherContent struct{ Begun Unfinished }

// Error implements error.
func (o *OtherContent) Error() string {
	return "an upload under this name was begun, and this is another file or was changed since: nothing was sent; " +
		"to go on, bring the file as it was when the upload began"
}

// Is says that this is a refusal.
func (o *OtherContent) Is(target error) bool { return target == ErrRefused }

// FindUnfinished looks for an earlier try to store this very content in a
// testimony, or in any where t is empty: on whatever machine it was made, and
// whatever the file was called. It gives nil where there is none.
//
// What was said of the content at the first try (media type, name, people, capture)
// is sealed already and stays; where this content says something else about people
// or capture, that is a refusal. Of an upload under the same name whose content is
// another it gives *OtherContent. What the vault shows and she did not begin so is
// never gone on with, and passed over.
func (c *Client) FindUnfinished(ctx context.Context, t api.ID, content Content) (*Resumable, error) {
	r, err := c.findUnfinished(ctx, t, content)
	if err != nil {
		return nil, fmt.Errorf("look for an earlier try: %w", err)
	}
	return r, nil
}

func (c *Client) findUnfinished(ctx context.Context, t api.ID, content Content) (found *Resumable, err error) {
	v, err := c.vaultInfo(ctx)
	if err != nil {
		return nil, err
	}
	if size, err := content.payloadSize(); err != nil || size <= v.Limits.InlinePayload {
		return nil, err
	}
	h, err := c.refresh(ctx)
	if err != nil {
		return nil, err
	}
	all, err := c.halves(ctx, h, t)
	var r *Resumable
	if err == nil {
		r, err = first(ctx, all, content)
	}
	for _, u := range all {
		if r == nil || u.Testimony != r.Testimony || u.N != r.N {
			u.lock.key.Wipe()
		}
	}
	return r, err
}

// first is the upload that is of a content, or else one of which too little is there
// to tell. It reads the content only where an upload might be of it.
func first(ctx context.Context, all []*half, content Content) (r *Resumable, err error) {
	var other error
	for _, u := range all {
		same, err := u.of(ctx, content)
		switch {
		case errors.As(err, new(*OtherContent)):
			other = err
		case err != nil:
			return nil, err
		case same != nil && same.Known():
			return same, nil
		case same != nil:
			r = same
		}
	}
	if other != nil {
		return nil, other
	}
	return r, nil
}

// of says whether an upload is of a content.
func (u *half) of(ctx context.Context, content Content) (*Resumable, error) {
	if u.Err != nil || u.Relock {
		return nil, nil
	}
	if !u.Known() {
		return u.stub(content)
	}
	if u.Info.Kind != content.Info.Kind || u.Info.DerivedFrom != content.Info.DerivedFrom {
		return nil, nil
	}
	var other error
	if u.Info.Name == content.Info.Name && (u.Info.Name != "" || u.Size == content.Size) {
		other = &OtherContent{u.Unfinished}
	}
	if u.Size != content.Size {
		return nil, other
	}
	said := content.Info
	content.Info = u.Info
	survey, err := content.survey(ctx)
	if err != nil {
		return nil, err
	}
	nonce, err := envelope.DeriveNonce(u.lock.key, survey.Tree())
	if err != nil || nonce != u.lock.nonce {
		return nil, errors.Join(err, other)
	}
	return &Resumable{u.Unfinished, u.lock, content, survey}, saidBefore(said, u.Info)
}

// stub takes an upload that has hardly begun for the content's, if it is as long:
// nothing is lost if it is another's, which then finds its place taken and begins
// anew.
func (u *half) stub(content Content) (*Resumable, error) {
	size, err := content.payloadSize()
	if err != nil || size != u.Length {
		return nil, err
	}
	return &Resumable{Unfinished: u.Unfinished, lock: u.lock, content: content}, nil
}

// saidBefore refuses to go on where something else is said of a content now: the
// first word is sealed in.
func saidBefore(now, then PartInfo) error {
	people := len(now.People) == 0 || reflect.DeepEqual(now.People, then.People)
	captured := now.Captured == nil || reflect.DeepEqual(now.Captured, then.Captured)
	if people && captured {
		return nil
	}
	return refused("an earlier try of this file is not finished, and something else was said of it then: " +
		"say the same or nothing to go on with it, or give it up first; nothing was sent")
}

// Resume goes on with an unfinished upload and makes it a part. It gives the part's
// number. If the vault turns out to hold other bytes than were sent, everything is
// sent anew, under a new key.
func (c *Client) Resume(ctx context.Context, r *Resumable) (int64, error) {
	n, err := c.resume(ctx, r)
	if err != nil {
		return 0, fmt.Errorf("go on with the upload: %w", err)
	}
	if err := c.describe(ctx, r.Testimony, n, r.content); err != nil {
		return n, fmt.Errorf("the part is stored as number %d, but neither its label nor its link to another part: %w", n, err)
	}
	return n, nil
}

func (c *Client) resume(ctx context.Context, r *Resumable) (n int64, err error) {
	defer r.lock.key.Wipe()
	s := slot{t: r.Testimony, size: r.Length, watch: r.content.Watch, n: r.number()}
	up, err := c.goOn(ctx, s, r)
	if errors.Is(err, ErrStored) || errors.Is(err, errSlotLost) {
		var survey *envelope.Survey
		if survey, err = r.surveyed(ctx); err == nil {
			up, err = c.upload(ctx, s, r.content.source(survey))
		}
	}
	if err != nil {
		return 0, err
	}
	return up.n, c.sayAdded(ctx, r.Testimony, up)
}

// goOn fills the slot that is there.
func (c *Client) goOn(ctx context.Context, s slot, r *Resumable) (up uploaded, err error) {
	if !r.Known() {
		return up, errSlotLost
	}
	up = uploaded{n: r.N, lock: &r.lock}
	up.Binding, err = c.transfer(ctx, s, up, r.content.source(r.survey), r.Received)
	return up, err
}

func (r *Resumable) surveyed(ctx context.Context) (*envelope.Survey, error) {
	if r.survey != nil {
		return r.survey, nil
	}
	return r.content.survey(ctx)
}

// number is the upload's own, as long as nothing else was begun under it.
func (r *Resumable) number() func(*history) (int64, error) {
	header := api.HashOf(r.lock.header).String()
	next := nextFor(r.Testimony, r.content)
	return func(h *history) (int64, error) {
		state, err := h.state(r.Testimony)
		if err != nil {
			return 0, err
		}
		if begun := state.Begun[r.N]; begun != nil && begun.HeaderSHA256 == header {
			return r.N, nil
		}
		return next(h)
	}
}
