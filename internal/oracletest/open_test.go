package oracletest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// Routes that anybody may call are few, and each is asked below in its own way: a new
// one fails here.
const phones, calls = "/or/{token}/", "/v1/consultations/{consultation}"

// open are the routes for anybody with a name in the path that begins so.
func (w *world) open(prefix string) (out []route) {
	w.t.Helper()
	for _, r := range w.routes() {
		if w.doors[r] != forAnybody {
			continue
		}
		if !strings.HasPrefix(r.path, phones) && !strings.HasPrefix(r.path, calls) {
			w.t.Errorf("%s %s is for anybody: say in this test how it is asked", r.method, r.path)
		}
		if strings.HasPrefix(r.path, prefix) {
			out = append(out, r)
		}
	}
	if len(out) < 2 {
		w.t.Fatalf("the contract has %d routes below %s", len(out), prefix)
	}
	return out
}

// fields runs a test on both engines.
func fields(t *testing.T, do func(w *world)) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) { do(newField(t, vaulttest.On(engine))) })
	}
}

// Whoever tries addresses of phones learns nothing: not from one that was never given
// out, is over, was taken back or changed, or whose partner was stopped; and with a
// good one no more than which forms that phone gets.
func TestEveryAddressOfAPhoneThatIsNotGoodIsAnsweredAlike(t *testing.T) {
	fields(t, func(w *world) {
		f, ctx := w.field, w.t.Context()
		add := func(g *partnertest.Program, code string, until int64) *api.IssuedCollector {
			one, err := g.AddCollector(ctx, code, until)
			w.must(err)
			return one
		}
		expired, rotated := add(f.program, f.heldCode, w.inDays(1)), add(f.program, f.heldCode, 0)
		_, err := f.program.RotateCollector(ctx, rotated.Collector, 0)
		w.must(err)
		stopped := f.world.Partner()
		program := stopped.Program()
		_, stoppedCode := w.collection(stopped)
		halted, hers := add(program, stoppedCode, 0), w.handOut(program, stoppedCode, "hers")
		_, otherCode := w.collection(f.other)
		others := w.handOut(f.others, otherCode, "others")
		form := route{http.MethodGet, phones + "forms/{form}"}
		for token, its := range map[string]api.ID{f.phone.Token: f.form, expired.Token: f.form, rotated.Token: f.form, halted.Token: hers} {
			if a := w.askAs(question{to: form, at: place{token: token, form: its}}, body{}); a.status != http.StatusOK {
				w.t.Errorf("a phone whose address is good got %+v", a)
			}
		}
		stopped.Halt()
		w.vault.Clock.Forward(9 * 24 * time.Hour)
		bad := map[string]string{
			"revoked": f.ended.Token, "expired": expired.Token, "changed": rotated.Token, "of a partner that was halted": halted.Token, "no id": "x",
			"long": strings.Repeat("a", 200), "of a tray": f.code, "a collector's name": string(f.phone.Collector), "upper case": strings.ToUpper(f.phone.Token),
		}
		names := []api.ID{f.form, f.gone, others, hers, "x", f.waiting}
		for _, r := range w.open(phones) {
			nothing := question{to: r, at: w.nothing()}
			w.alike(nothing, http.StatusForbidden, func(ask func(string, place)) {
				for what, token := range bad {
					for _, name := range names {
						ask("a token that is "+what, place{token: token, form: name})
					}
				}
			})
			if !strings.Contains(r.path, "{form}") {
				continue
			}
			nothing.at.token = f.phone.Token
			w.alike(nothing, http.StatusNotFound, func(ask func(string, place)) {
				for _, name := range slices.DeleteFunc(slices.Clone(names), func(n api.ID) bool { return n == f.form }) {
					ask("a good token and a form that is not its own", place{token: f.phone.Token, form: name})
				}
			})
		}
	})
}

// alike holds what is asked against the answer to a question about nothing, both in
// good faith and with nonsense.
func (w *world) alike(nothing question, status int, each func(ask func(what string, at place))) {
	w.t.Helper()
	for i, b := range []body{w.sent(nothing), nonsense(nothing.to)} {
		want := w.askAs(nothing, b)
		if i == 0 && want.status != status {
			w.t.Errorf("%s %s is answered with %+v where nothing is, want %d", nothing.to.method, nothing.to.path, want, status)
		}
		each(func(what string, at place) {
			if got := w.askAs(question{nothing.by, nothing.to, at}, b); got != want {
				w.t.Errorf("%s: %s %s at %+v got\n%+v\nwhere nothing gets\n%+v", what, nothing.to.method, nothing.to.path, at, got, want)
			}
		})
	}
}

// Whoever has the name of a call reads it, and everybody the same; there is nothing
// by the names of other things.
func TestACallIsReadAlikeByWhoeverHasItsName(t *testing.T) {
	fields(t, func(w *world) {
		f := w.field
		askers := append(w.programs(), caller{who: "its program", Person: w.door.With(f.program.Client, nil)}, caller{who: "its officer", Person: w.door.With(f.partner.Officers[0], nil)},
			caller{who: "she", Person: w.her}, caller{who: "an unknown key", Person: w.door.Stranger()})
		for _, r := range w.open(calls) {
			nothing := question{by: caller{who: "nobody"}, to: r, at: w.nothing()}
			there := nothing
			there.at.consultation = f.consultation
			want, missing := w.askAs(there, body{}), w.askAs(nothing, body{})
			if want.status != http.StatusOK || missing.status != http.StatusNotFound {
				w.t.Fatalf("%s: %+v, and where nothing is %+v", r.path, want, missing)
			}
			for _, c := range append(askers, nothing.by) {
				at := there
				at.by = c
				if got := w.askAs(at, body{}); got != want {
					w.t.Errorf("%s and gets\n%+v\nwhere nobody gets\n%+v", at, got, want)
				}
				for _, name := range []api.ID{f.waiting, f.tray, f.webhook, f.form, f.partner.ID, f.program.ID, f.phone.Collector, w.draw()} {
					at.at.consultation = name
					if got := w.askAs(at, body{}); got != missing {
						w.t.Errorf("%s and gets\n%+v\nwhere nobody gets\n%+v for nothing", at, got, missing)
					}
				}
			}
		}
	})
}

// What is said of a partner and of its programs is said alike to everybody who has
// enrolled, and to nobody else.
func TestAPartnerIsShownAlikeToEverybodyWhoHasEnrolled(t *testing.T) {
	fields(t, func(w *world) {
		f := w.field
		unknown := caller{who: "an unknown key", Person: w.door.Stranger()}
		for _, r := range []route{{http.MethodGet, "/v1/partners/{partner}"}, {http.MethodGet, "/v1/partners/{partner}/clients/{client}"}} {
			at := f.places()[0]
			want, missing := w.ask(question{caller{Person: w.her}, r, at}, body{}), w.ask(question{caller{Person: w.her}, r, w.nothing()}, body{})
			if want.status != http.StatusOK || missing.status != http.StatusNotFound {
				w.t.Fatalf("%s: %+v, and where nothing is %+v", r.path, want, missing)
			}
			for _, c := range []caller{{who: "another woman", Person: f.pen}, {who: "the steward", Person: w.door.Guard()}, {who: "a collection", Person: f.held},
				{who: "another's officer", Person: w.door.With(f.other.Officers[0], nil)}} {
				if got := w.ask(question{c, r, at}, body{}); got != want {
					w.t.Errorf("%s, %s: got\n%+v\nwhere she gets\n%+v", r.path, c.who, got, want)
				}
			}
			for _, p := range []place{at, w.nothing()} {
				if got := w.ask(question{unknown, r, p}, body{}); got != missing {
					w.t.Errorf("%s, an unknown key: got\n%+v\nwhere nothing is answered with\n%+v", r.path, got, missing)
				}
			}
		}
	})
}
