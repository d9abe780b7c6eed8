// Package vectors_test makes the files of this folder from the product and
// refuses a product that no longer agrees with them. README.md says what is in
// each file. To write them again after a wanted change of the protocol:
//
//	go test ./api/vectors -update
package vectors_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/secret"
)

var update = flag.Bool("update", false, "write the vector files instead of comparing them")

// file compares what the product gives with what the file holds, byte for byte.
func file(t *testing.T, name string, made any) {
	t.Helper()
	if *update {
		write(t, name, made)
	}
	held, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(held, encoded(t, made)) {
		t.Errorf("%s and the product differ; if the protocol was changed on purpose, run the test with -update", name)
	}
}

func write(t *testing.T, name string, made any) {
	t.Helper()
	if err := os.WriteFile(name, encoded(t, made), 0o644); err != nil {
		t.Fatal(err)
	}
}

func encoded(t *testing.T, made any) []byte {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(made); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// secrets are those of the BIP-39 test vectors, and two without a pattern.
func secrets() []string {
	return []string{
		"00000000000000000000000000000000",
		"7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
		"80808080808080808080808080808080",
		"ffffffffffffffffffffffffffffffff",
		"0460ef47585604c5660618db2e6a7e7f",
		"f30f8c1da665478f49b001d94c5fc452",
	}
}

func parseSecret(t *testing.T, text string) phrase.Secret {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := phrase.FromBytes(secret.Of(b))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
