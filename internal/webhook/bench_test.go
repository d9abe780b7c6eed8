package webhook_test

import (
	"context"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/webhook"
	"github.com/relatingfield/vault/migrations"
)

// BenchmarkDelivering is a queue of 5,000 events that a node sends to a receiver on
// this machine, signed, each remembered as sent. Four endpoints, as four partners have.
func BenchmarkDelivering(b *testing.B) {
	const events, endpoints = 5000, 4
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		b.Run(string(engine), func(b *testing.B) {
			sent, took := 0, time.Duration(0)
			for b.Loop() {
				b.StopTimer()
				cfg := storetest.Fresh(b, engine, migrations.Files)
				cfg.Volatile = engine == store.PostgreSQL // whose cluster for tests does not flush; on SQLite what was sent is on the disk
				w := newWorld(b, storetest.Open(b, cfg))
				r := w.receive(nil)
				for range endpoints {
					w.partner = w.id()
					w.endpoint(webhook.Wish{URL: r.URL})
					w.many(events / endpoints)
				}
				b.StartTimer()
				began := time.Now()
				ctx, cancel := context.WithCancel(b.Context())
				ended := make(chan struct{})
				go func() { w.q.Run(ctx, 10*time.Millisecond); close(ended) }()
				for len(r.requests()) < events && time.Since(began) < time.Minute {
					<-time.After(5 * time.Millisecond)
				}
				sent, took = sent+len(r.requests()), took+time.Since(began)
				cancel()
				<-ended
			}
			b.ReportMetric(float64(sent)/took.Seconds(), "deliveries/s")
		})
	}
}
