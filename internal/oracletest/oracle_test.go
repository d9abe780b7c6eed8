package oracletest_test

import (
	"net/http"
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
			w.isThere()
			routes := w.routes()
			if len(routes) < 15 {
				t.Fatalf("the contract has %d routes with names in them", len(routes))
			}
			for _, r := range routes {
				for _, c := range w.people {
					w.compare(c, r)
				}
			}
		})
	}
}

// isThere makes sure that there is something to find: its reader gets it.
func (w *world) isThere() {
	w.t.Helper()
	live := w.people[len(w.people)-1]
	q := question{live, route{http.MethodGet, "/v1/inbox/{grant}/parts/{n}/content"}, place{grant: w.grants["live"], n: 1}}
	if a := w.ask(q, body{}); a.status != http.StatusOK {
		w.t.Fatalf("the reader of a live grant got %d %s", a.status, a.body)
	}
}

// compare asks for everything there is on a route and for nothing, with the body
// of somebody in good faith and without a sensible one.
func (w *world) compare(c caller, r route) {
	w.t.Helper()
	nothing := question{c, r, place{w.draw(), w.draw(), 1, w.door.Stranger().Account(), w.draw()}}
	want, wantBad := w.ask(nothing, w.sent(nothing)), w.ask(nothing, nonsense(r))
	reference := w.reference()
	if r.method == http.MethodHead {
		reference.body = "" // which HEAD has none of
	}
	if strings.HasSuffix(r.path, "/payload") { // which speaks tus, whatever is there
		reference.header = strings.Replace(reference.header, "Vary:", "Tus-Resumable: [\"1.0.0\"]\nVary:", 1)
	}
	if want.status != http.StatusNotFound || want != reference {
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
		if got := w.ask(q, nonsense(r)); got != wantBad {
			w.t.Errorf("%s with nonsense and gets\n%+v\nwhere nothing is answered with\n%+v", q, got, wantBad)
		}
	}
}

// reference is the one answer to everything that is not there.
func (w *world) reference() answer {
	w.t.Helper()
	if w.notFound == (answer{}) {
		w.notFound = w.ask(question{w.people[1], route{http.MethodGet, "/v1/testimonies/{testimony}"}, place{testimony: w.draw()}}, body{})
	}
	return w.notFound
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
	if q.by.judges[q.at.account] || q.by.ended != "" && q.at.grant == q.by.ended && strings.HasPrefix(q.to.path, "/v1/endings/") {
		return true
	}
	return q.by.sees != "" && q.at.grant == q.by.sees &&
		(q.to.path == "/v1/inbox/{grant}" || q.to.path == "/v1/inbox/{grant}/asks" || strings.HasPrefix(q.to.path, "/v1/inbox/{grant}/") && strings.HasSuffix(q.by.who, "for more") && q.at.n == 1)
}

// places are all that exists and could be named on a route.
func (w *world) places(r route) (out []place) {
	switch {
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
