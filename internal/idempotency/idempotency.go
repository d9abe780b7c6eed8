// Package idempotency makes a repeated request do its work once.
//
// A client that lost the line cannot know whether its request arrived. It sends
// the request again with the same Idempotency-Key and gets the same answer, with
// nothing done twice, on whichever node it arrives.
//
// Promises: the answer is stored in the transaction of the effect, so there is
// never one without the other, whatever crashes. The same key with another
// request is refused, and so is one that is being carried out on this node. A
// thief of the database finds neither keys nor answers: rows are named by a hash
// of the key, and answers sealed under another.
//
// It looks for an earlier answer only when the work did not succeed as new: work
// that was done before either fails by its own rules or at Finish, whose
// insertion is the one thing that can happen once. That spares every first
// request a read. Work that is dear to begin asks Recall first.
//
// Assumes: an operation calls Finish in each transaction that takes effect.
// Does not: remember refusals. They changed nothing, so a repetition is judged
// afresh.
//
// Specification: docs/protocol.md section 5; draft-ietf-httpapi-idempotency-key-header.
package idempotency

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/idempotency/idempotencydb"
	"github.com/relatingfield/vault/internal/store"
)

// Kept is how long an answer is remembered at least.
const Kept = 24 * time.Hour

// until is when an answer made now is forgotten: at the end of the day that is
// Kept away, for a row must not tell the hour at which she acted.
func until(now time.Time) int64 {
	return now.UTC().Add(Kept).Truncate(24 * time.Hour).Add(24 * time.Hour).Unix()
}

// What can be wrong with a repetition.
var (
	ErrKey      = errors.New("the Idempotency-Key is missing or not a UUID in double quotes")
	ErrInFlight = errors.New("a request with this Idempotency-Key is being carried out")
	ErrReused   = errors.New("the Idempotency-Key was used for another request")
)

// Commit stores the answer of an operation as the last thing in its transaction.
// The operation hands on its error, or what it did would stand without an answer.
// It may run more than once, like the transaction. A nil Commit stores nothing.
type Commit func(ctx context.Context, tx store.Tx, answer any) error

// Do runs c if there is one.
func (c Commit) Do(ctx context.Context, tx store.Tx, answer any) error {
	if c == nil {
		return nil
	}
	return c(ctx, tx, answer)
}

// Answer is what a client was answered.
type Answer struct {
	Status int
	Body   []byte
}

// Answers remembers what was answered.
type Answers struct {
	db   *store.DB
	now  func() time.Time
	rand io.Reader

	mu     sync.Mutex
	flying map[string]struct{} // names of the rows that requests on this node may insert
}

// New makes the memory of answers in db; rand must be cryptographically secure.
func New(db *store.DB, now func() time.Time, rand io.Reader) *Answers {
	return &Answers{db: db, now: now, rand: rand, flying: map[string]struct{}{}}
}

// Attempt is one request on its way. End it.
type Attempt struct {
	answers *Answers
	account id.Thumbprint
	name    string
	seal    [sha256.Size]byte
	request [sha256.Size]byte
}

// Begin registers a request of the account; request is a hash of all that makes
// it what it is. The error is ErrInFlight or nil.
func (a *Answers) Begin(account id.Thumbprint, key Key, request [sha256.Size]byte) (*Attempt, error) {
	t := &Attempt{answers: a, account: account, seal: key.derive("seal", account)}
	name := key.derive("name", account)
	t.name = base64.RawURLEncoding.EncodeToString(name[:])
	t.request = sha256.Sum256(append(t.seal[:], request[:]...))
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, flying := a.flying[t.name]; flying {
		return nil, ErrInFlight
	}
	a.flying[t.name] = struct{}{}
	return t, nil
}

// End lets the next request with this key begin.
func (t *Attempt) End() {
	t.answers.mu.Lock()
	defer t.answers.mu.Unlock()
	delete(t.answers.flying, t.name)
}

// Finish stores the answer in tx. ErrInFlight means that another request with
// this key has finished meanwhile: the transaction must not take effect, and
// Recall tells what was answered.
func (t *Attempt) Finish(ctx context.Context, tx store.Tx, answer Answer) error {
	sealed, err := t.sealed(answer.Body)
	if err != nil {
		return fmt.Errorf("store answer: %w", err)
	}
	now := t.answers.now()
	n, err := idempotencydb.New(tx).Finish(ctx, idempotencydb.FinishParams{
		Account: string(t.account), IdemKey: t.name, Request: t.request[:], Status: int64(answer.Status),
		UntilS: until(now), Answer: sealed, Now: now.Unix(),
	})
	if err != nil {
		return fmt.Errorf("store answer: %w", err)
	}
	if n == 0 {
		return ErrInFlight
	}
	return nil
}

// Recall gives the answer of an earlier request with this key, or nil when there
// was none. ErrReused means that the earlier request was another.
func (t *Attempt) Recall(ctx context.Context) (*Answer, error) {
	var row idempotencydb.RecallRow
	err := t.answers.db.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		row, err = idempotencydb.New(tx).Recall(ctx, idempotencydb.RecallParams{
			Account: string(t.account), IdemKey: t.name, Now: t.answers.now().Unix(),
		})
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for earlier answer: %w", err)
	}
	if string(row.Request) != string(t.request[:]) {
		return nil, ErrReused
	}
	body, err := t.opened(row.Answer)
	if err != nil {
		return nil, fmt.Errorf("open earlier answer: %w", err)
	}
	return &Answer{int(row.Status), body}, nil
}

// Prune forgets about limit answers that are past their time and reports how
// many: as many as limit means that there may be more.
func (a *Answers) Prune(ctx context.Context, limit int64) (forgotten int64, err error) {
	before := a.now().Unix()
	err = a.db.Insist(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		forgotten, err = idempotencydb.New(tx).Forget(ctx, idempotencydb.ForgetParams{Before: before, Most: limit})
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget answers: %w", err)
	}
	return forgotten, nil
}
