package webhook

import (
	"context"
	"time"
)

// Run sends what is due until ctx ends, and looks for it every so often, at once after
// an event at this node. It returns when nothing is under way any more.
func (q *Queue) Run(ctx context.Context, every time.Duration) {
	defer q.crew.running.Wait()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for ctx.Err() == nil {
		n, err := q.begin(ctx)
		if err != nil && ctx.Err() == nil {
			q.Log.Error("webhooks wait", "cause", err)
		}
		if n > 0 {
			continue // there may be more, for others
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-q.crew.bell():
		}
	}
}

// begin claims what is due and begins to send it.
func (q *Queue) begin(ctx context.Context) (endpoints int, err error) {
	all, err := q.claim(ctx)
	for _, b := range all {
		q.crew.running.Go(func() {
			q.serve(ctx, b)
			q.crew.wake()
		})
	}
	return len(all), err
}
