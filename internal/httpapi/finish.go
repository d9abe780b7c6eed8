package httpapi

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/store"
)

// CreateThen is Create for an act that is over only after something that follows
// its commit, such as the end of every stream. then runs before each answer,
// also before one that is given from memory: the request that was first may have
// ended between the two. It may complete the answer, and may run more than once.
func CreateThen[In, Out any](status int, do func(r *Request, in In, keep idempotency.Commit) (Out, error), then func(*Request, *Out) error) Handler {
	return func(r *Request) error {
		in, body, err := readJSON[In](r)
		if err != nil {
			return err
		}
		key, err := idempotency.ParseKey(r.Header().Values(api.HeaderIdempotencyKey))
		if err != nil {
			return err
		}
		attempt, err := r.server.deps.Answers.Begin(r.Caller.ID, key, r.digest(body))
		if err != nil {
			return err
		}
		defer attempt.End()
		out, err := do(r, in, keep(attempt, status))
		if err != nil {
			if out, err = recall[Out](r, attempt, err); err != nil {
				return err
			}
		}
		if err := then(r, &out); err != nil {
			return err
		}
		return r.JSON(status, out)
	}
}

// recall reads the first answer to a request whose work has been done already,
// or gives failure back when it has not.
func recall[Out any](r *Request, attempt *idempotency.Attempt, failure error) (out Out, err error) {
	earlier, err := attempt.Recall(r.Context())
	switch {
	case errors.Is(err, idempotency.ErrReused):
		return out, err
	case err != nil || earlier == nil:
		return out, failure
	}
	if err := json.Unmarshal(earlier.Body, &out); err != nil {
		return out, fmt.Errorf("read the first answer: %w", err)
	}
	return out, nil
}

// all is one for a domain that accepts several statements at once.
func all[W any](keep idempotency.Commit, spell func([]ledger.Accepted) W) ledger.Commit {
	return func(ctx context.Context, tx store.Tx, list ...ledger.Accepted) error {
		return keep.Do(ctx, tx, spell(list))
	}
}
