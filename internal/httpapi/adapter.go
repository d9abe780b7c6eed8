package httpapi

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
	legacy "github.com/go-json-experiment/json/v1"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/store"
)

// Read answers with what do finds. do reads the query, if there may be one.
func Read[Out any](do func(*Request) (Out, error)) Handler {
	return func(r *Request) error {
		out, err := do(r)
		if err != nil {
			return err
		}
		if err := r.checkQuery(); err != nil {
			return err
		}
		return r.JSON(http.StatusOK, out)
	}
}

// Take reads one JSON value and answers with what do makes of it.
func Take[In, Out any](status int, do func(*Request, In) (Out, error)) Handler {
	return func(r *Request) error {
		in, _, err := readJSON[In](r)
		if err != nil {
			return err
		}
		out, err := do(r, in)
		if err != nil {
			return err
		}
		return r.JSON(status, out)
	}
}

// Create is Take for what must be done once however often it is sent: the
// request carries an Idempotency-Key, and do hands keep to the domain, which
// calls it last in its transaction with the answer.
func Create[In, Out any](status int, do func(r *Request, in In, keep idempotency.Commit) (Out, error)) Handler {
	return func(r *Request) error {
		in, body, err := readJSON[In](r)
		if err != nil {
			return err
		}
		return r.Once(status, r.digest(body), func(keep idempotency.Commit) (any, error) { return do(r, in, keep) })
	}
}

// Once does what Create does for a body that is not JSON; digest stands for the
// request. A repetition gets the first answer.
func (r *Request) Once(status int, digest [sha256.Size]byte, do func(keep idempotency.Commit) (any, error)) error {
	key, err := idempotency.ParseKey(r.Header().Values(api.HeaderIdempotencyKey))
	if err != nil {
		return err
	}
	attempt, err := r.server.deps.Answers.Begin(r.asker(), key, digest)
	if err != nil {
		return err
	}
	defer attempt.End()
	out, err := do(keep(attempt, status))
	if err != nil {
		return r.replay(attempt, err)
	}
	return r.JSON(status, out)
}

// keep stores an answer as the client gets it.
func keep(attempt *idempotency.Attempt, status int) idempotency.Commit {
	return func(ctx context.Context, tx store.Tx, answer any) error {
		b, err := encode(answer)
		if err != nil {
			return err
		}
		return attempt.Finish(ctx, tx, idempotency.Answer{Status: status, Body: b})
	}
}

// replay looks whether the work failed because it had been done: then the first
// answer is the answer. It also finds an answer whose commit was kept although
// the connection to the database was lost over it.
func (r *Request) replay(attempt *idempotency.Attempt, failure error) error {
	earlier, err := attempt.Recall(r.Context())
	switch {
	case errors.Is(err, idempotency.ErrReused):
		return err
	case err != nil || earlier == nil:
		return failure
	}
	return r.send(earlier.Status, api.MediaJSON, earlier.Body)
}

// JSON answers with v.
func (r *Request) JSON(status int, v any) error {
	b, err := encode(v)
	if err != nil {
		return err
	}
	return r.send(status, api.MediaJSON, b)
}

func (r *Request) send(status int, media string, body []byte) error {
	r.server.send(r.echo, status, media, body)
	return nil
}

// encode writes absent lists as [], so that clients need not know null, and
// leaves out zeros where the type says omitempty, as everybody expects of Go.
func encode(v any) ([]byte, error) {
	b, err := json.Marshal(v, legacy.OmitEmptyWithLegacySemantics(true))
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return b, nil
}

// as makes a domain's hook of keep: what the domain has to say is stored the way
// the client reads it.
func as[D, W any](keep idempotency.Commit, spell func(D) W) func(context.Context, store.Tx, D) error {
	return func(ctx context.Context, tx store.Tx, d D) error { return keep.Do(ctx, tx, spell(d)) }
}

// one is as for a domain that accepts a single statement.
func one[W any](keep idempotency.Commit, spell func(ledger.Accepted) W) ledger.Commit {
	return func(ctx context.Context, tx store.Tx, list ...ledger.Accepted) error {
		if len(list) != 1 {
			return fmt.Errorf("keep answer: %d statements were accepted where one was sent", len(list))
		}
		return keep.Do(ctx, tx, spell(list[0]))
	}
}

// accepted spells the answer to one statement.
func accepted(a ledger.Accepted) api.Accepted {
	return api.Accepted{StatementSHA256: a.Hash, Seq: a.Seq, Receipt: a.Receipt}
}
