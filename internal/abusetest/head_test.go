package abusetest_test

import (
	"strings"
	"testing"
)

// heads are odd heads of requests of hers, each good but for one thing.
func heads(w *world) map[string]abuse {
	const list, create = "/v1/testimonies", "/v1/pause-codes"
	get := func(lines string) string {
		return "GET " + list + " HTTP/1.1\r\nHost: " + w.v.Addr + "\r\nConnection: close\r\n" + lines + "\r\n"
	}
	say := func(lines string) string {
		return "POST " + create + " HTTP/1.1\r\nHost: " + w.v.Addr + "\r\nConnection: close\r\nContent-Length: 2\r\n" + w.as("POST", create) + lines + "\r\n{}"
	}
	const json, key = "Content-Type: application/json\r\n", "Idempotency-Key: \"3f2504e0-4f89-41d3-9a0c-0305e82c3301\"\r\n"
	proof := func() string { return "DPoP: " + w.phone.Proof("GET", list, nil, nil) + "\r\n" }
	token := "Authorization: DPoP " + w.phone.Token + "\r\n"
	return map[string]abuse{
		"as it should be":                {get(w.as("GET", list)), "200", "", false},
		"two tokens":                     {get(w.as("GET", list) + token), "401", "unauthorized", false},
		"two proofs":                     {get(w.as("GET", list) + proof()), "401", "unauthorized", false},
		"two proofs in one line":         {get(token + "DPoP: " + w.phone.Proof("GET", list, nil, nil) + ", " + w.phone.Proof("GET", list, nil, nil) + "\r\n"), "401", "unauthorized", false},
		"a token without proof":          {get(token), "401", "unauthorized", false},
		"a proof without token":          {get(proof()), "401", "unauthorized", false},
		"a token of another scheme":      {get(proof() + "Authorization: Bearer " + w.phone.Token + "\r\n"), "401", "unauthorized", false},
		"a proof of another method":      {get(token + "DPoP: " + w.phone.Proof("PUT", list, nil, nil) + "\r\n"), "401", "unauthorized", false},
		"a proof of another path":        {get(token + "DPoP: " + w.phone.Proof("GET", "/v1/inbox", nil, nil) + "\r\n"), "401", "unauthorized", false},
		"a token as long as a head":      {get("Authorization: DPoP " + strings.Repeat("a", 30<<10) + "\r\n" + proof()), "401", "unauthorized", false},
		"a head that is too long":        {get("X-Marked: " + strings.Repeat("a", 64<<10) + "\r\n"), "431", "", false},
		"too many lines":                 {get(strings.Repeat("X-Marked: a\r\n", 70)), "400", "bad-request", false},
		"a method that there is not":     {"MARKED " + list + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405", "method-not-allowed", false},
		"a method in lower case":         {"get " + list + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405", "method-not-allowed", false},
		"TRACE":                          {"TRACE " + list + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Marked: a\r\n\r\n", "405", "method-not-allowed", false},
		"CONNECT":                        {"CONNECT 10.0.0.1:22 HTTP/1.1\r\nHost: 10.0.0.1:22\r\nConnection: close\r\n\r\n", "404", "not-found", false},
		"a whole address":                {"GET http://10.0.0.1/v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "404", "not-found", false},
		"a method that is replaced":      {"GET /v1/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-HTTP-Method-Override: POST\r\n\r\n", "405", "method-not-allowed", false},
		"an upgrade":                     {get("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"), "401", "unauthorized", false},
		"no media type":                  {say(key), "415", "unsupported-media-type", false},
		"two media types":                {say(key + json + json), "415", "unsupported-media-type", false},
		"two media types in one":         {say(key + "Content-Type: application/json, text/plain\r\n"), "415", "unsupported-media-type", false},
		"another charset":                {say(key + "Content-Type: application/json; charset=utf-16\r\n"), "415", "unsupported-media-type", false},
		"a body that is compressed":      {say(key + json + "Content-Encoding: gzip\r\n"), "415", "unsupported-media-type", false},
		"compressed by two":              {say(key + json + "Content-Encoding: identity, br\r\n"), "415", "unsupported-media-type", false},
		"an expectation that nobody has": {say(key + json + "Expect: marked\r\n"), "417", "", false},
		"two keys of idempotency":        {strings.Replace(say(json+key+strings.Replace(key, "3301", "3302", 1)), "{}", `{}`, 1), "400", "bad-request", false},
	}
}

// Each odd head has its outcome.
func TestOddHeadsHaveTheirOutcome(t *testing.T) {
	w := newWorld(t)
	w.try(heads(w))
}

// Every odd path is nothing: to a stranger, where it comes as far as a door, it is the
// door; to her, whose proof is for the very bytes of it, it is what there is not.
func TestOddPathsAreNothing(t *testing.T) {
	w := newWorld(t)
	made := "aaaaaaaaaaaaaaaaaaaaaaaaaa"
	table := map[string]abuse{}
	for _, path := range []string{
		"/v1/testimonies/%2e%2e/vault", "/v1/testimonies/../vault", "/v1/./vault", "/v1//vault", "/v1/vault/", "//v1/vault", "/V1/vault", "/v1/vault%00", "/v1/vault%20",
		"/v1%2fvault", "/v1/%76ault%2f", "/v1/testimonies/%2f" + made, "/v1/testimonies/" + made + "%2fparts", "/v1/testimonies/%c0%ae%c0%ae", "/v1/testimonies/%e0%80%af",
		"/v1/testimonies/%252e%252e%252fvault", "/v1/testimonies/" + made + "%0d%0aX-Marked:1", "/v1/testimonies/" + made + ";x=1", "/v1/testimonies/" + made + ".json",
		"/v1/testimonies/%ff%fe", "/v1/testimonies/" + strings.Repeat("a", 5<<10), "/v1/testimonies/" + strings.Repeat("%2e%2e%2f", 1000) + "etc/passwd", "/..%2f..%2fetc/passwd",
		"/a/../../keys/receipt", "/a/%2e%2e/%2e%2e/vault.db", `/a/..\..\vault.db`, "/.well-known/../v1/marked", "/.git/config", "/v1/testimonies/{testimony}", "/v1/testimonies/:testimony",
		"/v1/testimonies/" + strings.ToUpper(made), "/or/" + made + "/../../v1/marked", "/v1/inbox/" + made + "/parts/1e0", "/v1/inbox/" + made + "/parts/01", "/v1/inbox/" + made + "/parts/-1",
		"/v1/inbox/" + made + "/parts/99999999999999999999",
	} {
		for who, lines := range map[string]string{"a stranger": "", "she": w.as("GET", path)} {
			a := abuse{"GET " + path + " HTTP/1.1\r\nHost: " + w.v.Addr + "\r\nConnection: close\r\n" + lines + "\r\n", "404", "not-found", lines == "" || len(path) > 4000 || strings.Contains(path, "{")}
			table[who+" asks for "+path] = a
		}
	}
	for name, a := range map[string]abuse{
		"a path with a broken escape":   {"GET /v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n", "400", "", false},
		"a path with a control":         {"GET /v1/\x01vault HTTP/1.1\r\nHost: x\r\n\r\n", "400", "", false},
		"a path with a space":           {"GET /v1/va ult HTTP/1.1\r\nHost: x\r\n\r\n", "400", "", false},
		"a query that nobody asked for": {"GET /v1/vault?marked=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400", "bad-request", false},
		"a query that is broken":        {"GET /v1/vault?%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400", "bad-request", false},
	} {
		table[name] = a
	}
	w.try(table)
}
