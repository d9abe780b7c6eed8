package httpapi

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/grant"
)

// holdEvery is how often a long answer asks whether its caller's key is still
// good. An answer is one question old at most when it ends.
const (
	holdEvery = account.Stale * 35 / 100
	holdDrain = 10 * time.Millisecond
)

var errVoid = errors.New("the caller's key was given up while the answer was sent")

// hold keeps an answer to the caller herself going for as long as her key is good.
// She may change her words while somebody with the old ones downloads at another
// node: what her account.Find answers within account.Stale has to hold for what
// is under way as well. Its argument is the one of grant's lease: each question
// is counted from before it was asked, by this node's monotonic clock, and what is
// not known to be good any more is cut, also where the database says nothing.
type hold struct {
	accounts *account.Accounts
	caller   account.Caller
	line     grant.Line
	until    time.Time
	cut      atomic.Bool
	done     chan struct{}
	ended    chan struct{}
}

// hold asks once before the first byte and then goes on asking. End it.
func (r *Request) hold(w http.ResponseWriter) (*hold, error) {
	conn, ok := r.Conn().(*net.TCPConn)
	if !ok {
		return nil, errors.New("a stream that can be cut needs the connection itself")
	}
	h := &hold{accounts: r.server.deps.Accounts, caller: r.Caller, line: grant.OnTCP(conn, http.NewResponseController(w).Flush),
		done: make(chan struct{}), ended: make(chan struct{})}
	began := time.Now()
	now, err := h.accounts.Ask(r.Context(), h.caller.Signer())
	if err != nil {
		return nil, err
	}
	if now != h.caller {
		return nil, account.ErrNotFound
	}
	h.until = began.Add(account.Stale)
	go func() { defer close(h.ended); h.keep(r.Context()) }()
	return h, nil
}

// keep asks until the answer has been sent, or cuts it.
func (h *hold) keep(ctx context.Context) {
	tick := time.NewTicker(holdEvery)
	defer tick.Stop()
	for {
		select {
		case <-h.done:
			return
		case <-tick.C:
		}
		if !h.ask(ctx) {
			h.cut.Store(true)
			h.line.Cut()
			return
		}
	}
}

// ask says whether the key is still the account's. When nobody can say, it is for
// as long as the last answer counts.
func (h *hold) ask(ctx context.Context) bool {
	began := time.Now()
	ctx, cancel := context.WithDeadline(ctx, h.until)
	defer cancel()
	now, err := h.accounts.Ask(ctx, h.caller.Signer())
	if err != nil {
		return time.Now().Before(h.until)
	}
	h.until = began.Add(account.Stale)
	return now == h.caller
}

// may is asked between slices.
func (h *hold) may() error {
	if h.cut.Load() {
		return errVoid
	}
	return nil
}

// end waits until the client has what was sent, or it was cut, so that nothing
// lies in the kernel for a key that is void. A client that takes nothing for as
// long as patience goes is left.
func (h *hold) end(sent error, patience time.Duration) {
	if sent == nil && h.line.Flush() == nil {
		h.drain(patience)
	}
	close(h.done)
	<-h.ended
}

func (h *hold) drain(patience time.Duration) {
	tick := time.NewTicker(holdDrain)
	defer tick.Stop()
	for give := time.Now().Add(patience); !h.cut.Load(); <-tick.C {
		if unsent, err := h.line.Unsent(); err != nil || unsent == 0 {
			return
		}
		if time.Now().After(give) {
			h.line.Cut()
			return
		}
	}
}
