package roster_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/roster"
)

// A document is refused as soon as one of its fields is not what it must be.
func TestParseRefusesWhatIsNotADocument(t *testing.T) {
	good := string(found(t, false, 2, people(t, "A", "B")))
	d, err := roster.Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	first, second := d.Stewards[0], d.Stewards[1]
	for name, edit := range map[string]struct{ old, new, says string }{
		"another type":        {"roster/v1", "roster/v2", "its type"},
		"a negative seq":      {`"seq":0`, `"seq":-1`, "seq 0 and no prev"},
		"seq without prev":    {`"seq":0`, `"seq":1`, "seq 0 and no prev"},
		"prev without seq":    {`"prev":""`, `"prev":"` + roster.ID(nil).String() + `"`, "seq 0 and no prev"},
		"a short prev":        {`"seq":0,"prev":""`, `"seq":1,"prev":"AAAA"`, "prev is not base64url"},
		"a short nonce":       {`"nonce":"` + d.Nonce, `"nonce":"` + d.Nonce[4:], "nonce is not base64url"},
		"no such day":         {`2026-11-23`, `2026-11-31`, "day is not a date"},
		"another date":        {`2026-11-23`, `23.11.2026`, "day is not a date"},
		"no threshold":        {`"threshold":2`, `"threshold":0`, "its threshold is 0"},
		"too high":            {`"threshold":2`, `"threshold":3`, "its threshold is 3"},
		"a bad key":           {first.Key, first.Key[:42], "steward 1: the key"},
		"one key twice":       {first.Key, second.Key, "not in ascending order"},
		"an empty name":       {`"name":"` + first.Name + `"`, `"name":""`, "steward 1: the name"},
		"an unknown field":    {`"seq":0`, `"seq":0,"more":1`, "canonical spelling"},
		"white space":         {`,`, `, `, "canonical spelling"},
		"other letter case":   {`"seq"`, `"Seq"`, "canonical spelling"},
		"an escaped letter":   {`"name":"` + first.Name, `"name":"\u0041`, "the text has"},
		"a trailing document": {`]}`, `]}{}`, "canonical spelling"},
	} {
		bad := strings.Replace(good, edit.old, edit.new, 1)
		if bad == good {
			t.Errorf("%s: the edit changes nothing", name)
		}
		if _, err := roster.Parse([]byte(bad)); !errors.Is(err, roster.ErrDocument) || !strings.Contains(err.Error(), edit.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	swapped := strings.NewReplacer(first.Key, second.Key, second.Key, first.Key).Replace(good)
	if _, err := roster.Parse([]byte(swapped)); !errors.Is(err, roster.ErrDocument) {
		t.Errorf("keys out of order: %v", err)
	}
	if _, err := roster.Parse(bytes.Repeat([]byte("x"), 40<<10)); !errors.Is(err, roster.ErrDocument) {
		t.Errorf("a huge one: %v", err)
	}
}

// Whatever the bytes, Parse does not panic; a document it accepts founds a vault
// or follows nothing, and never turns one into the other.
func FuzzParseAndVerify(f *testing.F) {
	founding := found(f, false, 1, people(f, "A"))
	f.Add(founding)
	f.Add(change(f, verify(f, roster.Link{Document: founding}), 1, people(f, "A", "شیلان")))
	f.Add([]byte(`{"typ":"testimony-vault/roster/v1"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := roster.Parse(b)
		r, verifyErr := roster.Verify(roster.ID(b), []roster.Link{{Document: b}})
		if (verifyErr == nil) != (err == nil && d.Seq == 0) {
			t.Fatalf("%q: parse %v, verify %v", b, err, verifyErr)
		}
		if verifyErr == nil && (r.Head() != sha256.Sum256(b) || len(r.Stewards()) < r.Threshold()) {
			t.Fatalf("%q: head or threshold", b)
		}
		if _, err := roster.Verify(roster.ID(founding), []roster.Link{{Document: founding}, {Document: b}}); err == nil {
			t.Fatalf("%q follows without approval", b)
		}
	})
}

func FuzzParseVaultIDIsCanonical(f *testing.F) {
	f.Add(roster.ID(nil).String())
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := roster.ParseVaultID(s); err == nil && v.String() != s {
			t.Fatalf("ParseVaultID(%q) = %s", s, v)
		}
	})
}
