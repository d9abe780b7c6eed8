package httpapi

import (
	"net/http"

	"github.com/relatingfield/vault/api"
)

// What the tests look at from outside although nobody else does.

// LanguageOf is languageOf.
func LanguageOf(accept string) string { return languageOf(accept) }

// Languages is languages.
func Languages() []string { return languages() }

// ChecksumOf is checksumOf, and whether a body is the one that is meant.
func ChecksumOf(value, body string) (meant bool, err error) {
	c, err := checksumOf(http.Header{api.HeaderUploadChecksum: {value}})
	if c == nil || err != nil {
		return false, err
	}
	c.Write([]byte(body))
	return c.check() == nil, nil
}

// CheckNumber is checkNumber of the values of one header.
func CheckNumber(values ...string) error {
	return checkNumber(http.Header{api.HeaderUploadOffset: values}, api.HeaderUploadOffset)
}

// ParseTokenForm gives what a token request asks for.
func ParseTokenForm(body string) (assertion, client string, scopes []string, err error) {
	r, err := parseTokenForm(body)
	return r.Assertion, r.ClientID, r.Scopes, err
}
