package vectors_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"golang.org/x/crypto/chacha20"

	"github.com/relatingfield/vault/internal/npmtest"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/shamir"
)

type shareVector struct {
	MadeBy    string   `json:"made_by"` // "go" or "npm"
	Secret    string   `json:"secret_hex"`
	Threshold int      `json:"threshold"`
	Shares    []string `json:"shares_hex"`
}

// asked and answered are what goes to api/vectors/npm/shamir.mjs and back.
type (
	asked struct {
		Combine [][]string `json:"combine"`
		Split   []cut      `json:"split"`
	}
	cut struct {
		Secret    string `json:"secret"`
		Shares    int    `json:"shares"`
		Threshold int    `json:"threshold"`
	}
	answered struct {
		Secrets []string   `json:"secrets"`
		Shares  [][]string `json:"shares"`
	}
)

func npm(t *testing.T, q asked) (a answered) {
	t.Helper()
	in, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(npmtest.Run(t, "npm", "shamir.mjs", in), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// cuts are what is shared in the vectors.
func cuts() []cut {
	return []cut{
		{"00", 2, 2}, {"ff", 3, 2}, {"00000000000000000000000000000000", 3, 3},
		{"f30f8c1da665478f49b001d94c5fc452", 5, 3},
		{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 3, 2},
		{"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0", 7, 5},
		{"6e0746ff92a5f0ba4bf73a8df4b49ed4b9a7f6d2cf6de8cbd26ad1b9b1b5c3a1", 32, 17},
	}
}

// The shares of shamir.json are those this package makes from the key stream of
// ChaCha20 with a key of zeros, and the npm package combines them.
func TestSharesMadeHereAreCombinedByTheNPMPackage(t *testing.T) {
	var made []shareVector
	var q asked
	for i, c := range cuts() {
		v := shareVector{"go", c.Secret, c.Threshold, nil}
		shares, err := shamir.Split(stream(t, byte(i)), unhex(t, c.Secret), c.Shares, c.Threshold)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range shares {
			v.Shares = append(v.Shares, hex.EncodeToString(s.Reveal()))
		}
		made = append(made, v)
		q.Combine = append(q.Combine, v.Shares, v.Shares[:c.Threshold], v.Shares[c.Shares-c.Threshold:])
	}
	file(t, "shamir.json", made)
	for i, got := range npm(t, q).Secrets {
		if want := cuts()[i/3].Secret; got != want {
			t.Errorf("the npm package combined shares of %s to %s", want, got)
		}
	}
}

// The shares of shamir-npm.json, which the npm package once made, are combined
// here.
func TestSharesMadeByTheNPMPackageAreCombinedHere(t *testing.T) {
	if *update {
		write(t, "shamir-npm.json", fresh(t))
	}
	b, err := os.ReadFile("shamir-npm.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []shareVector
	if err := json.Unmarshal(b, &list); err != nil || len(list) != len(cuts()) {
		t.Fatalf("%d vectors, %v", len(list), err)
	}
	combined(t, list)
}

// So are shares that it makes now.
func TestFreshSharesOfTheNPMPackageAreCombinedHere(t *testing.T) {
	combined(t, fresh(t))
}

func fresh(t *testing.T) (out []shareVector) {
	t.Helper()
	a := npm(t, asked{Split: cuts()})
	if len(a.Shares) != len(cuts()) {
		t.Fatalf("%d secrets were shared", len(a.Shares))
	}
	for i, c := range cuts() {
		out = append(out, shareVector{"npm", c.Secret, c.Threshold, a.Shares[i]})
	}
	return out
}

func combined(t *testing.T, list []shareVector) {
	t.Helper()
	for _, v := range list {
		var shares []secret.Bytes
		for _, s := range v.Shares {
			shares = append(shares, unhex(t, s))
		}
		for _, some := range [][]secret.Bytes{shares, shares[:v.Threshold], shares[len(shares)-v.Threshold:]} {
			if got, err := shamir.Combine(some); err != nil || hex.EncodeToString(got.Reveal()) != v.Secret {
				t.Errorf("%d shares of %s: %v", len(some), v.Secret, err)
			}
		}
	}
}

func unhex(t *testing.T, text string) secret.Bytes {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return secret.Of(b)
}

// keystream is a random source that everybody can repeat.
type keystream struct{ *chacha20.Cipher }

func (k keystream) Read(b []byte) (int, error) {
	clear(b)
	k.XORKeyStream(b, b)
	return len(b), nil
}

// stream is ChaCha20 (RFC 8439) under a key of zeros and a nonce that ends in i.
func stream(t *testing.T, i byte) keystream {
	t.Helper()
	nonce := make([]byte, chacha20.NonceSize)
	nonce[len(nonce)-1] = i
	c, err := chacha20.NewUnauthenticatedCipher(make([]byte, chacha20.KeySize), nonce)
	if err != nil {
		t.Fatal(err)
	}
	return keystream{c}
}
