package oracletest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

func TestWhatIsNotTheCallersIsAnsweredLikeWhatThereIsNot(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) {
			w := newWorld(t, vaulttest.On(engine))
			w.counts = engine == store.SQLite
			w.isThere()
			routes := w.routes()
			if len(routes) < 15 {
				t.Fatalf("the contract has %d routes with names in them", len(routes))
			}
			for _, r := range routes {
				if w.doors[r] == forAnybody {
					continue // the tests of phones and calls ask these
				}
				for _, c := range append(w.people, w.programs()...) {
					w.compare(c, r)
				}
			}
		})
	}
}

// isThere makes sure that there is something to find: its reader gets it.
func (w *world) isThere() {
	w.t.Helper()
	live := w.people[slices.IndexFunc(w.people, func(c caller) bool { return strings.HasSuffix(c.who, "for more") })]
	q := question{live, route{http.MethodGet, "/v1/inbox/{grant}/parts/{n}/content"}, place{grant: w.grants["live"], n: 1}}
	if a := w.ask(q, body{}); a.status != http.StatusOK {
		w.t.Fatalf("the reader of a live grant got %d %s", a.status, a.body)
	}
}

// compare asks for everything there is on a route and for nothing, with the body
// of somebody in good faith and without a sensible one.
func (w *world) compare(c caller, r route) {
	w.t.Helper()
	nothing := question{c, r, w.nothing()}
	wantBad, want := w.ask(nothing, nonsense(r)), w.ask(nothing, w.sent(nothing))
	cost := w.work
	reference := w.refusal(by{c.program != nil, w.doors[r]})
	if strings.HasSuffix(r.path, "/payload") { // which speaks tus, whatever is there
		reference.header = strings.Replace(reference.header, "Vary:", "Tus-Resumable: [\"1.0.0\"]\nVary:", 1)
	}
	if c.barred(w.doors[r]) { // is told so, whatever is there
		reference = want
		if want.status != http.StatusForbidden {
			w.t.Errorf("%s, which they may not do at all, and gets %+v", nothing, want)
		}
	}
	if r.method == http.MethodHead {
		reference.body = "" // which HEAD has none of
	}
	if want != reference {
		w.t.Errorf("%s, which there is not, and gets\n%+v\nwhere others get\n%+v", nothing, want, reference)
	}
	for _, p := range w.places(r) {
		q := question{c, r, p}
		if theirs(q) {
			continue
		}
		if got := w.ask(q, w.sent(q)); got != want {
			w.t.Errorf("%s and gets\n%+v\nwhere nothing is answered with\n%+v", q, got, want)
		}
		w.costs(q, w.work, nothing, cost)
		if got := w.ask(q, nonsense(r)); got != wantBad {
			w.t.Errorf("%s with nonsense and gets\n%+v\nwhere nothing is answered with\n%+v", q, got, wantBad)
		}
	}
}

// barred tells of whom it is known what they can never do: programs without the
// scope. Whoever works for a partner and has nothing to let others read is told that
// there is nothing, as everybody is.
func (c caller) barred(d door) bool { return c.narrow && d == forPrograms }

// reference is the one answer to everything that is not there.
func (w *world) reference() answer {
	w.t.Helper()
	return w.refusal(by{false, forPeople})
}

// refusal is the one answer to a kind of caller at a kind of door: what is not there,
// or, at another's door, that they cannot come in.
func (w *world) refusal(b by) answer {
	w.t.Helper()
	if a, known := w.refusals[b]; known {
		return a
	}
	who, to, want := w.people[1], route{http.MethodGet, "/v1/testimonies/{testimony}"}, http.StatusNotFound
	if b.program {
		who = w.programs()[0]
	}
	if b.door == forPrograms {
		to.path = "/v1/deliveries/{item}"
	}
	if b.program != (b.door == forPrograms) {
		want = http.StatusUnauthorized
	}
	a := w.ask(question{who, to, w.nothing()}, body{})
	if a.status != want {
		w.t.Fatalf("%s asks at the door for %s and gets %+v", who.who, b.door, a)
	}
	w.refusals[b] = a
	return a
}

// nothing is a place where nothing is, by every name.
func (w *world) nothing() place {
	w.t.Helper()
	d := w.draw
	return place{testimony: d(), grant: d(), n: 1, account: w.door.Stranger().Account(), policy: d(), tray: d(), item: d(), webhook: d(),
		consultation: d(), partner: d(), client: d(), form: d(), collector: d(), code: string(d()), token: string(d())}
}

// nonsense is a body that says nothing.
func nonsense(r route) body {
	if r.method == http.MethodGet {
		return body{header: map[string]string{"Range": "bytes=7-3", "If-Range": `"x"`}}
	}
	return body{media: api.MediaJSON, bytes: []byte("{}")}
}

// theirs tells what a caller may see: that a grant of theirs was taken back, the grant that waits for its day, is paused or
// used up, or whose terms a suspended reader still owes, what is live, and, of
// people, applicants themselves; stewards decide about them.
func theirs(q question) bool {
	if strings.HasPrefix(q.to.path, "/v1/partners/") {
		return vouched(q)
	}
	if q.by.judges[q.at.account] || q.by.ended != "" && q.at.grant == q.by.ended && strings.HasPrefix(q.to.path, "/v1/endings/") {
		return true
	}
	return q.by.sees != "" && q.at.grant == q.by.sees && readers(q)
}

// readers tells what a reader may do with a grant in their inbox. Whoever sees that it
// is there may keep words of their own about the part it is of, and about no other,
// and have back all of them: a pause, a wait or a suspension stops her words and not
// theirs. That she was heard only they say who have opened something; who has not is
// told that there is nothing, though the grant is theirs.
func readers(q question) bool {
	const inbox = "/v1/inbox/{grant}"
	switch q.to.path {
	case inbox, inbox + "/asks", inbox + "/notes":
		return true
	case inbox + "/notes/{n}":
		return q.at.n == 1
	case inbox + "/hearings":
		return q.by.read
	}
	return strings.HasPrefix(q.to.path, inbox+"/") && strings.HasSuffix(q.by.who, "for more") && q.at.n == 1
}

// places are all that exists and could be named on a route.
func (w *world) places(r route) (out []place) {
	switch {
	case w.doors[r] == forPrograms, strings.Contains(r.path, "{item}"), strings.Contains(r.path, "{tray}"), strings.Contains(r.path, "{partner}"):
		return w.field.places()
	case strings.Contains(r.path, "{testimony}"):
		for _, n := range []int64{1, 2, underWay, arrived, 77} {
			out = append(out, place{testimony: w.testimony, n: n, grant: w.grants["live"]})
		}
		return append(out, place{testimony: w.erased, n: 1, grant: w.grants["revoked"]}, place{testimony: w.paused, n: 1, grant: w.grants["paused"]})
	case strings.Contains(r.path, "{policy}"):
		return []place{{policy: w.policy}, {policy: w.grants["withheld"]}, {policy: w.testimony}}
	case strings.Contains(r.path, "{recovery}"), strings.Contains(r.path, "{claim}"):
		return []place{{policy: w.recovery}, {policy: w.claim}, {policy: w.policy}}
	case strings.Contains(r.path, "{grant}"):
		for _, g := range w.grants {
			out = append(out, place{grant: g, n: 1}, place{grant: g, n: 2}, place{grant: g, n: 77})
		}
		return append(out, place{grant: w.testimony, n: 1})
	}
	// Participants and stewards are accounts, but no researchers.
	return []place{{account: w.her.Account()}, {account: w.people[1].Account()}, {account: w.people[2].Account()}, {account: w.people[3].Account()}}
}
