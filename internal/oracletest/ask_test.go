package oracletest_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/relatingfield/vault/api"
)

// route is a line of the vault's contract.
type route struct{ method, path string }

// place is what the names in a path stand for.
type place struct {
	testimony, grant api.ID
	n                int64
	account          api.Account
	policy           api.ID

	tray, item, webhook, consultation, partner, client, form, collector api.ID
	code, token                                                         string // of a tray, and of a phone
	there, registered                                                   bool   // the partner, and the client as its own
}

// question is a request for a place.
type question struct {
	by caller
	to route
	at place
}

// String says who asks for what.
func (q question) String() string {
	return fmt.Sprintf("%s asks %s %s at %+v", q.by.who, q.to.method, q.to.path, q.at)
}

// answer is what can be told apart of an answer.
type answer struct {
	status int
	header string
	body   string
}

// routes are all that the vault serves with a name of something in the path.
func (w *world) routes() []route {
	return slices.DeleteFunc(w.allRoutes(), func(r route) bool { return !strings.Contains(r.path, "{") })
}

// allRoutes are all that the vault serves.
func (w *world) allRoutes() (out []route) {
	w.t.Helper()
	resp, err := http.Get(w.door.Origin + "/openapi.yaml")
	w.must(err)
	defer resp.Body.Close()
	var contract struct {
		Paths map[string]map[string]yaml.Node `yaml:"paths"`
	}
	w.must(yaml.NewDecoder(resp.Body).Decode(&contract))
	w.doors = map[route]door{}
	for path, methods := range contract.Paths {
		for m, node := range methods {
			if slices.Contains([]string{"get", "put", "post", "patch", "delete", "head"}, m) {
				r := route{strings.ToUpper(m), path}
				w.doors[r] = w.doorOf(node)
				out = append(out, r)
			}
		}
	}
	return out
}

// door is who may come by a route.
type door string

const (
	forPeople   door = "people"
	forPrograms door = "programs of partners"
	forAnybody  door = "anybody"
)

// doorOf reads it from an operation of the contract.
func (w *world) doorOf(operation yaml.Node) door {
	w.t.Helper()
	var op struct{ Security *[]map[string]any }
	w.must(operation.Decode(&op))
	switch {
	case op.Security == nil:
		return forPeople
	case len(*op.Security) == 0:
		return forAnybody
	}
	if _, program := (*op.Security)[0]["clientToken"]; !program {
		return forAnybody // with a key, who signs in
	}
	return forPrograms
}

// path puts the place into the route's path.
func (w *world) path(r route, p place) string {
	w.t.Helper()
	path := strings.NewReplacer("{testimony}", string(p.testimony), "{grant}", string(p.grant), "{n}", fmt.Sprint(p.n), "{account}", string(p.account),
		"{policy}", string(p.policy), "{recovery}", string(p.policy), "{claim}", string(p.policy),
		"{tray}", string(p.tray), "{item}", string(p.item), "{webhook}", string(p.webhook), "{consultation}", string(p.consultation), "{partner}", string(p.partner),
		"{client}", string(p.client), "{form}", string(p.form), "{collector}", string(p.collector), "{token}", p.token).Replace(r.path)
	if strings.Contains(path, "{") {
		w.t.Fatalf("%s names something new: say in this test what there is of it", r.path)
	}
	return path
}

// ask sends a question with a body.
func (w *world) ask(q question, b body) answer {
	w.t.Helper()
	req := q.by.Request(q.to.method, w.path(q.to, q.at), bytes.NewReader(b.bytes))
	if b.media != "" {
		req.Header.Set("Content-Type", b.media)
	}
	for name, value := range b.header {
		req.Header.Set(name, value)
	}
	if q.to.method == http.MethodPost || q.to.method == http.MethodPut {
		req.Header.Set(api.HeaderIdempotencyKey, w.door.IdempotencyKey())
	}
	before := w.vault.Statements.Load()
	resp, err := http.DefaultClient.Do(req)
	w.must(err)
	a := w.answer(resp)
	w.work = w.vault.Statements.Load() - before
	return a
}

// answer takes down everything but what differs between any two answers.
func (w *world) answer(resp *http.Response) answer {
	w.t.Helper()
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	w.must(err)
	for _, name := range []string{"Date", api.HeaderDPoPNonce, "Request-Id", api.HeaderRateLimit} {
		resp.Header.Del(name)
	}
	var header strings.Builder
	for _, name := range slices.Sorted(maps.Keys(resp.Header)) {
		fmt.Fprintf(&header, "%s: %q\n", name, resp.Header[name])
	}
	return answer{resp.StatusCode, header.String(), string(text)}
}
