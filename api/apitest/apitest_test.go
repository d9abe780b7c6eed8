package apitest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
)

const (
	someID   = "abcdefghijklmnopqrstuvwxya"
	someHash = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"
	someUUID = `"3f2504e0-4f89-41d3-9a0c-0305e82c3301"`
)

// exchange is a request and its answer, to be bent.
type exchange struct {
	method, path string
	body         string
	media        string
	header       http.Header
	status       int
	answer       string
	answerMedia  string
	answerHeader http.Header
}

func (x exchange) check(t *testing.T) error {
	t.Helper()
	req, err := http.NewRequest(x.method, "https://vault.example"+x.path, strings.NewReader(x.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = x.header
	if x.media != "" {
		req.Header.Set("Content-Type", x.media)
	}
	resp := &http.Response{StatusCode: x.status, Header: x.answerHeader, Body: io.NopCloser(strings.NewReader(x.answer))}
	if x.answerMedia != "" {
		resp.Header.Set("Content-Type", x.answerMedia)
	}
	err = apitest.CheckExchange(req, resp)
	if rest, readErr := io.ReadAll(resp.Body); readErr != nil || string(rest) != x.answer {
		t.Errorf("the body cannot be read again: %q, %v", rest, readErr)
	}
	return err
}

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// everyHeader is more than any request or answer needs.
func request() http.Header {
	return headers("Authorization", "DPoP x.y.z", "DPoP", "x.y.z", "Idempotency-Key", someUUID,
		"Testimony-Statement", "x.y."+strings.Repeat("A", 86), "Testimony-Part", "e30", "Testimony-Tray", someID, "Testimony-Header", "AAAA", "Testimony-Delivery", "x.y.z", "Tus-Resumable", "1.0.0", "Upload-Offset", "0")
}

func answer() http.Header {
	return headers("DPoP-Nonce", "AAAAAAAAAAAAAAAAAAAAAA", "Cache-Control", "no-store", "Request-Id", someID, "Content-Language", "ar",
		"Tus-Resumable", "1.0.0", "Tus-Version", "1.0.0", "WWW-Authenticate", `DPoP algs="ES256"`, "Retry-After", "1", "ETag", `"`+someHash+`"`, "Accept-Ranges", "bytes", "X-OpenRosa-Version", "1.0", "X-OpenRosa-Accept-Content-Length", "1000000", "Vary", "Accept-Encoding")
}

// places are what stands for a name in a path.
var places = regexp.MustCompile(`\{[a-z]+\}`)

// of makes the exchange that an example belongs to.
func of(t *testing.T, s apitest.Sample) exchange {
	t.Helper()
	x := exchange{method: s.Method, header: request(), status: s.Status, answerMedia: s.Media, answerHeader: answer()}
	x.path = places.ReplaceAllString(strings.NewReplacer("{account}", someHash, "{n}", "7").Replace(s.Path), someID)
	switch s.Status {
	case http.StatusPartialContent:
		x.answerHeader.Set("Content-Range", "bytes 0-21/4096")
	case http.StatusRequestedRangeNotSatisfiable:
		x.answerHeader.Set("Content-Range", "bytes */4096")
	}
	if strings.HasPrefix(s.Path, "/v1/inbox/{grant}/parts/") {
		x.answerHeader.Set("Link", "</v1/inbox/"+someID+`>; rel="terms-of-service"`)
	}
	x.answerHeader.Set("RateLimit-Policy", `"burst";q=600;w=60`)
	x.answerHeader.Set("RateLimit", `"burst";r=599;t=60`)
	x.answer, _ = s.Value.(string)
	if strings.HasSuffix(s.Media, "json") {
		x.answer = text(t, s.Value)
	}
	return x
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func load(t *testing.T) *apitest.Contract {
	t.Helper()
	c, err := apitest.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// find gives an example of an operation.
func find(t *testing.T, id, name string) apitest.Sample {
	t.Helper()
	list := load(t).Samples()
	at := slices.IndexFunc(list, func(s apitest.Sample) bool { return s.ID == id && s.Name == name })
	if at < 0 {
		t.Fatalf("%s has no example %s", id, name)
	}
	return list[at]
}

// Every exchange that the contract gives as an example passes, each request with
// each answer.
func TestExamplesPassAsExchanges(t *testing.T) {
	list := load(t).Samples()
	requests := map[string][]apitest.Sample{}
	for _, s := range list {
		if s.Status == 0 {
			requests[s.ID] = append(requests[s.ID], s)
		}
	}
	for _, s := range list {
		if s.Status == 0 {
			continue
		}
		x := of(t, s)
		if s.ID == "sendPayload" {
			x.body, x.media = "sealed", "application/offset+octet-stream"
		}
		for _, r := range append(requests[s.ID], apitest.Sample{})[:max(1, len(requests[s.ID]))] {
			if r.ID != "" {
				x.body, x.media = text(t, r.Value), r.Media
			}
			if err := x.check(t); err != nil {
				t.Errorf("%v: %v", s, err)
			}
		}
	}
}

// What the contract does not allow is found, each by itself.
func TestDeviationsAreFound(t *testing.T) {
	grant := func(t *testing.T) exchange {
		x := of(t, find(t, "grant", "granted"))
		x.body, x.media = text(t, find(t, "grant", "newGrant").Value), "application/json"
		return x
	}
	get := func(t *testing.T) exchange { return of(t, find(t, "getTestimony", "testimony")) }
	open := func(t *testing.T) exchange { return of(t, find(t, "openPart", "grantedRange")) }
	missing := func(t *testing.T) exchange { return of(t, find(t, "getTestimony", "not-found")) }
	follow := func(t *testing.T) exchange { return of(t, find(t, "getDelivery", "delivery")) }
	replace := func(s *string, old, new string) { *s = strings.Replace(*s, old, new, 1) }
	for name, c := range map[string]struct {
		make func(t *testing.T) exchange
		bend func(x *exchange)
	}{
		"an answer with one member more":       {get, func(x *exchange) { replace(&x.answer, `{`, `{"owner":"x",`) }},
		"one more deep inside":                 {get, func(x *exchange) { replace(&x.answer, `"n":`, `"name":"x","n":`) }},
		"an answer without a member":           {get, func(x *exchange) { replace(&x.answer, `"day"`, `"Day"`) }},
		"null in place of a list":              {get, func(x *exchange) { replace(&x.answer, `"uploads":[`, `"uploads":null,"x":[`) }},
		"a time that is no day":                {get, func(x *exchange) { replace(&x.answer, `00,"parts"`, `01,"parts"`) }},
		"an unknown word":                      {get, func(x *exchange) { replace(&x.answer, `"hers"`, `"mine"`) }},
		"a padded hash":                        {get, func(x *exchange) { replace(&x.answer, `"commit":"`, `"commit":"=`) }},
		"an answer that is no JSON":            {get, func(x *exchange) { x.answer = "{" }},
		"an empty answer":                      {get, func(x *exchange) { x.answer = "" }},
		"a status that is not named":           {get, func(x *exchange) { x.status = 202 }},
		"another media type":                   {get, func(x *exchange) { x.answerMedia = "text/html" }},
		"a charset":                            {get, func(x *exchange) { x.answerMedia = "application/json; charset=UTF-8" }},
		"no nonce":                             {get, func(x *exchange) { x.answerHeader.Del("DPoP-Nonce") }},
		"an answer that may be stored":         {get, func(x *exchange) { x.answerHeader.Set("Cache-Control", "private") }},
		"a header twice":                       {get, func(x *exchange) { x.answerHeader.Add("DPoP-Nonce", "BBBBBBBBBBBBBBBBBBBBBA") }},
		"accepted without a token":             {get, func(x *exchange) { x.header.Del("Authorization") }},
		"accepted without a proof":             {get, func(x *exchange) { x.header.Del("DPoP") }},
		"accepted with a query":                {get, func(x *exchange) { x.path += "?verbose=1" }},
		"accepted with a name that is none":    {get, func(x *exchange) { replace(&x.path, someID, "1") }},
		"accepted with a body":                 {get, func(x *exchange) { x.body = "{}" }},
		"accepted without idempotency key":     {grant, func(x *exchange) { x.header.Del("Idempotency-Key") }},
		"accepted with a bare idempotency key": {grant, func(x *exchange) { x.header.Set("Idempotency-Key", strings.Trim(someUUID, `"`)) }},
		"accepted with one member more":        {grant, func(x *exchange) { replace(&x.body, `{`, `{"force":true,`) }},
		"accepted without a member":            {grant, func(x *exchange) { replace(&x.body, `"headers"`, `"header"`) }},
		"accepted as a form":                   {grant, func(x *exchange) { x.media = "application/x-www-form-urlencoded" }},
		"200 for 201":                          {grant, func(x *exchange) { x.status = 200 }},
		"a range without its place":            {open, func(x *exchange) { x.answerHeader.Del("Content-Range") }},
		"a weak entity tag":                    {open, func(x *exchange) { x.answerHeader.Set("ETag", `W/"`+someHash+`"`) }},
		"a part number that is none":           {open, func(x *exchange) { replace(&x.path, "/7/", "/0/") }},
		"a refusal of another type":            {missing, func(x *exchange) { replace(&x.answer, "not-found", "forbidden") }},
		"a refusal with another status inside": {missing, func(x *exchange) { replace(&x.answer, "404", "403") }},
		"a refusal as plain JSON":              {missing, func(x *exchange) { x.answerMedia = "application/json" }},
		"an address that the contract has not": {get, func(x *exchange) { x.path = "/v1/admin" }},
		"a program is not told its limit":      {follow, func(x *exchange) { x.answerHeader.Del("RateLimit") }},
		"a program is not told its policy":     {follow, func(x *exchange) { x.answerHeader.Del("RateLimit-Policy") }},
		"a method that the contract has not":   {get, func(x *exchange) { x.method = "DELETE" }},
	} {
		x := c.make(t)
		if err := x.check(t); err != nil {
			t.Fatalf("%s: before it was bent: %v", name, err)
		}
		before := fmt.Sprint(x)
		c.bend(&x)
		if fmt.Sprint(x) == before {
			t.Errorf("%s: nothing was bent", name)
		}
		if x.check(t) == nil {
			t.Errorf("%s: not found", name)
		}
	}
}

// What is no address, or no method of one, is refused in one way each.
func TestStrangersAreRefusedInOneWay(t *testing.T) {
	gone := of(t, find(t, "getTestimony", "not-found"))
	gone.path = "/v2/testimonies"
	if err := gone.check(t); err != nil {
		t.Error(err)
	}
	wrong := of(t, find(t, "getTestimony", "not-found"))
	wrong.method, wrong.status = "DELETE", 405
	wrong.answer = strings.NewReplacer("not-found", "method-not-allowed", "404", "405").Replace(wrong.answer)
	wrong.answerHeader.Set("Allow", "OPTIONS, GET")
	if err := wrong.check(t); err != nil {
		t.Error(err)
	}
	wrong.answerHeader.Del("Allow")
	if wrong.check(t) == nil {
		t.Error("405 without Allow passes")
	}
}

// Wrong requests that are refused are no news.
func TestRefusedRequestsAreNotJudged(t *testing.T) {
	x := of(t, find(t, "grant", "bad-request"))
	x.header, x.body, x.media = http.Header{}, "nonsense", "text/plain"
	if err := x.check(t); err != nil {
		t.Error(err)
	}
}

// A contract with a slip of the pen is not read.
func TestAContractIsReadStrictly(t *testing.T) {
	for name, bend := range map[string][2]string{
		"an unknown member":         {"summary: What this vault is\n", "sumary: What this vault is\n"},
		"a member twice":            {"  /livez:\n", "  /readyz:\n"},
		"a reference that is wrong": {"#/components/responses/TooMany", "#/components/responses/TooMuch"},
		"an example that is none":   {"#/components/examples/vault", "#/components/examples/fault"},
		"a second document":         {"components:\n", "components: {}\n---\nx:\n"},
	} {
		bent := bytes.Replace(api.OpenAPI, []byte(bend[0]), []byte(bend[1]), 1)
		if bytes.Equal(bent, api.OpenAPI) {
			t.Errorf("%s: nothing was bent", name)
		}
		if _, err := apitest.Parse(bent); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

// Check finds what an operation owes its readers.
func TestCheckFindsWhatIsMissing(t *testing.T) {
	for name, bend := range map[string][2]string{
		"an operation without a name":    {"operationId: grant\n", "operationId: \"\"\n"},
		"a name that stands twice":       {"operationId: grant\n", "operationId: revoke\n"},
		"a tag that is not declared":     {"tags: [grants]\n", "tags: [sharing]\n"},
		"an answer that every one needs": {"        \"429\": {$ref: \"#/components/responses/TooMany\"}\n", ""},
		"a parameter without its place":  {"        - {$ref: \"#/components/parameters/Grant\"}\n", ""},
		"an example of no such spelling": {"example: '\"3f2504e0-", "example: '\"3F2504E0-"},
	} {
		bent := bytes.Replace(api.OpenAPI, []byte(bend[0]), []byte(bend[1]), 1)
		if bytes.Equal(bent, api.OpenAPI) {
			t.Errorf("%s: nothing was bent", name)
			continue
		}
		c, err := apitest.Parse(bent)
		if err == nil && len(c.Check()) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
}

// Transport reports, and hands the answer on as it came.
func TestTransportReports(t *testing.T) {
	var found []error
	base := roundTrip(func(*http.Request) *http.Response {
		return &http.Response{StatusCode: 200, Header: headers("Content-Type", "application/json"), Body: io.NopCloser(strings.NewReader(`{"ok":true}`))}
	})
	client := &http.Client{Transport: apitest.Transport(base, func(err error) { found = append(found, err) })}
	resp, err := client.Get("https://vault.example/livez")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != `{"ok":true}` {
		t.Errorf("%q, %v", body, err)
	}
	if len(found) != 1 || !strings.Contains(found[0].Error(), "DPoP-Nonce") {
		t.Errorf("reported: %v", found)
	}
}

type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req), nil }
