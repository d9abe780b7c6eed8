package contracttest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
)

// provocation makes a good request one that is refused with a status.
type provocation struct {
	status int
	who    string
	bend   func(in apitest.Input, d *draft) bool // false: the operation cannot be refused like this
	by     string                                // who signs the statements, if another than sends them
	late   bool                                  // something else is signed before the request is sent
}

// provocations are for refusals that many operations have. What only some have is for
// the tests of those.
func provocations() []provocation {
	return []provocation{
		{status: http.StatusBadRequest, who: "her", bend: func(_ apitest.Input, d *draft) bool {
			for i := range 65 {
				d.header.Set(fmt.Sprintf("X-%d", i), "x")
			}
			return true
		}},
		{status: http.StatusConflict, who: "her", late: true, bend: hasStatement},
		{status: http.StatusConflict, who: "reader", late: true, bend: hasStatement},
		{status: http.StatusConflict, who: "steward", late: true, bend: hasStatement},
		{status: http.StatusConflict, who: "officer", late: true, bend: hasStatement},
		{status: http.StatusForbidden, who: "stranger", by: "her", bend: hasStatement},
		{status: http.StatusUnsupportedMediaType, who: "program", bend: func(in apitest.Input, d *draft) bool {
			d.header.Set("Content-Type", "text/html")
			return in.Media != ""
		}},
		{status: http.StatusNotFound, who: "reader", bend: hasStatement},
		{status: http.StatusNotFound, who: "her", bend: hasStatement},
		{status: http.StatusUnauthorized, who: "her", bend: func(in apitest.Input, d *draft) bool { d.signer = nil; return len(in.Secured) > 0 }},
		{status: http.StatusNotFound, who: "her", bend: func(in apitest.Input, d *draft) bool {
			if !strings.Contains(in.Path, "{") {
				return false
			}
			d.path = in.Path
			for _, p := range in.Parameters {
				if p.In == "path" {
					d.path = strings.ReplaceAll(d.path, "{"+p.Name+"}", "nobody")
				}
			}
			return true
		}},
		{status: http.StatusNotFound, who: "stranger", bend: func(in apitest.Input, _ *draft) bool { return len(in.Secured) > 0 }},
		{status: http.StatusForbidden, who: "stranger", bend: func(in apitest.Input, _ *draft) bool { return len(in.Secured) > 0 }},
		{status: http.StatusRequestEntityTooLarge, who: "her", bend: func(in apitest.Input, d *draft) bool { d.endless = in.Media != ""; d.body = []byte("x"); return true }},
		{status: http.StatusUnsupportedMediaType, who: "her", bend: func(in apitest.Input, d *draft) bool {
			d.header.Set("Content-Type", "text/html")
			return in.Media != ""
		}},
		{status: http.StatusLengthRequired, who: "her", bend: func(in apitest.Input, d *draft) bool {
			d.chunked = true
			d.body = []byte("x")
			return in.Media == api.MediaBytes
		}},
		{status: http.StatusPreconditionFailed, who: "her", bend: func(_ apitest.Input, d *draft) bool { d.header.Del("Tus-Resumable"); return true }},
		{status: http.StatusUnprocessableEntity, who: "her", bend: func(in apitest.Input, d *draft) bool { return strings.HasSuffix(in.Media, "json") && unsigned(d) }},
		{status: http.StatusRequestedRangeNotSatisfiable, who: "her", bend: func(_ apitest.Input, d *draft) bool { d.header.Set("Range", "bytes=999999999-"); return true }},
		{status: http.StatusRequestedRangeNotSatisfiable, who: "reader", bend: func(_ apitest.Input, d *draft) bool { d.header.Set("Range", "bytes=999999999-"); return true }},
	}
}

func hasStatement(_ apitest.Input, d *draft) bool { return signedText.Match(d.body) }

// unsigned puts statements into a body that nobody has signed.
func unsigned(d *draft) bool {
	before := string(d.body)
	for _, m := range signedText.FindAllString(before, -1) {
		d.body = []byte(strings.ReplaceAll(string(d.body), m, "e30.e30."+strings.Repeat("A", 86)))
	}
	return string(d.body) != before
}

// Refusals provokes every refusal that an operation shares with many others, judges it,
// and counts what was seen.
func Refusals(t testing.TB, p *People) Seen {
	t.Helper()
	f := newFuzzer(t, p, Config{})
	for i, in := range f.inputs {
		for j, how := range provocations() {
			if slices.Contains(in.Statuses, how.status) {
				f.provoke(rand.New(rand.NewPCG(uint64(i), uint64(j))), in, how)
			}
		}
	}
	f.logged()
	return f.seen
}

// tries are made until the status is seen: what a good request is, is chosen anew.
const tries = 6

func (f *fuzzer) provoke(rnd *rand.Rand, in apitest.Input, how provocation) {
	for range tries {
		d := f.draft(rnd, in, cmp.Or(how.by, how.who))
		if !how.bend(in, d) || f.seen[in.Operation][how.status] > 0 {
			return
		}
		if how.by != "" {
			d.signer = f.people.as[how.who]
		}
		if how.late {
			f.people.goesOn(how.who)
		}
		req, err := d.request(f.t, f.people)
		if err != nil {
			f.t.Fatal(err)
		}
		resp, body, err := f.people.do(req)
		if err != nil {
			f.found("%s, to get %d: %v", in.ID, how.status, err)
			return
		}
		f.count(req, resp)
		for _, err := range judge(req, resp, body, d.marks) {
			f.found("%s, to get %d: %s\nanswered %d %s: %v", in.ID, how.status, d, resp.StatusCode, short(body), err)
		}
	}
}

// Add counts what another run has seen, too.
func (s Seen) Add(other Seen) {
	for o, by := range other {
		if s[o] == nil {
			s[o] = map[int]int{}
		}
		for status, n := range by {
			s[o][status] += n
		}
	}
}
