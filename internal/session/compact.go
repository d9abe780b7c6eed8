package session

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/relatingfield/vault/internal/canonical"
)

// maxCompact bounds a login, a proof and a token, in bytes.
const maxCompact = 4096

// jws is a compact JWS taken apart. Nothing about it is verified.
//
// The library's parser is not used, only its signature algorithms: it reads the
// header with encoding/json, which takes the last of two equal names in any
// letter case, and picks the algorithm from what it read. Here each purpose has
// one parser with one algorithm and one spelling of the names.
type jws struct {
	header, payload, signature []byte
	text                       string // what is signed
}

func split(compact string) (jws, error) {
	if len(compact) > maxCompact {
		return jws{}, errors.New("it is too long")
	}
	dot1 := strings.IndexByte(compact, '.')
	dot2 := strings.LastIndexByte(compact, '.')
	if dot1 < 0 || dot1 == dot2 {
		return jws{}, errors.New("it is not a compact JWS of three parts")
	}
	header, err1 := unb64(compact[:dot1])
	payload, err2 := unb64(compact[dot1+1 : dot2]) // a third dot is no base64
	signature, err3 := unb64(compact[dot2+1:])
	if err1 != nil || err2 != nil || err3 != nil {
		return jws{}, errors.New("it is not base64url")
	}
	return jws{header, payload, signature, compact[:dot2]}, nil
}

// read decodes header and payload: no unknown, repeated or differently cased
// name in either.
func (j jws) read(header, payload any) error {
	if err := canonical.Request(j.header, header); err != nil {
		return errors.New("its header has not exactly the members it should have")
	}
	if err := canonical.Request(j.payload, payload); err != nil {
		return errors.New("its payload has not exactly the members it should have")
	}
	return nil
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unb64(s string) ([]byte, error) {
	if strings.IndexByte(s, '\r') >= 0 || strings.IndexByte(s, '\n') >= 0 { // which the decoder would skip
		return nil, errors.New("not base64url")
	}
	return base64.RawURLEncoding.Strict().DecodeString(s)
}

// key32 reads 32 bytes in their one base64url spelling.
func key32(s string) ([]byte, error) {
	b, err := unb64(s)
	if err != nil || len(b) != 32 {
		return nil, errors.New("a key's coordinate is not 32 bytes in base64url")
	}
	return b, nil
}

func hash64(s string) string {
	sum := sha256.Sum256([]byte(s))
	return b64(sum[:])
}
