package abusetest_test

import (
	"strings"
	"testing"
)

// behind is a request that somebody wants to slip past whoever counts bodies
// differently.
const behind = "GET /marked-behind HTTP/1.1\r\nHost: x\r\n\r\n"

func post(head, body string) string {
	return "POST /v1/session HTTP/1.1\r\nHost: vault.example\r\nContent-Type: application/json\r\n" + head + "\r\n" + body
}

// smuggles are requests whose end is in doubt. None of them is followed by another.
func smuggles() map[string]abuse {
	const bad = "400"
	chunked := "Transfer-Encoding: chunked\r\n"
	return map[string]abuse{
		"a length and chunks":      {post("Content-Length: 4\r\n"+chunked, "2\r\n{}\r\n0\r\n\r\n"+behind), bad, "bad-request", false},
		"chunks and a length":      {post(chunked+"Content-Length: 60\r\n", "0\r\n\r\n"+behind), bad, "bad-request", false},
		"two lengths":              {post("Content-Length: 2\r\nContent-Length: 60\r\n", "{}"+behind), bad, "", false},
		"two lengths in one":       {post("Content-Length: 2, 60\r\n", "{}"+behind), bad, "", false},
		"a length with a sign":     {post("Content-Length: +2\r\n", "{}"+behind), bad, "", false},
		"a negative length":        {post("Content-Length: -2\r\n", "{}"+behind), bad, "", false},
		"a length in hexadecimal":  {post("Content-Length: 0x2\r\n", "{}"+behind), bad, "", false},
		"an endless length":        {post("Content-Length: 99999999999999999999\r\n", "{}"+behind), bad, "", false},
		"a length of nothing":      {post("Content-Length: \r\n", "{}"+behind), bad, "", false},
		"another coding":           {post("Transfer-Encoding: gzip\r\n", "{}"+behind), "501", "", false},
		"chunks of a coding":       {post("Transfer-Encoding: gzip, chunked\r\n", "{}"+behind), "501", "", false},
		"chunks twice":             {post(chunked+chunked, "0\r\n\r\n"+behind), "501", "", false},
		"chunks with a tab":        {post("Transfer-Encoding:\x0bchunked\r\n", "0\r\n\r\n"+behind), bad, "", false},
		"identity":                 {post("Transfer-Encoding: identity\r\n", "{}"+behind), "501", "", false},
		"a space before the colon": {post("Content-Length : 2\r\n", "{}"+behind), bad, "", false},
		"a folded line":            {post("Content-Length: 2\r\nX-Marked: a\r\n b\r\n", "{}"), bad, "bad-request", false},
		// It belongs to the line before, which is then none that is known; and what comes is no request.
		"a line that begins with a space":  {post(" Content-Length: 60\r\n", "{}"+behind), "415 400", "unsupported-media-type", false},
		"a chunk without a size":           {post(chunked, "\r\n{}\r\n0\r\n\r\n"+behind), bad, "bad-request", false},
		"a chunk of a negative size":       {post(chunked, "-1\r\n{}\r\n0\r\n\r\n"+behind), bad, "bad-request", false},
		"a chunk of an endless size":       {post(chunked, "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"+behind), bad, "bad-request", false},
		"a chunk with a long extension":    {post(chunked, "2;"+strings.Repeat("x", 64<<10)+"\r\n{}\r\n0\r\n\r\n"+behind), bad, "bad-request", false},
		"chunks of one byte, extended":     {post(chunked, strings.Repeat("1;marked="+strings.Repeat("x", 4000)+"\r\nx\r\n", 40)+"0\r\n\r\n"+behind), bad, "bad-request", false},
		"a bare line feed in a chunk":      {post(chunked, "2\n{}\r\n0\r\n\r\n"+behind), bad, "bad-request", false},
		"a bare carriage return in a head": {post("X-Marked: a\rContent-Length: 60\r\n", "{}"+behind), bad, "", false},
		"a zero byte in a head":            {post("X-Marked: a\x00b\r\n", "{}"), bad, "", false},
		"a head without a host":            {"GET /v1/vault HTTP/1.1\r\n\r\n", bad, "", false},
		"two hosts":                        {"GET /v1/vault HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", bad, "", false},
		"a version that there is not":      {"GET /v1/vault HTTP/9.9\r\nHost: x\r\n\r\n", "505", "", false},
		"no version":                       {"GET /v1/vault\r\n\r\n", bad, "", false},
		"the preface of HTTP/2":            {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "404", "not-found", false},
		"a line of a head without a colon": {"GET /v1/vault HTTP/1.1\r\nHost: x\r\nmarked\r\n\r\n", bad, "", false},
		"a body of GET":                    {"GET /v1/vault HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", "413", "too-large", false},
		"a trailer that is a head":         {post(chunked, "0\r\nContent-Length: 60\r\nAuthorization: DPoP marked\r\n\r\n"+behind), bad, "bad-request", false},
	}
}

// Where two programs would disagree about the end of a request, nothing behind it is
// answered.
func TestNothingIsSmuggled(t *testing.T) { newWorld(t).try(smuggles()) }
