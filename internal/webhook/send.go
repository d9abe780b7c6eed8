package webhook

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/relatingfield/vault/internal/id"
)

const statusGone = http.StatusGone

// bodyOf is what a request says: the same bytes for every attempt. Ids and types need no
// escaping; the day is written as the moment in which it begins.
func bodyOf(t Type, day int64, about id.ID) []byte {
	return []byte(`{"type":"` + string(t) + `","timestamp":"` + time.Unix(day, 0).UTC().Format(time.RFC3339) + `","data":{"id":"` + string(about) + `"}}`)
}

// header is made for each attempt: its time is signed, so that a request that was
// recorded is of no use later.
func (b *batch) header(event id.ID, body []byte, now time.Time) http.Header {
	at := strconv.FormatInt(now.Unix(), 10)
	text := append([]byte(string(event)+"."+at+"."), body...)
	var signatures []string
	for _, k := range b.keys {
		v1a, v1 := k.sign(text)
		signatures = append(signatures, v1a)
		if b.hmac {
			signatures = append(signatures, v1)
		}
	}
	return http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"webhooks/1.0"},
		"Webhook-Id": {string(event)}, "Webhook-Timestamp": {at}, "Webhook-Signature": {strings.Join(signatures, " ")},
	}
}

// result is what came of a letter.
type result struct {
	letter
	answer
}

// serve sends a batch and writes what came of it, as it comes.
func (q *Queue) serve(ctx context.Context, b *batch) {
	defer q.crew.leave(b.endpoint, b.given)
	results := make(chan result, len(b.letters))
	written := make(chan struct{})
	go func() { q.write(ctx, b, results); close(written) }()
	rest := q.send(ctx, b, results)
	close(results)
	<-written
	if len(rest) > 0 {
		q.settle(ctx, b, func(ctx context.Context) error { return q.giveBack(ctx, b, rest) })
	}
}

// send makes one attempt for each letter, a few at a time, and stops with the first that
// fails: the rest is given back.
func (q *Queue) send(ctx context.Context, b *batch, results chan<- result) (rest []letter) {
	var at atomic.Int64
	var failed atomic.Bool
	var unsent sync.Mutex
	var all sync.WaitGroup
	one := func(l letter) {
		a := q.attempt(ctx, b, l)
		if ctx.Err() == nil || a.outcome == answered {
			q.crew.note(b.endpoint, a.ok(), q.Tick())
			if !a.ok() {
				failed.Store(true)
			}
			results <- result{l, a}
			return
		}
		unsent.Lock()
		defer unsent.Unlock()
		rest = append(rest, l) // the process ends: it may have arrived, and is sent again
	}
	for range min(parallel, len(b.letters)) {
		all.Go(func() {
			for ctx.Err() == nil && !failed.Load() && q.Tick().Before(b.until) {
				n := at.Add(1) - 1
				if n >= int64(len(b.letters)) {
					return
				}
				one(b.letters[n])
			}
		})
	}
	all.Wait()
	return append(rest, b.letters[min(at.Load(), int64(len(b.letters))):]...)
}

func (q *Queue) attempt(ctx context.Context, b *batch, l letter) answer {
	if b.target == nil {
		return answer{outcome: unreachable}
	}
	return q.Line.post(ctx, b.target, b.header(l.event, l.body, q.Now()), l.body)
}

// write takes down results, as many at a time as there are.
func (q *Queue) write(ctx context.Context, b *batch, results <-chan result) {
	for r := range results {
		some := []result{r}
		for more := true; more && len(some) < page; {
			select {
			case r, more = <-results:
				if more {
					some = append(some, r)
				}
			default:
				more = false
			}
		}
		q.settle(ctx, b, func(ctx context.Context) error { return q.finish(ctx, b, some) })
	}
}

// settle writes until it is written, for as long as the lease lasts: a database that
// starts again costs nobody a second request. A process that ends tries for a moment.
func (q *Queue) settle(ctx context.Context, b *batch, write func(ctx context.Context) error) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for tries := 0; ; tries++ {
		moment, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		err := write(moment)
		cancel()
		if err == nil {
			return
		}
		if ctx.Err() != nil || tries > int(lease/time.Second) || q.Tick().After(b.until.Add(lease-sending)) {
			q.Log.Warn("what came of webhooks could not be written, and they will be sent again", "count", len(b.letters), "cause", err)
			return
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// ignoreGone is for an endpoint that was deleted meanwhile.
func ignoreGone(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
