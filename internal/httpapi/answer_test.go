package httpapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/httpapi"
)

// What does not exist, what cannot exist and what is not hers look the same, to
// the last header.
func TestNothingThereLooksLikeNotYours(t *testing.T) {
	w := newWorld(t)
	want := w.do("GET", "/v1/t/thing/"+strings.Repeat("a", 26), "")
	if want.problem(t).Name() != api.ProblemNotFound {
		t.Fatal(want.body)
	}
	for _, path := range []string{
		"/v1/t/thing/x", "/v1/t/thing/" + strings.Repeat("A", 26), "/v1/t/thing/%00", "/v1/t/count/0", "/v1/t/count/01", "/v1/t/count/x",
		"/v1/t/count/99999999999999999999", "/v1/t/count/10000", "/v1/t/count/", "/v1/t/thing//", "/v1/t/count/1/", "/v1/t/count/1%2F", "/v1/nothing", "/v1/t/thing", "/v1/vault/", "/v1//vault", "/v1", "/", "/v2/vault", "/v1/t/../vault",
	} {
		a := w.do("GET", path, "")
		if a.body != want.body || a.StatusCode != want.StatusCode || !maps.EqualFunc(settled(a), settled(want), slices.Equal) {
			t.Errorf("%s: %d %q %v, want %d %q %v", path, a.StatusCode, a.body, settled(a), want.StatusCode, want.body, settled(want))
		}
	}
}

// settled are the headers without those that differ from answer to answer.
func settled(a answer) map[string][]string {
	h := a.Header.Clone()
	h.Del("Date")
	h.Del("Request-Id")
	h.Del("DPoP-Nonce")
	return h
}

// Every answer, good or bad, is protected in a browser and sets no cookie.
func TestEveryAnswerIsProtected(t *testing.T) {
	w := newWorld(t)
	for _, a := range []answer{
		w.do("GET", "/v1/vault", ""), w.do("GET", "/livez", ""), w.do("GET", "/openapi.yaml", ""), w.do("GET", "/nothing", ""),
		w.do("DELETE", "/v1/vault", ""), w.do("GET", "/v1/t/me", ""), w.do("GET", "/v1/t/panic", ""),
	} {
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Resource-Policy": "same-origin", "Set-Cookie": "", "Server": "", "X-Powered-By": "", "Access-Control-Allow-Origin": "",
			"Strict-Transport-Security": "", // there is no TLS here
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", a.Request.URL.Path, name, got, want)
			}
		}
		if csp := a.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none';") {
			t.Errorf("%s: policy %q", a.Request.URL.Path, csp)
		}
		if a.Header.Get("DPoP-Nonce") == "" || len(a.Header.Get("Request-Id")) != 26 {
			t.Errorf("%s: no nonce or request id", a.Request.URL.Path)
		}
	}
}

// Each refusal is one problem, with the status that its name has.
func TestRefusalsAreProblems(t *testing.T) {
	w := newWorld(t)
	const media = "Content-Type"
	long := `{"text":"` + strings.Repeat("x", 2000) + `"}`
	for name, c := range map[string]struct {
		a    answer
		want api.ProblemName
	}{
		"unknown member":    {w.do("POST", "/v1/t/say", `{"text":"a","x":1}`, media, "application/json"), api.ProblemBadRequest},
		"member twice":      {w.do("POST", "/v1/t/say", `{"text":"a","text":"b"}`, media, "application/json"), api.ProblemBadRequest},
		"other case":        {w.do("POST", "/v1/t/say", `{"Text":"a"}`, media, "application/json"), api.ProblemBadRequest},
		"trailing":          {w.do("POST", "/v1/t/say", `{"text":"a"}{}`, media, "application/json"), api.ProblemBadRequest},
		"no body":           {w.do("POST", "/v1/t/say", ``, media, "application/json"), api.ProblemBadRequest},
		"no media type":     {w.do("POST", "/v1/t/say", `{"text":"a"}`), api.ProblemUnsupportedMediaType},
		"form":              {w.do("POST", "/v1/t/say", `text=a`, media, "application/x-www-form-urlencoded"), api.ProblemUnsupportedMediaType},
		"other charset":     {w.do("POST", "/v1/t/say", `{"text":"a"}`, media, "application/json; charset=latin1"), api.ProblemUnsupportedMediaType},
		"compressed":        {w.do("POST", "/v1/t/say", `{"text":"a"}`, media, "application/json", "Content-Encoding", "gzip"), api.ProblemUnsupportedMediaType},
		"too large":         {w.do("POST", "/v1/t/say", long, media, "application/json"), api.ProblemTooLarge},
		"body where none":   {w.do("GET", "/v1/vault", "x"), api.ProblemTooLarge},
		"method":            {w.do("DELETE", "/v1/vault", ""), api.ProblemMethodNotAllowed},
		"unknown method":    {w.do("BREW", "/v1/vault", ""), api.ProblemMethodNotAllowed},
		"unknown error":     {w.do("GET", "/v1/t/secret", ""), api.ProblemInternal},
		"panic":             {w.do("GET", "/v1/t/panic", ""), api.ProblemInternal},
		"database down":     {w.do("GET", "/v1/t/down", ""), api.ProblemUnavailable},
		"query that is not": {w.do("GET", "/v1/t/page?before=1", ""), api.ProblemBadRequest},
		"query twice":       {w.do("GET", "/v1/t/page?after=1&after=2", ""), api.ProblemBadRequest},
		"query no number":   {w.do("GET", "/v1/t/page?after=x", ""), api.ProblemBadRequest},
		"query of nobody":   {w.do("GET", "/v1/vault?x=1", ""), api.ProblemBadRequest},
		"query, and JSON":   {w.do("POST", "/v1/t/say?x=1", `{"text":"x","n":1}`, "Content-Type", "application/json"), api.ProblemBadRequest},
		"query, and file":   {w.do("GET", "/openapi.yaml?x=1", ""), api.ProblemBadRequest},
		"place of no list":  {w.do("GET", "/v1/t/page?after=", ""), api.ProblemBadRequest},
		"query broken":      {w.do("GET", "/v1/t/page?after=%zz", ""), api.ProblemBadRequest},
	} {
		if p := c.a.problem(t); p.Name() != c.want || c.a.StatusCode != c.want.Status() {
			t.Errorf("%s: %d %s, want %s", name, c.a.StatusCode, p.Name(), c.want)
		}
		if strings.Contains(c.a.body, "marked") {
			t.Errorf("%s shows internals: %s", name, c.a.body)
		}
	}
	if p := w.do("POST", "/v1/t/say", long, media, "application/json").problem(t); p.Limit != 1000 {
		t.Errorf("the limit is told as %d, want 1000", p.Limit)
	}
	if a := w.do("DELETE", "/v1/vault", ""); !strings.Contains(a.Header.Get("Allow"), "GET") {
		t.Errorf("Allow is %q", a.Header.Get("Allow"))
	}
	if a := w.do("GET", "/v1/t/down", ""); a.Header.Get("Retry-After") == "" {
		t.Error("unavailable without Retry-After")
	}
}

// What is fine is taken.
func TestOrdinaryRequestsAreTaken(t *testing.T) {
	w := newWorld(t)
	for name, a := range map[string]answer{
		"white space":  w.do("POST", "/v1/t/say", ` { "text" : "خبر" } `, "Content-Type", "application/json"),
		"with charset": w.do("POST", "/v1/t/say", `{"text":"خبر"}`, "Content-Type", "application/json; charset=UTF-8"),
	} {
		if a.StatusCode != 200 || a.body != `{"text":"خبر"}` || a.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	if a := w.do("GET", "/v1/t/page?after=7", ""); a.body != `{"text":"","n":7}` || a.Header.Get("Link") != `</v1/t/page?after=a%2Fb%26c>; rel="next"` {
		t.Errorf("%s, Link %s", a.body, a.Header.Get("Link"))
	}
	if a := w.do("GET", "/v1/t/old", ""); a.StatusCode != 404 || a.Header.Get("Deprecation") != "@1795392000" || a.Header.Get("Sunset") != "Mon, 20 Dec 2027 00:00:00 GMT" {
		t.Errorf("what will go says %v", a.Header)
	}
	if a := w.do("GET", "/v1/t/conn", ""); a.body != `{"text":"`+w.addr+`"}` {
		t.Errorf("the connection is %s", a.body)
	}
	if a := w.do("GET", "/openapi.yaml", ""); a.StatusCode != 200 || !strings.HasPrefix(a.body, "openapi: 3.1") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := w.do("GET", "/readyz", ""); a.StatusCode != 200 {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

// Titles and details come in the language that is asked for.
func TestProblemsSpeakTheCallersLanguage(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	for _, language := range httpapi.Languages() {
		a := w.do("GET", "/nothing", "", "Accept-Language", language+"-XX, en;q=0.5")
		if a.Header.Get("Content-Language") != language || a.Header.Get("Vary") != "Accept-Language" {
			t.Errorf("%s: told in %q", language, a.Header.Get("Content-Language"))
		}
		seen[a.problem(t).Title] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d different titles in 5 languages", len(seen))
	}
}

// Every language has every text, and no text in English by mistake.
func TestTheWordsAreComplete(t *testing.T) {
	english := texts(t, "en")
	for _, language := range httpapi.Languages() {
		mine := texts(t, language)
		if len(mine) != len(english) {
			t.Errorf("%s has %d texts, English %d", language, len(mine), len(english))
		}
		for name, text := range mine {
			if api.ProblemName(name).Status() == 500 && name != "internal" {
				t.Errorf("%s: there is no problem %q", language, name)
			}
			if text["title"] == "" || text["detail"] == "" || len(text) != 2 {
				t.Errorf("%s %s: %v", language, name, text)
			}
			if language != "en" && (text["title"] == english[name]["title"] || text["detail"] == english[name]["detail"]) {
				t.Errorf("%s %s is in English", language, name)
			}
		}
	}
}

func texts(t *testing.T, language string) map[string]map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("words", language+".json"))
	must(t, err)
	var out map[string]map[string]string
	must(t, json.Unmarshal(b, &out))
	return out
}

// Work is done once however often it is sent.
func TestARepeatedRequestTakesEffectOnce(t *testing.T) {
	w := newWorld(t)
	p := w.phone()
	const path, key = "/v1/t/create", `"3f2504e0-4f89-41d3-9a0c-0305e82c3301"`
	post := func(body string, headers ...string) answer {
		return w.do("POST", path, body, append(append(as(p, "POST", path), "Content-Type", "application/json"), headers...)...)
	}
	first := post(`{"text":"a"}`, "Idempotency-Key", key)
	if first.StatusCode != 201 || first.body != `{"text":"a","n":1}` {
		t.Fatalf("%d %s", first.StatusCode, first.body)
	}
	if again := post(`{"text":"a"}`, "Idempotency-Key", key); again.StatusCode != 201 || again.body != first.body {
		t.Errorf("again: %d %s", again.StatusCode, again.body)
	}
	for name, c := range map[string]struct {
		a    answer
		want api.ProblemName
	}{
		"no key":       {post(`{"text":"a"}`), api.ProblemIdempotencyKeyMissing},
		"bare key":     {post(`{"text":"a"}`, "Idempotency-Key", strings.Trim(key, `"`)), api.ProblemIdempotencyKeyMissing},
		"another body": {post(`{"text":"b"}`, "Idempotency-Key", key), api.ProblemIdempotencyKeyReused},
	} {
		if n := c.a.problem(t).Name(); n != c.want {
			t.Errorf("%s: %s, want %s", name, n, c.want)
		}
	}
	if fmt.Sprint(w.notes) != "[a]" {
		t.Errorf("took effect: %v", w.notes)
	}
}

// While a request is being carried out, its repetition waits.
func TestARepetitionInFlightIsToldToWait(t *testing.T) {
	w := newWorld(t)
	p := w.phone()
	const path = "/v1/t/create"
	send := func() answer {
		return w.do("POST", path, `{"text":"wait"}`, append(as(p, "POST", path), "Content-Type", "application/json",
			"Idempotency-Key", `"3f2504e0-4f89-41d3-9a0c-0305e82c3301"`)...)
	}
	first := make(chan answer, 1)
	go func() { first <- send() }()
	<-w.entered
	if a := send(); a.problem(t).Name() != api.ProblemIdempotencyInFlight || a.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	close(w.release)
	if a := <-first; a.StatusCode != 201 {
		t.Errorf("the first: %d %s", a.StatusCode, a.body)
	}
}

func FuzzLanguageOf(f *testing.F) {
	for _, s := range []string{"", "ar-YE,ar;q=0.9,en;q=0.8", "ku", "*", "fr;q=NaN,uk;q=0.1", ";;;,,,", "en;q=2", strings.Repeat("ar,", 1000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := httpapi.LanguageOf(s); !slices.Contains(httpapi.Languages(), got) {
			t.Fatalf("%q gives %q", s, got)
		}
	})
}

// The language is the one that is wanted most of those there are.
func TestTheLanguageIsTheOneWantedMost(t *testing.T) {
	for accept, want := range map[string]string{
		"": "en", "*": "en", "de": "en", "fr": "fr", "FR-ca": "fr", "ar-YE,ar;q=0.9,en;q=0.8": "ar", "en;q=0.1, uk;q=0.2": "uk", "ckb": "ckb",
		"ku": "ckb", "de, fr;q=0.3": "fr", "fr;q=0": "en", "fr;q=x, ar;q=0.1": "ar", "frau": "en", strings.Repeat("de,", 16) + "fr": "en",
	} {
		if got := httpapi.LanguageOf(accept); got != want {
			t.Errorf("%q gives %s, want %s", accept, got, want)
		}
	}
}
