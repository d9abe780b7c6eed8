package envelope_test

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"c2sp.org/CCTV/age"
	filippo "filippo.io/age"
	"filippo.io/age/armor"
	"github.com/relatingfield/vault/internal/envelope"
)

// vector is one of the community's test files (c2sp.org/CCTV/age).
type vector struct {
	name, expect, payload string
	fileKey               []byte
	armored               bool
	identities            []filippo.Identity
	file                  []byte // the age file, without armor if that comes off
}

func vectors(t testing.TB) (all []vector) {
	t.Helper()
	entries, err := fs.ReadDir(agetest.Vectors, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, readVector(t, e.Name()))
	}
	return all
}

func readVector(t testing.TB, name string) vector {
	t.Helper()
	b, err := fs.ReadFile(agetest.Vectors, name)
	if err != nil {
		t.Fatal(err)
	}
	about, file, found := bytes.Cut(b, []byte("\n\n"))
	if !found {
		t.Fatalf("%s has no empty line", name)
	}
	v := vector{name: name, file: file}
	for _, line := range strings.Split(string(about), "\n") {
		key, value, _ := strings.Cut(line, ": ")
		if err := v.set(key, value); err != nil {
			t.Fatalf("%s: %s: %v", name, key, err)
		}
	}
	if v.armored {
		if b, err := io.ReadAll(armor.NewReader(bytes.NewReader(v.file))); err == nil {
			v.file = b
		}
	}
	return v
}

func (v *vector) set(key, value string) (err error) {
	var id filippo.Identity
	switch key {
	case "expect":
		v.expect = value
	case "payload":
		v.payload = value
	case "file key":
		v.fileKey, err = hex.DecodeString(value)
	case "armored":
		v.armored = true
	case "compressed":
		v.file, err = inflate(v.file)
	case "passphrase":
		id, err = filippo.NewScryptIdentity(value)
	case "identity":
		if strings.HasPrefix(value, "AGE-SECRET-KEY-PQ-") {
			id, err = filippo.ParseHybridIdentity(value)
		} else {
			id, err = filippo.ParseX25519Identity(value)
		}
	case "comment":
	default:
		err = errors.New("unknown key")
	}
	if id != nil {
		v.identities = append(v.identities, id)
	}
	return err
}

func inflate(b []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// class is what a vector is for, as its author says.
func (v vector) class() string {
	if v.armored {
		return "armored " + v.expect
	}
	return v.expect
}

// None is missing: a vector that vanished would make the tests below pass by
// proving less.
func TestAllVectorsAreThere(t *testing.T) {
	want := map[string]int{
		"success": 19, "header failure": 60, "no match": 12, "HMAC failure": 1, "payload failure": 18,
		"armored success": 7, "armored header failure": 2, "armored no match": 1, "armored payload failure": 1, "armored armor failure": 26,
	}
	got := map[string]int{}
	for _, v := range vectors(t) {
		got[v.class()]++
	}
	if !maps.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// All 62 files whose header is wrong in the community's eyes are refused
// without any key, the two in armor once it is taken off. In two of them it is
// the nonce that is cut off; here it belongs to the payload, whose length is then
// impossible.
func TestEveryHeaderFailureIsRefusedWithoutKeys(t *testing.T) {
	byHeader, bySize := 0, []string{}
	for _, v := range vectors(t) {
		if v.expect != "header failure" {
			continue
		}
		header, payload, err := envelope.Split(bytes.NewReader(v.file))
		if err == nil {
			_, err = envelope.ParseHeader(header)
		}
		if errors.Is(err, envelope.ErrHeader) {
			byHeader++
			continue
		}
		n, _ := io.Copy(io.Discard, payload)
		if _, err := envelope.PlaintextSize(n); errors.Is(err, envelope.ErrSize) {
			bySize = append(bySize, v.name)
		}
	}
	if byHeader != 60 || !slices.Equal(bySize, []string{"stream_no_nonce", "stream_short_nonce"}) {
		t.Errorf("%d refused by their header, want 60; by their size %v", byHeader, bySize)
	}
}

// Headers that are well formed but not for these keys, or whose MAC is wrong,
// give no file key.
func TestNoVectorWithoutItsKeyOpens(t *testing.T) {
	for _, v := range vectors(t) {
		if c := v.class(); c != "no match" && c != "HMAC failure" {
			continue
		}
		header, _, err := envelope.Split(bytes.NewReader(v.file))
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		if _, err := envelope.OpenHeader(header, v.identities...); err == nil {
			t.Errorf("%s: opened", v.name)
		}
	}
}

// These are good age files that this vault refuses on purpose; each reason is a
// rule of ours, not of the format.
func refusedByPolicy() map[string]string {
	return map[string]string{
		"hybrid_and_x25519":          "a post-quantum and a classic stanza: as weak as the classic one",
		"hybrid_grease":              "three stanzas, two of unknown types",
		"hybrid_multiple_recipients": "two stanzas",
		"scrypt":                     "a passphrase",
		"stanza_empty_body":          "two stanzas, one of an unknown type",
		"stanza_empty_last_line":     "two stanzas, one of an unknown type",
		"stanza_valid_characters":    "three stanzas, two of unknown types",
		"x25519_grease":              "three stanzas, two of unknown types",
		"x25519_multiple_recipients": "two stanzas",
	}
}

// Every good vector is accepted as it stands, or refused for a reason that is
// written down; and each of them, refused or not, can be given a header of ours
// and then opens here and in stock age to the expected text.
func TestEveryGoodVectorReopensUnderAHeaderOfOurs(t *testing.T) {
	id, policy := hybrid(t), refusedByPolicy()
	for _, v := range vectors(t) {
		if v.class() != "success" {
			continue
		}
		header, payload := v.split(t)
		_, err := envelope.ParseHeader(header)
		if _, refused := policy[v.name]; refused != errors.Is(err, envelope.ErrHeader) {
			t.Errorf("%s: ParseHeader says %v", v.name, err)
		}
		delete(policy, v.name)
		key := v.key(t, header)
		again := compose(t, key, id.Recipient())
		opened, err := envelope.OpenHeader(again, id)
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		v.reopens(t, payload, opened)
		if plain, err := ageOpen(again, payload, id); err != nil || fmt.Sprintf("%x", sha256.Sum256(plain)) != v.payload {
			t.Errorf("%s: age gives %d bytes, %v", v.name, len(plain), err)
		}
	}
	if len(policy) > 0 {
		t.Errorf("no such vectors: %v", slices.Collect(maps.Keys(policy)))
	}
}

func (v vector) split(t *testing.T) (header, payload []byte) {
	t.Helper()
	header, rest, err := envelope.Split(bytes.NewReader(v.file))
	if err != nil {
		t.Fatalf("%s: %v", v.name, err)
	}
	if payload, err = io.ReadAll(rest); err != nil {
		t.Fatalf("%s: %v", v.name, err)
	}
	return header, payload
}

// key opens the header as stock age does, without our rules, and finds the file
// key that the vector names.
func (v vector) key(t *testing.T, header []byte) envelope.FileKey {
	t.Helper()
	b, err := filippo.DecryptHeader(header, v.identities...)
	if err != nil || !bytes.Equal(b, v.fileKey) {
		t.Fatalf("%s: file key %x, %v", v.name, b, err)
	}
	key, err := envelope.FileKeyOf(b)
	if err != nil {
		t.Fatalf("%s: %v", v.name, err)
	}
	return key
}

func (v vector) reopens(t *testing.T, payload []byte, key envelope.FileKey) {
	t.Helper()
	want := bind(payload, key)
	digest := sha256.New()
	err := envelope.OpenPayload(digest, bytes.NewReader(payload), key, want)
	if got := fmt.Sprintf("%x", digest.Sum(nil)); err != nil || got != v.payload {
		t.Errorf("%s: plaintext %s, want %s, %v", v.name, got, v.payload, err)
	}
	r := ranged(t, payload, key, want)
	digest.Reset()
	if _, err := io.Copy(digest, io.NewSectionReader(r, 0, r.Size())); err != nil || fmt.Sprintf("%x", digest.Sum(nil)) != v.payload {
		t.Errorf("%s: by ranges: %v", v.name, err)
	}
}

// Payloads that are wrong in the community's eyes are refused even with the
// right key and a commitment to exactly these bytes: torn, reordered, without
// an end, or going on after it.
func TestEveryPayloadFailureIsRefused(t *testing.T) {
	for _, v := range vectors(t) {
		if v.class() != "payload failure" {
			continue
		}
		header, payload := v.split(t)
		key := v.key(t, header)
		err := envelope.OpenPayload(io.Discard, bytes.NewReader(payload), key, bind(payload, key))
		if !errors.Is(err, envelope.ErrPayload) && !errors.Is(err, envelope.ErrSize) {
			t.Errorf("%s: got %v, want ErrPayload or ErrSize", v.name, err)
		}
	}
}
