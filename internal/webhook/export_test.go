package webhook

import (
	"context"
	"net/http"
	"net/url"
)

// The sizes that tests count with.
const (
	Parallel = parallel
	Page     = page
	Lease    = lease
	Sending  = sending
)

// Deliver sends what is due now, and waits until it is done.
func (q *Queue) Deliver(ctx context.Context) (endpoints int, err error) {
	defer q.crew.running.Wait()
	return q.begin(ctx)
}

// Claim takes what is due and does nothing with it, as a node that dies.
func (q *Queue) Claim(ctx context.Context) (deliveries int, err error) {
	all, err := q.claim(ctx)
	for _, b := range all {
		deliveries += len(b.letters)
	}
	return deliveries, err
}

// Post makes one attempt.
func (l *Line) Post(ctx context.Context, to *url.URL, header http.Header, body []byte) (string, int) {
	a := l.post(ctx, to, header, body)
	return string(a.outcome), a.status
}
