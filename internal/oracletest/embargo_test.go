package oracletest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// heard is an answer, and to what.
type heard struct {
	q question
	a answer
}

// No header leaves before its time, to anybody, by any route: every route of the
// contract is asked by every kind of caller, one second before the grant begins,
// for all that exists; the header that its reader gets a second later is in none of
// the answers, however it might be spelled.
func TestNoRouteGivesAHeaderBeforeItsTime(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) {
			w := newWorld(t, vaulttest.On(engine))
			from := w.vault.Clock.Now().Truncate(time.Hour).Add(24 * time.Hour)
			reader := caller{who: "the reader of what waits", Person: w.door.Researcher(100)}
			g, err := w.her.Grant(t.Context(), client.Offer{Testimony: w.testimony, Parts: []int64{1}, To: reader.Account(),
				Terms: api.Terms{Access: statement.Download, From: from.Unix(), Until: from.Unix() + statement.Day}})
			w.must(err)
			w.vault.Clock.Set(from.Add(-time.Second))
			told := w.walk(append(w.everybody(), reader), g.ID)
			w.vault.Clock.Set(from)
			opened := w.ask(question{reader, route{http.MethodGet, "/v1/inbox/{grant}/parts/{n}/content"}, place{grant: g.ID, n: 1}}, body{})
			header, _, found := strings.Cut(opened.body, "\n---")
			if opened.status != http.StatusOK || !found || len(header) < 1000 {
				t.Fatalf("at its time the reader got %d with a header of %d bytes", opened.status, len(header))
			}
			spelled := spellings(header)
			if !spelled.in(opened) {
				t.Fatal("the header is not found where it is")
			}
			if len(told) < 500 {
				t.Errorf("only %d answers were looked at", len(told))
			}
			for _, h := range told {
				if spelled.in(h.a) {
					t.Errorf("%s and got the header with %d, one second before its time", h.q, h.a.status)
				}
			}
		})
	}
}

// everybody is every kind of caller, she herself and somebody without a name too.
func (w *world) everybody() []caller {
	return append(append(slices.Clone(w.people), w.programs()...), caller{who: "she herself", Person: w.her}, caller{who: "nobody"})
}

// walk asks everything of the contract.
func (w *world) walk(people []caller, grant api.ID) (out []heard) {
	w.t.Helper()
	for _, r := range w.allRoutes() {
		for _, c := range people {
			for _, p := range w.around(r, grant) {
				q := question{c, r, p}
				for _, b := range w.bodies(q) {
					out = append(out, heard{q, w.askAs(q, b)})
				}
			}
		}
	}
	return out
}

// around are the places where the header could lie.
func (w *world) around(r route, grant api.ID) []place {
	at := w.field.places()[0]
	at.testimony, at.grant, at.n, at.account, at.policy = w.testimony, grant, 1, w.her.Account(), w.policy
	if !strings.Contains(r.path, "{n}") {
		return []place{at}
	}
	other := at
	other.n = 2
	return []place{at, other}
}

// bodies are what somebody would send: to a GET ranges and conditions, else nonsense
// and, from those who may change nothing here, what one sends in good faith.
func (w *world) bodies(q question) []body {
	w.t.Helper()
	if q.to.method == http.MethodGet {
		return []body{{}, {header: map[string]string{"Range": "bytes=0-1700"}}, {header: map[string]string{"Range": "bytes=-900000", "If-None-Match": `"x"`}}}
	}
	out := []body{nonsense(q.to)}
	if q.by.Person != nil && q.by.Person != w.her && strings.Contains(q.to.path, "{") {
		out = append(out, w.sent(q))
	}
	return out
}

// askAs is ask for somebody who may not be signed in.
func (w *world) askAs(q question, b body) answer {
	w.t.Helper()
	if q.by.Person != nil {
		return w.ask(q, b)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), q.to.method, w.door.Origin+w.path(q.to, q.at), bytes.NewReader(b.bytes))
	w.must(err)
	for name, value := range b.header {
		req.Header.Set(name, value)
	}
	if b.media != "" {
		req.Header.Set("Content-Type", b.media)
	}
	resp, err := http.DefaultClient.Do(req)
	w.must(err)
	return w.answer(resp)
}

// forms are the spellings of something.
type forms []string

// spellings are how a header might stand in an answer: as it is, and inside JSON or
// a line of text. A stanza's body alone is enough to open with, so its pieces are
// looked for as well, at every offset that base64 can have.
func spellings(header string) forms {
	out := forms{header}
	for _, piece := range []string{header, header[len(header)/2:]} {
		for shift := range 3 {
			for _, e := range []*base64.Encoding{base64.RawURLEncoding, base64.RawStdEncoding} {
				out = append(out, e.EncodeToString([]byte(piece[shift:]))[:64])
			}
		}
		out = append(out, hex.EncodeToString([]byte(piece))[:64])
	}
	for _, line := range strings.Split(header, "\n") {
		if len(line) >= 32 && !strings.HasPrefix(line, "->") && !strings.HasPrefix(line, "age-encryption") {
			out = append(out, line)
		}
	}
	return out
}

func (f forms) in(a answer) bool {
	return slices.ContainsFunc(f, func(s string) bool { return strings.Contains(a.body, s) || strings.Contains(a.header, s) })
}
