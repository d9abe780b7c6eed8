package abusetest_test

import (
	"fmt"
	"strings"
	"testing"
)

// Each body of which two readers would think differently, or that is made to cost, is
// refused before anything is done; the same by every route that takes JSON.
func TestOddBodiesAreRefused(t *testing.T) {
	w := newWorld(t)
	bodies := map[string]string{
		"nothing":                           "",
		"white space":                       " \n",
		"null":                              "null",
		"a list":                            "[]",
		"a text":                            `"marked"`,
		"a number":                          "1",
		"two values":                        `{"login":"a"}{"login":"b"}`,
		"something behind":                  `{"login":"a"} x`,
		"a member twice":                    `{"login":"a","login":"b"}`,
		"a member twice, one escaped":       `{"login":"a","\u006cogin":"b"}`,
		"a member of other case":            `{"Login":"a"}`,
		"a member that there is not":        `{"login":"a","marked":1}`,
		"a prototype":                       `{"login":"a","__proto__":{"marked":1}}`,
		"another type":                      `{"login":1}`,
		"null in place of text":             `{"login":null,"marked":null}`,
		"a byte order mark":                 "\ufeff" + `{"login":"a"}`,
		"UTF-16":                            "{\x00\"\x00l\x00\"\x00",
		"bytes that are no UTF-8":           "{\"login\":\"\xff\xfe\"}",
		"overlong UTF-8":                    "{\"login\":\"\xc0\xaf\"}",
		"a surrogate alone":                 `{"login":"\ud800"}`,
		"surrogates the wrong way round":    `{"login":"\udc00\ud800"}`,
		"a control in a text":               "{\"login\":\"a\x00b\"}",
		"a comment":                         `{"login":"a"/* marked */}`,
		"a comma too many":                  `{"login":"a",}`,
		"single quotes":                     `{'login':'a'}`,
		"no end":                            `{"login":"a"`,
		"a number without end":              `{"login":` + strings.Repeat("9", 10_000) + `}`,
		"a number beyond all":               `{"login":1e999999}`,
		"not a number":                      `{"login":NaN}`,
		"lists in lists":                    strings.Repeat("[", 8000),
		"lists in lists, closed":            strings.Repeat("[", 8000) + strings.Repeat("]", 8000),
		"objects in objects":                strings.Repeat(`{"a":`, 3000),
		"lists in a member of a known name": `{"login":` + strings.Repeat("[", 7000) + strings.Repeat("]", 7000) + "}",
	}
	table := map[string]abuse{}
	for what, body := range bodies {
		for route, lines := range map[string]string{"/v1/session": "", "/v1/accounts": "Idempotency-Key: \"3f2504e0-4f89-41d3-9a0c-0305e82c3301\"\r\n", "/v1/pauses": w.as("POST", "/v1/pauses") + "Idempotency-Key: \"3f2504e0-4f89-41d3-9a0c-0305e82c3302\"\r\n"} {
			send := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s", route, w.v.Addr, len(body), lines, body)
			table[route+": "+what] = abuse{send, "400", "bad-request", false}
		}
	}
	w.try(table)
}
