// Package contracttest sends a running vault requests that are made from its contract:
// good ones by schema, and the same bent in every way that somebody careless or
// malicious would bend them. It judges each answer.
//
// Promises: the number of requests is bounded and their choice depends on the seed
// alone, so that a finding can be had again (keys, names and signatures are new each
// time). What is found is one of: a status, header or body that the contract does not
// have; a request accepted that the contract does not allow; a fault of the server's
// own (500); a refusal that is no problem document; an answer that repeats what was
// sent in a refused request; an answer that is too large; any of that in the log.
//
// Assumes: a practice vault on loopback that enrols everybody. Does not: judge whether
// a refusal was the right one; the tests of each domain do.
//
// Specification: api/openapi.yaml, api/statement.schema.json, docs/protocol.md.
package contracttest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
)

// Config says how much is sent, and with which seed.
type Config struct {
	Seed  uint64
	Cases int // requests, about
	Only  int // send no more than the request of this number; negative: all. What came before is missing then
}

// Seen counts the answers that operations gave, by status.
type Seen map[apitest.Operation]map[int]int

// Run sends requests to a vault as several people, and reports what is found.
func Run(t testing.TB, p *People, cfg Config) Seen {
	t.Helper()
	f := newFuzzer(t, p, cfg)
	for n := range cfg.Cases {
		if cfg.Only >= 0 && n != cfg.Only {
			continue
		}
		f.send(n)
	}
	f.logged()
	f.report()
	return f.seen
}

func newFuzzer(t testing.TB, p *People, cfg Config) *fuzzer {
	t.Helper()
	contract, err := apitest.Load()
	if err != nil {
		t.Fatal(err)
	}
	return &fuzzer{t: t, people: p, inputs: contract.Inputs(), seed: cfg.Seed, values: newValues(t, contract.Schemas()), seen: Seen{}}
}

type fuzzer struct {
	t      testing.TB
	people *People
	inputs []apitest.Input
	values *values
	seed   uint64
	seen   Seen
	faults int
}

// maxFaults is how many findings are reported: more of them help nobody.
const maxFaults = 20

// send makes request number n and judges what comes back. Its choices depend on the
// seed and the number only.
func (f *fuzzer) send(n int) {
	if f.faults >= maxFaults {
		return
	}
	rnd := rand.New(rand.NewPCG(f.seed, uint64(n)))
	in := f.inputs[n%len(f.inputs)]
	who := f.people.pick(rnd)
	if slices.Contains(in.Secured, "clientToken") && rnd.IntN(2) == 0 {
		who = "program" // else most of these are refused at the door
	}
	d := f.draft(rnd, in, who)
	var bent []string
	for range rnd.IntN(3) { // a third is sent as the contract has it
		bent = append(bent, d.bend(rnd))
	}
	req, err := d.request(f.t, f.people)
	if err != nil {
		return // not even the standard library would send it; RawLines has such
	}
	resp, body, err := f.people.do(req)
	what := fmt.Sprintf("seed %d, request %d (%s as %s, %s): %s", f.seed, n, in.ID, who, strings.Join(bent, ", "), d)
	if err != nil && req.Header.Get("Expect") != "" && len(d.body) > 0 {
		return // below the vault the connection ends without the body being read, and whoever still sends it may miss the answer
	}
	if err != nil {
		f.found("%s: no answer: %v", what, err)
		return
	}
	f.count(req, resp)
	for _, err := range judge(req, resp, body, d.marks) {
		f.found("%s\nanswered %d %s: %v", what, resp.StatusCode, short(body), err)
	}
}

func (f *fuzzer) found(format string, args ...any) {
	f.t.Helper()
	f.faults++
	f.t.Errorf(format, args...)
}

func (f *fuzzer) count(req *http.Request, resp *http.Response) {
	if o, ok := apitest.Find(req.Method, req.URL.EscapedPath()); ok {
		if f.seen[o] == nil {
			f.seen[o] = map[int]int{}
		}
		f.seen[o][resp.StatusCode]++
	}
}

// logged looks for faults and for words of requests in what the vault logged.
func (f *fuzzer) logged() {
	log := f.people.Log.String()
	for _, bad := range []string{"level=ERROR", "panic", mark} {
		if at := strings.Index(log, bad); at >= 0 {
			f.found("seed %d: the log has %q: %s", f.seed, bad, short([]byte(log[max(0, at-200):])))
		}
	}
}

// report says what came of it, so that a run in which everything was refused at the
// door is seen to be one.
func (f *fuzzer) report() {
	total := map[int]int{}
	for _, by := range f.seen {
		for status, n := range by {
			total[status] += n
		}
	}
	f.t.Logf("answers by status: %v", total)
	for act, n := range f.people.signed {
		f.t.Logf("%s: %d signed, %d not", act, n[0], n[1])
	}
}

func short(b []byte) string {
	if len(b) > 600 {
		return string(b[:600]) + "…"
	}
	return string(b)
}

// isProblem tells whether an answer is a refusal's document.
func isProblem(resp *http.Response) bool { return resp.Header.Get("Content-Type") == api.MediaProblem }
