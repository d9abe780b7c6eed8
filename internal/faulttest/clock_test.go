package faulttest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/faulttest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// clock is a machine's clock that somebody sets.
type clock struct{ off atomic.Int64 }

func (c *clock) set(off time.Duration) { c.off.Store(int64(off)) }
func (c *clock) now() time.Time        { return time.Now().Add(time.Duration(c.off.Load())) }

// timed is a vault whose machine's clock can be set while it runs.
type timed struct {
	*vaulttest.Vault
	clock                    *clock
	woman, reader            *client.Client
	womanKeys, readerKeys    *client.Keys
	testimony, live, embargo api.ID
}

func newTimed(t *testing.T) *timed {
	t.Helper()
	v := &timed{Vault: vaulttest.New(t), clock: &clock{}}
	v.Stop()
	a := &app.App{Config: v.Config, Log: slog.New(slog.NewTextHandler(v.Log, nil)), Now: v.clock.now, Steady: time.Now, Rand: rand.Reader, Volatile: true}
	ctx, stop := context.WithCancel(context.Background())
	ready, over := make(chan app.Serving, 1), make(chan error, 1)
	go func() { over <- a.Run(ctx, func(s app.Serving) { ready <- s }) }()
	t.Cleanup(func() {
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	select {
	case s := <-ready:
		v.URL = s.Origins[0]
	case err := <-over:
		over <- err
		t.Fatal(err)
	}
	v.people(t)
	return v
}

// people are a woman with one testimony, and a reader to whom she gives it now,
// and in two hours.
func (v *timed) people(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	steward := v.StewardClient()
	must(t, steward.Enrol(ctx, statement.Steward, ""))
	v.womanKeys, v.readerKeys = v.Keys(), v.Keys()
	v.woman, v.reader = v.Client(v.womanKeys), v.Client(v.readerKeys)
	must(t, v.woman.Enrol(ctx, statement.Participant, ""))
	must(t, v.reader.Enrol(ctx, statement.Researcher, ""))
	must(t, v.reader.Apply(ctx, "Dr. Reader", "Archive of Voices", "listening"))
	_, err := steward.Accredit(ctx, v.reader.Account(), 300)
	must(t, err)
	v.testimony, err = v.woman.Create(ctx, client.Testimony{Title: "شهادة", Language: "ar", Parts: []client.Content{faulttest.Content(900, 1)}})
	must(t, err)
	v.live = v.grant(t, time.Time{})
	v.embargo = v.grant(t, time.Now().Add(2*time.Hour))
}

func (v *timed) grant(t *testing.T, from time.Time) api.ID {
	t.Helper()
	terms := api.Terms{Access: statement.Download}
	if !from.IsZero() {
		terms.From = from.Unix()
	}
	g, err := v.woman.Grant(t.Context(), client.Offer{Testimony: v.testimony, Parts: []int64{1}, To: v.reader.Account(), Terms: terms})
	must(t, err)
	return g.ID
}

// opens asks once for a grant, and says how it was answered: 0 if it opened.
func (v *timed) opens(t *testing.T, grant api.ID) int {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	f := &first{stop: stop}
	reader, err := client.New(client.Config{Server: v.URL, Vault: v.ID, Keys: v.readerKeys, HTTP: &http.Client{Transport: f}})
	must(t, err)
	_, err = reader.Open(ctx, grant, 1, faulttest.Into(new(bytes.Buffer)))
	switch {
	case err == nil:
		return 0
	case errors.Is(err, client.ErrNotFound):
		return http.StatusNotFound
	case f.status == 0:
		t.Fatalf("opening: %v", err)
	}
	return f.status
}

// A machine's clock that jumps, by an hour or a year, forwards or back, opens no
// embargo, prolongs nothing, and stops nothing of hers: what depends on the time is
// put off until the clock is right again.
func TestAClockThatJumpsOpensNothing(t *testing.T) {
	t.Parallel()
	v := newTimed(t)
	if got := v.opens(t, v.live); got != 0 {
		t.Fatalf("before: %d", got)
	}
	for _, jump := range []time.Duration{time.Hour, 3 * time.Hour, 24 * time.Hour, 366 * 24 * time.Hour, -time.Hour, -24 * time.Hour, -366 * 24 * time.Hour} {
		v.clock.set(jump)
		for name, grant := range map[string]api.ID{"live": v.live, "under embargo": v.embargo} {
			if got := v.opens(t, grant); got != http.StatusServiceUnavailable {
				t.Errorf("%s, a grant that is %s: %d", jump, name, got)
			}
		}
		// She signs in anew, adds, gives and takes back, on the right day.
		v.woman = v.Client(v.womanKeys)
		if _, err := v.woman.AddPart(t.Context(), v.testimony, faulttest.Content(900, 2)); err != nil {
			t.Errorf("%s: add: %v", jump, err)
		}
		g := v.grant(t, time.Time{})
		if _, err := v.woman.Revoke(t.Context(), v.testimony, g); err != nil {
			t.Errorf("%s: revoke: %v", jump, err)
		}
		report, err := v.woman.Verify(t.Context(), true)
		if err != nil || len(report.Findings) > 0 {
			t.Errorf("%s: %v %v", jump, report, err)
		}
		if skew := v.woman.Skew().Abs(); skew > time.Minute {
			t.Errorf("%s: she is told a time that is %s off", jump, skew)
		}
		v.clock.set(0)
		if got := v.opens(t, v.live); got != 0 {
			t.Errorf("%s, and back: %d", jump, got)
		}
		if got := v.opens(t, v.embargo); got != http.StatusNotFound {
			t.Errorf("%s, and back, under embargo: %d", jump, got)
		}
	}
	if !strings.Contains(v.Log.String(), "the machine's clock has jumped") {
		t.Error("the log does not say that the clock has jumped")
	}
}

// A client whose own clock is wrong goes by the vault's.
func TestAClientsClockDoesNotCount(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for _, off := range []time.Duration{-366 * 24 * time.Hour, 25 * time.Hour, 3 * 366 * 24 * time.Hour} {
		o := w.told(0)
		c, err := client.New(client.Config{Server: w.Origin(), Vault: w.People.Vault(), Keys: o.Keys, Now: func() time.Time { return time.Now().Add(off) }})
		must(t, err)
		g, err := c.Grant(t.Context(), client.Offer{Testimony: o.testimony, Parts: []int64{1}, To: o.reader.Account(), Terms: api.Terms{Access: statement.Download}})
		must(t, err)
		_, err = o.reader.Open(t.Context(), g.ID, 1, faulttest.Into(new(bytes.Buffer)))
		must(t, err)
		_, err = c.Revoke(t.Context(), o.testimony, g.ID)
		must(t, err)
		_, err = o.Check(t.Context())
		must(t, err)
	}
}
