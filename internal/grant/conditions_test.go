package grant_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// At the limit she can allow more, and the reads so far stay counted; she can also
// allow fewer than there have been, which ends it.
func TestRenewingGivesMoreReads(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := granted(t, db)
		o.MaxReads = 1
		_, err := o.narrow(o.Terms)
		o.must(err)
		for _, c := range []struct {
			most  int64
			state release.State
		}{{1, release.Live}, {1, release.UsedUp}, {3, release.Live}, {3, release.Live}, {3, release.UsedUp}, {2, release.UsedUp}, {0, release.Live}} {
			if c.most != o.MaxReads {
				o.MaxReads = c.most
				_, err := o.renew(o.Terms)
				o.must(err)
			}
			if got := state(o.World, o.tid, o.grant); got != c.state {
				t.Errorf("with %d reads allowed it is %s, want %s", c.most, got, c.state)
			}
			if _, err := o.Read(o.Reader, o.grant, 1); (err == nil) != (c.state == release.Live) {
				t.Errorf("with %d reads allowed: %v", c.most, err)
			}
			o.Clock.Forward(grant.Session)
		}
	})
}

// What a policy withholds is refused like what there is not, to its last second;
// and a policy whose state nobody knows withholds.
func TestAPolicyIsKeptToTheSecond(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		body, headers := w.GrantBody(tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))})
		now := w.Clock.Now().Unix()
		policy := release.Policy{Threshold: 2, Released: 1, Silence: release.Day, Wait: release.Day, LastDay: now - now%release.Day - 3*release.Day}
		unknown := errors.New("the database is gone")
		var lost error
		w.Grants.Policy = func(context.Context, store.Tx, id.ID) (*release.Policy, error) { p := policy; return &p, lost }
		body.Conditions.Policy = w.Set(tid, testimonytest.Terms{Silence: release.Day, Wait: release.Day}).ID
		g, _, err := w.Grants.Grant(t.Context(), w.Her.Caller, tid, w.Her.Sign(body).Compact(), headers, nil)
		if err != nil {
			t.Fatal(err)
		}
		reads := func(want error, when string) {
			t.Helper()
			if _, err := w.Read(w.Reader, g, 1); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", when, err, want)
			}
		}
		reads(grant.ErrNotFound, "a share short")
		policy.Released = 2
		lost = unknown
		reads(unknown, "when nobody knows")
		lost = nil
		policy.LastDay += release.Day // she has acted: her silence lasts from the end of today on
		w.Clock.Forward(time.Duration(policy.ReleaseAt()-1-now) * time.Second)
		reads(grant.ErrNotFound, "a second too early")
		w.Clock.Forward(time.Second)
		reads(nil, "at its second")
		policy.LastDay += release.Day
		reads(grant.ErrNotFound, "after another act of hers, in the middle of a session")
	})
}
