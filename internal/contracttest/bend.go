package contracttest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"

	"github.com/relatingfield/vault/api"
)

// bend is one way to make a request wrong, or at least odd. It says no where the
// request has nothing that it could bend.
type bend struct {
	name string
	do   func(d *draft, rnd *rand.Rand) bool
}

// bend bends a draft in one way and says which.
func (d *draft) bend(rnd *rand.Rand) string {
	all := append(requestBends(), bodyBends()...)
	for range 40 {
		b := all[rnd.IntN(len(all))]
		if b.do(d, rnd) {
			return b.name
		}
	}
	return "nothing"
}

func oneOf(rnd *rand.Rand, words ...string) string { return words[rnd.IntN(len(words))] }

// odd are texts that break programs which are careless about texts.
func odd(rnd *rand.Rand) string {
	return mark + oneOf(rnd, "", "'--", `"><script>alert(1)</script>`, "../../etc/passwd", "%00", "{{7*7}}", "${jndi:ldap://x}", "\u202eabc", "é", strings.Repeat("a", 300), "\t", " ")
}

// header sets a header, as the standard library's clients would refuse to, too.
func (d *draft) odd(name, value string) bool {
	d.header.Set(name, value)
	d.marks = d.marks || strings.Contains(value, mark)
	return true
}

func requestBends() []bend {
	return append(append(addressBends(), headBends()...), signBends()...)
}

func addressBends() []bend {
	return []bend{
		{"another method", func(d *draft, rnd *rand.Rand) bool {
			d.method = oneOf(rnd, "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "get", mark)
			d.marks = d.marks || d.method == mark
			return true
		}},
		{"a query", func(d *draft, rnd *rand.Rand) bool {
			d.rawQuery = oneOf(rnd, "after=", "after=1&after=2", "after=%zz", "a;b", "after=-1", "after=99999999999999999999", mark+"=1", "after="+mark, "access_token="+mark, "%00=1", strings.Repeat("a=1&", 2000), "after=%F0%28%8C%BC", "n[]=1")
			d.marks = d.marks || strings.Contains(d.rawQuery, mark)
			d.query = url.Values{}
			return true
		}},
		{"another place", func(d *draft, rnd *rand.Rand) bool {
			if parts := strings.Split(d.path, "/"); len(parts) > 2 {
				at := 2 + rnd.IntN(len(parts)-2)
				parts[at] = oneOf(rnd, mark, "", "..", ".", "%2e%2e", "%2F", "%00", "%ff", "0", "-1", "1e3", "01", "%31", "10000", "9999999999999999999999", "AAAAAAAAAAAAAAAAAAAAAAAAAA", strings.ToUpper(parts[at]), parts[at]+"/", parts[at]+"%20", parts[at]+";a=b", strings.Repeat("a", 5000), url.PathEscape(odd(rnd)))
				d.path = strings.Join(parts, "/")
				d.marks = d.marks || strings.Contains(d.path, mark)
			}
			return true
		}},
	}
}

func headBends() []bend {
	return []bend{
		{"another media type", func(d *draft, rnd *rand.Rand) bool {
			return d.odd("Content-Type", oneOf(rnd, "", "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/json; "+mark+"=1", "application/json;;;", "*/*", mark, "application/jose", "application/offset+octet-stream"))
		}},
		{"a coding", func(d *draft, rnd *rand.Rand) bool {
			return d.odd("Content-Encoding", oneOf(rnd, "gzip", "br", "identity", "deflate, gzip", mark))
		}},
		{"a header taken out", func(d *draft, rnd *rand.Rand) bool {
			for name := range d.header { // any will do
				if name != "Content-Type" || rnd.IntN(3) == 0 {
					d.header.Del(name)
					return true
				}
			}
			return false
		}},
		{"a header twice", func(d *draft, rnd *rand.Rand) bool {
			name := oneOf(rnd, "Content-Type", api.HeaderIdempotencyKey, "Authorization", api.HeaderDPoP, "Range", "Upload-Offset", "Tus-Resumable", "If-Range")
			d.header[name] = append(d.header.Values(name), d.header.Get(name), mark)
			d.marks = true
			return true
		}},
		{"a header of odd bytes", func(d *draft, rnd *rand.Rand) bool {
			names := []string{"Accept-Language", "Accept", "Range", "If-Range", "Testimony-Opening", api.HeaderIdempotencyKey, "Upload-Checksum", "Upload-Offset", "Tus-Resumable", "X-Forwarded-For", "X-HTTP-Method-Override", "Cookie", "Origin", "Expect", "Prefer", "Upload-Metadata", "Testimony-Part", "Testimony-Statement", "If-None-Match", "If-Match", "Forwarded", "Request-Id"}
			return d.odd(names[rnd.IntN(len(names))], oneOf(rnd, mark, "\xff\xfe"+mark, "é"+mark, strings.Repeat(mark, 500), `"`+mark+`"`, "bytes=0-", "bytes=-1", "bytes=5-2", "bytes=0-0,2-3", "bytes=99999999999999999999-", "0", "-1", "1e9", "99999999999999999999", "*", "DELETE", "100-continue", "ar;q=0.0000001,*;q=2", "sha256 "+mark, "goes-on"))
		}},
		{"many headers", func(d *draft, rnd *rand.Rand) bool {
			for i := range 40 + rnd.IntN(60) {
				d.header.Set(fmt.Sprintf("X-%s-%d", mark, i), mark)
			}
			d.marks = true
			return true
		}},
		{"a large head", func(d *draft, rnd *rand.Rand) bool {
			return d.odd("X-Large", strings.Repeat(mark, 1000+rnd.IntN(8000)))
		}},
		{"no length", func(d *draft, _ *rand.Rand) bool { d.chunked = len(d.body) > 0; return d.chunked }},
	}
}

// signBends bend what says who asks.
func signBends() []bend {
	signed := func(do func(d *draft, rnd *rand.Rand)) func(d *draft, rnd *rand.Rand) bool {
		return func(d *draft, rnd *rand.Rand) bool {
			if d.signer != nil {
				do(d, rnd)
			}
			return d.signer != nil
		}
	}
	return []bend{
		{"nobody", signed(func(d *draft, _ *rand.Rand) { d.signer = nil })},
		{"a token that is none", signed(func(d *draft, rnd *rand.Rand) {
			d.odd("Authorization", oneOf(rnd, "", "DPoP", "DPoP ", "DPoP "+mark, "Bearer "+mark, "Basic eDp5", "DPoP a.b.c", "DPoP eyJhbGciOiJub25lIn0.e30.", "dpop x", "DPoP  x", "DPoP x, DPoP y", strings.Repeat("DPoP ", 100)))
		})},
		{"a proof that is none", signed(func(d *draft, rnd *rand.Rand) {
			d.odd(http.CanonicalHeaderKey(api.HeaderDPoP), oneOf(rnd, "", mark, "a.b.c", "eyJhbGciOiJub25lIiwidHlwIjoiZHBvcCtqd3QifQ.e30.", strings.Repeat("e30.", 3), strings.Repeat("a", 5000)))
		})},
		{"a proof for another method", signed(func(d *draft, rnd *rand.Rand) { d.proofFor = [2]string{oneOf(rnd, "GET", "DELETE", "post"), d.path} })},
		{"a proof for another place", signed(func(d *draft, rnd *rand.Rand) {
			d.proofFor = [2]string{d.method, oneOf(rnd, "/v1/vault", "/", d.path+"/", d.path+"?x=1", "")}
		})},
		{"another nonce", signed(func(d *draft, rnd *rand.Rand) { d.proofNonce = oneOf(rnd, mark, "AAAAAAAAAAAAAAAAAAAAAA") })},
		{"signed twice", signed(func(d *draft, _ *rand.Rand) { d.proofTwice = true })},
	}
}
