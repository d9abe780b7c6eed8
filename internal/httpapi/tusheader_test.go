package httpapi_test

import (
	"crypto/sha1" // tus has it
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/httpapi"
)

// A checksum that is taken has one spelling, and means the one body.
func FuzzUploadChecksum(f *testing.F) {
	one, two := sha1.Sum([]byte("body")), sha256.Sum256([]byte("body"))
	f.Add("sha1 "+base64.StdEncoding.EncodeToString(one[:]), "body")
	f.Add("sha256 "+base64.StdEncoding.EncodeToString(two[:]), "body")
	f.Add("sha256 "+base64.RawStdEncoding.EncodeToString(two[:]), "body")
	f.Add("sha1 "+base64.StdEncoding.EncodeToString(two[:]), "body")
	f.Add("SHA1 "+base64.StdEncoding.EncodeToString(one[:]), "body")
	f.Add("sha1  "+base64.StdEncoding.EncodeToString(one[:]), "body")
	f.Add("sha1 \n"+base64.StdEncoding.EncodeToString(one[:]), "body")
	f.Add("sha1", "")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, value, body string) {
		meant, err := httpapi.ChecksumOf(value, body)
		if err != nil {
			return
		}
		name, sum, _ := strings.Cut(value, " ")
		b, err := base64.StdEncoding.DecodeString(sum)
		if err != nil || base64.StdEncoding.EncodeToString(b) != sum {
			t.Fatalf("%q is taken: %v", value, err)
		}
		one, two := sha1.Sum([]byte(body)), sha256.Sum256([]byte(body))
		if want := name == "sha1" && string(b) == string(one[:]) || name == "sha256" && string(b) == string(two[:]); meant != want {
			t.Errorf("%q is the checksum of %q: %t", value, body, meant)
		}
	})
}

// A number that is taken is one that a file can have, in its one spelling, once.
func FuzzUploadNumber(f *testing.F) {
	for _, s := range []string{"0", "7", "9223372036854775807", "9223372036854775808", "-1", "+1", "00", "01", " 1", "1 ", "0x1", "1e3", "1_000", "", "१"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		n, err := strconv.ParseUint(value, 10, 63)
		plain := err == nil && strconv.FormatUint(n, 10) == value
		if taken := httpapi.CheckNumber(value) == nil; taken != plain {
			t.Errorf("%q is taken: %t", value, taken)
		}
		if httpapi.CheckNumber(value, value) == nil || httpapi.CheckNumber() == nil {
			t.Errorf("%q twice, or nothing, is taken", value)
		}
	})
}
