package vectors_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"testing"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/npmtest"
)

type nonceVector struct {
	Key     string `json:"file_key_hex"`
	Length  int    `json:"length"`
	Content string `json:"content_sha256_hex"`
	Tree    string `json:"tree_hash_hex"`
	Nonce   string `json:"nonce_hex"`
}

// keyed are the lengths, in bytes, at which a MiB begins or ends, and one file key.
func keyed() (key []byte, lengths []int) {
	const mib = 1 << 20
	sum := sha256.Sum256([]byte("testimony-vault/v1/vectors/file-key"))
	return sum[:16], []int{0, 1, mib - 1, mib, mib + 1, 2 * mib, 3*mib + 54321, 5 * mib}
}

// byRule is the content of the vectors: SHA-256 of 0, 1, 2, … as 8 bytes
// big-endian, one digest after the other, cut to the length.
func byRule(length int) []byte {
	var b []byte
	for i := uint64(0); len(b) < length; i++ {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, i))
		b = append(b, sum[:]...)
	}
	return b[:length]
}

// The payload nonce that a content has under a file key is the one in nonce.json,
// and a second implementation, which shares no code with this one, finds the same.
func TestPayloadNoncesAreThoseOfTheFile(t *testing.T) {
	raw, lengths := keyed()
	key, err := envelope.FileKeyOf(bytes.Clone(raw))
	if err != nil {
		t.Fatal(err)
	}
	var made []nonceVector
	for _, n := range lengths {
		content := byRule(n)
		tree := envelope.NewTree(int64(n))
		if _, err := io.Copy(io.Discard, tree.Reader(bytes.NewReader(content), 0)); err != nil {
			t.Fatal(err)
		}
		hash, err := tree.Hash()
		if err != nil {
			t.Fatal(err)
		}
		nonce, err := envelope.DeriveNonce(key, tree)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		made = append(made, nonceVector{hex.EncodeToString(raw), n, hex.EncodeToString(sum[:]), hex.EncodeToString(hash[:]), hex.EncodeToString(nonce[:])})
	}
	file(t, "nonce.json", made)
	in, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	var found []nonceVector
	if err := json.Unmarshal(npmtest.Run(t, "npm", "nonce.mjs", in), &found); err != nil || len(found) != len(made) {
		t.Fatalf("%d found, %v", len(found), err)
	}
	for i := range made {
		if found[i] != made[i] {
			t.Errorf("in JavaScript: %+v, here %+v", found[i], made[i])
		}
	}
}
