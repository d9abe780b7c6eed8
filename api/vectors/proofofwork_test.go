package vectors_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/proofofwork"
	"github.com/relatingfield/vault/internal/secret"
)

type workVector struct {
	IssuerKey  string `json:"issuer_key_hex"`
	Expiry     int64  `json:"expiry"` // Unix seconds
	Bits       int    `json:"bits"`
	Challenge  string `json:"challenge"`
	Thumbprint string `json:"thumbprint"`
	Solution   string `json:"solution"` // the smallest
	Hash       string `json:"hash_hex"`
}

// Challenges and their smallest solutions are those of proofofwork.json.
func TestProofOfWorkVectors(t *testing.T) {
	const account = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" // RFC 8037, appendix A.3
	key := bytes.Repeat([]byte{0x5a}, 32)
	now := time.Unix(1_795_000_000, 0)
	var made []workVector
	for _, bits := range []int{1, 8, 12, 18} {
		v := workVector{IssuerKey: hex.EncodeToString(key), Expiry: now.Unix() + 120, Bits: bits, Thumbprint: account}
		issuer, err := proofofwork.NewIssuer(secret.Copy(key), func() time.Time { return now }, bits, 2*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		v.Challenge = issuer.Issue()
		if v.Solution, err = proofofwork.Solve(context.Background(), v.Challenge, account); err != nil {
			t.Fatal(err)
		}
		if err := issuer.Check(v.Challenge, id.Thumbprint(account), v.Solution); err != nil {
			t.Error(err)
		}
		sum := sha256.Sum256([]byte(strings.Join([]string{v.Challenge, account, v.Solution}, "\x00")))
		v.Hash = hex.EncodeToString(sum[:])
		made = append(made, v)
	}
	file(t, "proofofwork.json", made)
}
