package partner_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// A key counts from the second officer's voice, within its term to the second.
func TestAKeyCountsWithTwoOfficersAndInItsTerm(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		d.effective(d.body(), d.Stewards[0])
		g := d.program()
		body := g.registration()
		body.From += 3600
		first, err := d.register(d.officers[0], body)
		if err != nil || first.Approvals != 1 || first.Threshold != 2 || first.Effective {
			t.Errorf("first voice: %+v, %v", first, err)
		}
		if _, err := d.register(d.officers[0], body); !errors.Is(err, partner.ErrSpoken) {
			t.Errorf("the same officer twice: %v, want ErrSpoken", err)
		}
		d.Clock.Forward(time.Hour)
		if _, err := g.token(d.reg); !errors.Is(err, partner.ErrClient) {
			t.Errorf("with one officer: %v", err)
		}
		d.Clock.Forward(-time.Hour)
		if out, err := d.register(d.officers[1], body); err != nil || !out.Effective || out.Name != first.Name {
			t.Errorf("second voice: %+v, %v", out, err)
		}
		term := time.Duration(body.Until-body.From) * time.Second
		for _, c := range []struct {
			forward time.Duration
			want    bool
		}{{0, false}, {time.Hour - time.Second, false}, {time.Second, true}, {term - time.Second, true}, {time.Second, false}} {
			d.Clock.Forward(c.forward)
			if _, err := g.token(d.reg); (err == nil) != c.want {
				t.Errorf("after %s more: %v", c.forward, err)
			}
		}
	})
}

// An officer's word is taken only as it may be given.
func TestRegistrationsThatAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		d.effective(d.body(partner.Deliver, partner.Follow), d.Stewards[0])
		foreign := *d
		foreign.id = d.draw()
		elsewhere := d.body()
		elsewhere.Partner, elsewhere.Officers = foreign.id, ids(d.officers[2], d.Enrolled(statement.Partner))
		d.effective(elsewhere, d.Stewards[0])
		g := d.registered(partner.Deliver)
		one := d.officers[0]
		but := func(change func(*statement.Client)) *statement.Statement {
			b := g.registration(partner.Deliver)
			change(&b)
			return one.Sign(b)
		}
		for name, c := range map[string]struct {
			caller *accounttest.Person
			said   *statement.Statement
			want   error
		}{
			"a steward":             {d.Stewards[0], d.Stewards[0].Sign(g.registration()), account.ErrNotFound},
			"another's officer":     {d.officers[2], d.officers[2].Sign(g.registration()), account.ErrNotFound},
			"for another partner":   {one, but(func(b *statement.Client) { b.Partner = foreign.id }), account.ErrNotFound},
			"another's statement":   {one, d.officers[1].Sign(g.registration()), statement.ErrRefused},
			"a scope it has not":    {one, but(func(b *statement.Client) { b.Scopes = statement.Scopes()[:3] }), statement.ErrRefused},
			"a term that is over":   {one, but(func(b *statement.Client) { b.From, b.Until = b.From-10, b.From }), statement.ErrRefused},
			"an officer's own word": {one, one.Sign(statement.CheckIn{}), statement.ErrRefused},
		} {
			if _, err := d.reg.Register(t.Context(), c.caller.Caller, c.said.Compact(), nil); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		stolen := g.registration()
		stolen.Partner = foreign.id
		if _, err := d.register(d.officers[2], stolen); !errors.Is(err, partner.ErrTaken) {
			t.Errorf("another partner's client: %v, want ErrTaken", err)
		}
		if err := d.retire(d.officers[2], g); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("another partner's officer retires: %v", err)
		}
		if err := d.retire(one, d.program()); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("a key that there is not: %v", err)
		}
	})
}

// A key is rotated without a pause: the new one counts beside the old one, the old
// one stops at once, with its tokens, and never comes back.
func TestAKeyIsRotatedWithoutAPause(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		d.effective(d.body(), d.Stewards[0])
		old := d.registered().in()
		next := d.program()
		next.id = old.id
		for _, o := range d.officers[:2] {
			if _, err := d.register(o, next.registration()); err != nil {
				t.Fatal(err)
			}
		}
		next.in()
		for _, g := range []*program{old, next} {
			if c, err := g.calls(d.other); err != nil || c.Client != old.id || c.Key != g.public.Thumbprint() {
				t.Errorf("%+v, %v", c, err)
			}
		}
		if err := d.retire(d.officers[1], old); err != nil {
			t.Fatal(err)
		}
		if err := d.retire(d.officers[0], old); !errors.Is(err, partner.ErrSpoken) {
			t.Errorf("retired twice: %v", err)
		}
		for _, node := range []*partner.Registry{d.reg, d.other} {
			if _, err := old.calls(node); err == nil {
				t.Error("a retired key's token is good")
			}
			if _, err := old.token(node); !errors.Is(err, partner.ErrClient) {
				t.Errorf("a token for a retired key: %v", err)
			}
			if _, err := next.calls(node); err != nil {
				t.Errorf("the new key: %v", err)
			}
		}
		again := old.registration()
		again.Until++
		if _, err := d.register(d.officers[0], again); !errors.Is(err, partner.ErrRetired) {
			t.Errorf("registered again: %v, want ErrRetired", err)
		}
	})
}

// An officer whom a newer agreement leaves out takes her voice from every key; one
// more officer's brings it back.
func TestARemovedOfficersVoiceDoesNotCount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		d.effective(d.body(), d.Stewards[0])
		g := d.registered().in()
		d.Clock.Forward(time.Second)
		body := d.body()
		body.Officers = ids(d.officers[1], d.officers[2])
		d.effective(body, d.Stewards[0])
		if _, err := g.calls(d.reg); err == nil {
			t.Error("its token is good with the voice of somebody who is no officer")
		}
		renewed := g.registration()
		renewed.From, renewed.Until = renewed.From-1, renewed.Until-1 // the body that was signed
		if out, err := d.register(d.officers[2], renewed); err != nil || !out.Effective {
			t.Errorf("with another officer's voice: %+v, %v", out, err)
		}
		if _, err := g.calls(d.reg); err != nil {
			t.Errorf("with another officer's voice: %v", err)
		}
	})
}

// Two officers speak at once: both are heard, and one of them makes it count.
func TestTwoOfficersAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 1, 1)
		d.effective(d.body(), d.Stewards[0])
		for range 4 {
			body := d.program().registration()
			var said [2]string
			for i := range said {
				said[i] = d.officers[i].Sign(body).Compact()
			}
			var outs [2]partner.Outcome
			var errs [2]error
			var wg sync.WaitGroup
			for i := range said {
				wg.Go(func() { outs[i], errs[i] = d.reg.Register(t.Context(), d.officers[i].Caller, said[i], nil) })
			}
			wg.Wait()
			if err := errors.Join(errs[:]...); err != nil || outs[0].Effective == outs[1].Effective {
				t.Fatalf("%+v, %v", outs, err)
			}
		}
	})
}

// Stewards see every partner, officers theirs, and whoever has enrolled can look up
// one that has had an agreement, with all that checking it takes.
func TestWhoSeesPartnersAndPrograms(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, 2, 2)
		her, nobody := d.Enrolled(statement.Participant), d.Stranger()
		if _, err := d.agree(d.Stewards[0], d.body()); err != nil {
			t.Fatal(err)
		}
		for _, c := range []*accounttest.Person{her, nobody, d.officers[0]} {
			if _, err := d.reg.One(t.Context(), c.Caller, d.id); !errors.Is(err, account.ErrNotFound) {
				t.Errorf("%q sees an agreement of one voice: %v", c.Role, err)
			}
		}
		name := d.effective(d.body(), d.Stewards[1])
		g := d.registered()
		for _, c := range []*accounttest.Person{her, d.officers[0], d.Stewards[0]} {
			one, err := d.reg.One(t.Context(), c.Caller, d.id)
			if err != nil || len(one.Agrees) != 2 || one.InForce == nil || *one.InForce != name {
				t.Errorf("%q: %+v, %v", c.Role, one, err)
			}
			of, err := d.reg.Client(t.Context(), c.Caller, d.id, g.id)
			if err != nil || len(of.Clients) != 2 || !slices.Contains(of.Live, g.public.Thumbprint()) {
				t.Errorf("%q: %+v, %v", c.Role, of, err)
			}
		}
		for _, c := range []*accounttest.Person{d.officers[0], d.Stewards[1]} {
			list, err := d.reg.List(t.Context(), c.Caller, "", 10)
			clients, errC := d.reg.Clients(t.Context(), c.Caller, d.id, "", 10)
			if err != nil || errC != nil || len(list) != 1 || len(clients) != 1 {
				t.Errorf("%q: %d, %v, %d, %v", c.Role, len(list), err, len(clients), errC)
			}
		}
		for _, c := range []*accounttest.Person{her, nobody, d.officers[2]} {
			if list, err := d.reg.List(t.Context(), c.Caller, "", 10); !errors.Is(err, account.ErrNotFound) || len(list) != 0 {
				t.Errorf("%q lists %+v, %v", c.Role, list, err)
			}
			if list, err := d.reg.Clients(t.Context(), c.Caller, d.id, "", 10); !errors.Is(err, account.ErrNotFound) || len(list) != 0 {
				t.Errorf("%q lists %+v, %v", c.Role, list, err)
			}
		}
		if _, err := d.reg.One(t.Context(), nobody.Caller, d.id); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("a key that has not enrolled: %v", err)
		}
	})
}
