package httpapi

import (
	"context"
	"errors"
	"net"
	"net/http"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
)

// opener records one of the ways in which a reader gets a part.
type opener func(ctx context.Context, caller account.Caller, grant id.ID, n int64, pick grant.Pick) (*grant.Opening, error)

// open is a reader's opening: recorded, then streamed under a lease.
func (g *Grants) open(r *Request) error { return g.deliver(r, g.Grants.Open) }

// export is open for what leaves the vault's world. Terms that forbid it are a
// refused attempt, which she sees like every other.
func (g *Grants) export(r *Request) error {
	err := g.deliver(r, g.Grants.Export)
	if errors.Is(err, grant.ErrExport) {
		name, _ := r.ID("grant")
		n, _ := r.Number("n")
		g.Denied.Note(custody.Attempt{Grant: name, N: n, Actor: r.Caller.ID, What: "GET /v1/inbox/{grant}/parts/{n}/export"})
	}
	return err
}

func (g *Grants) deliver(r *Request, record opener) error {
	name, err := r.ID("grant")
	if err != nil {
		return err
	}
	n, err := r.Number("n")
	if err != nil {
		return err
	}
	conn, ok := r.Conn().(*net.TCPConn)
	if !ok {
		return errors.New("a stream that can be cut needs the connection itself")
	}
	goesOn, err := r.goesOn()
	if err != nil {
		return err
	}
	var s stretch
	o, err := record(r.Context(), r.Caller, name, n, func(size int64, etag string, counts bool) (int64, int64, error) {
		if counts && goesOn {
			return 0, 0, errOpeningOver
		}
		var err error
		s, err = r.pick(size, etag)
		return s.From, s.To, err
	})
	if err != nil {
		return err
	}
	// The terms go with every read: where they are, by name (RFC 6903), since a
	// statement can be longer than a header may be.
	r.Answer().Set("Link", "</v1/inbox/"+string(name)+`>; rel="terms-of-service"`)
	w := r.begin(s)
	err = o.Send(r.Context(), w, grant.OnTCP(conn, http.NewResponseController(w).Flush))
	if !errors.Is(err, grant.ErrCut) {
		r.noteShort(err)
	}
	return nil
}
