package httpapi

import (
	"context"
	"sync"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/turn"
)

// uploads are the routes of a large item on its way, which speak tus 1.0. Who asks,
// and whether the item is that client's, is found out on each of them.
func (t *Trays) uploads() []Route {
	const path, scope = "/v1/deliveries/{item}/payload", "deliver"
	return []Route{
		{Method: "POST", Path: path, Begins: true, Auth: PartnerClient, Scope: scope, Tus: true, Handler: plain(t.begin)},
		{Method: "HEAD", Path: path, Auth: PartnerClient, Scope: scope, Tus: true, Handler: plain(t.tus)},
		{Method: "PATCH", Path: path, Auth: PartnerClient, Scope: scope, Tus: true, Body: t.Trays.Limits.ItemSize, Handler: plain(t.tus)},
		{Method: "DELETE", Path: path, Auth: PartnerClient, Scope: scope, Tus: true, Handler: plain(t.tus)},
		{Method: "OPTIONS", Path: path, Auth: PartnerClient, Scope: scope, Tus: true, Handler: plain(t.discover)},
	}
}

func (t *Trays) discover(r *Request) error { return discover(r, t.Trays.Limits.ItemSize) }

// begin opens the way for a large item and says, by tus, how far it has come.
func (t *Trays) begin(r *Request) error {
	item, err := r.ID("item")
	if err != nil {
		return err
	}
	if err := checkTus(r); err != nil {
		return err
	}
	s, err := t.sealed(r, item)
	if err != nil {
		return err
	}
	if s.Length, err = position(once(r.Header(), api.HeaderUploadLength)); err != nil {
		return errBadRequest
	}
	if err := t.Trays.Begin(r.Context(), r.bringer(), s); err != nil {
		return err
	}
	return t.speak(r, item)
}

func (t *Trays) tus(r *Request) error {
	item, err := r.ID("item")
	if err != nil {
		return err
	}
	if err := checkTus(r); err != nil {
		return err
	}
	return t.speak(r, item)
}

func (t *Trays) speak(r *Request, item id.ID) error {
	return speakTus(r, &itemUpload{trays: t.Trays, seats: &t.seats, by: r.bringer(), item: item}, t.Trays.Limits.Unfinished)
}

// itemUpload is an upload of an item.
type itemUpload struct {
	trays *tray.Trays
	seats *seats
	by    tray.Bringer
	item  id.ID
}

func (u *itemUpload) progress(ctx context.Context) (testimony.Progress, error) {
	return u.trays.Progress(ctx, u.by, u.item)
}

func (u *itemUpload) receive(ctx context.Context, in testimony.Incoming) error {
	return u.trays.Receive(ctx, u.by, u.item, in)
}

func (u *itemUpload) terminate(ctx context.Context) error { return u.trays.GiveUp(ctx, u.by, u.item) }

func (u *itemUpload) take(ctx context.Context, letGo func()) (ending, error) {
	return u.seats.take(ctx, seatOf{u.by.Partner, u.item}, letGo)
}

// seats let the requests for one item at this node take turns, so that a program
// whose line broke does not wait for its old connection to be noticed. Over two nodes
// nobody waits: there each piece is compared with where the item stands, which is
// what it rests on here, too, and the slower one is told to look again. That costs a
// program at most a piece, which it has at hand; a phone with her only copy has the
// turns of package turn.
type seats struct {
	mu    sync.Mutex
	taken map[seatOf]*seat
}

type seatOf struct {
	partner id.ID
	item    id.ID
}

// seat is a turn that somebody has.
type seat struct {
	of    *seats
	name  seatOf
	letGo func()
	over  chan struct{}
}

func (s *seats) take(ctx context.Context, name seatOf, letGo func()) (*seat, error) {
	mine := &seat{of: s, name: name, letGo: letGo, over: make(chan struct{})}
	for {
		before := s.sit(mine)
		if before == nil {
			return mine, nil
		}
		before.letGo()
		select {
		case <-before.over:
		case <-ctx.Done():
			return nil, turn.ErrTaken
		}
	}
}

// sit gives who sits there, or nil once it is the caller.
func (s *seats) sit(mine *seat) *seat {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before := s.taken[mine.name]; before != nil {
		return before
	}
	if s.taken == nil {
		s.taken = map[seatOf]*seat{}
	}
	s.taken[mine.name] = mine
	return nil
}

// End implements ending.
func (s *seat) End() {
	s.of.mu.Lock()
	delete(s.of.taken, s.name)
	s.of.mu.Unlock()
	close(s.over)
}

// PutDown implements ending.
func (s *seat) PutDown() { s.End() }
