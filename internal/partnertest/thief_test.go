package partnertest_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// Whoever has a copy of everything that the vault stored, or its log, finds nothing that
// signs a program or an officer in: no private key, no token, no invitation. The log
// names neither partner nor program.
func TestNothingThatIsStoredSignsIn(t *testing.T) {
	v := vaulttest.New(t)
	p := partnertest.New(v).Partner()
	g := p.Program()
	token := tokenOf(t, g.Client)
	inv, err := g.InvitePresent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seed := g.Key.(ed25519.PrivateKey).Seed()
	secrets := map[string][]byte{
		"the program's key": seed, "in base64url": []byte(base64.RawURLEncoding.EncodeToString(seed)), "in base64": []byte(base64.StdEncoding.EncodeToString(seed)),
		"in hexadecimal": []byte(hex.EncodeToString(seed)), "its token": []byte(token.Access()), "an invitation": []byte(inv.Invitation),
	}
	v.Stop()
	read, found := 0, false
	err = filepath.WalkDir(v.Config.DataDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		read++
		found = found || bytes.Contains(b, []byte(g.ID))
		for name, s := range secrets {
			if bytes.Contains(b, s) {
				t.Errorf("%s lies in %s", name, filepath.Base(path))
			}
		}
		return err
	})
	if err != nil || read < 2 || !found {
		t.Fatalf("%d files were read, %v; the client's id was among them: %v", read, err, found)
	}
	for name, s := range map[string]string{"the partner": string(p.ID), "the program": string(g.ID), "its key": string(tokenKey(t, g)), "an officer": string(p.Officers[0].Account())} {
		if bytes.Contains([]byte(v.Log.String()), []byte(s)) {
			t.Errorf("the log names %s", name)
		}
	}
}
