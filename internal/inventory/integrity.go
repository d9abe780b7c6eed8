package main

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
)

// integrity turns npm's spelling of a checksum into that of CycloneDX.
func integrity(text string) (string, error) {
	b64, ok := strings.CutPrefix(text, "sha512-")
	if !ok {
		return "", errors.New("the lock file has no SHA-512 for it: npm install would take anything")
	}
	b, err := base64.StdEncoding.DecodeString(b64)
	return hex.EncodeToString(b), err
}

func cutLast(s, sep string) (after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", false
	}
	return s[i+len(sep):], true
}
