package partnertest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// A program with a key of either kind is let in by two officers under an agreement,
// and not any more from the next request on when its key is retired or its partner
// halted, although its token is good for minutes.
func TestAProgramIsLetInAndStopsAtOnce(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) {
			ctx := t.Context()
			w := partnertest.New(vaulttest.New(t, vaulttest.On(engine)))
			p := w.Partner(partner.Deliver, partner.Follow)
			one := p.Program(partner.Deliver)
			private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			two := p.Keyed(w.ID(), private)
			for _, g := range []*partnertest.Program{one, two} {
				said, err := g.Partner(ctx)
				if err != nil || said.Partner != p.ID || said.Client != g.ID || !slices.Contains(said.Scopes, partner.Deliver) {
					t.Fatalf("%+v, %v", said, err)
				}
			}
			p.Retire(one)
			if _, err := one.Partner(ctx); !errors.Is(err, client.ErrProgram) {
				t.Errorf("with a retired key: %v", err)
			}
			if _, err := two.Partner(ctx); err != nil {
				t.Errorf("another program of the partner: %v", err)
			}
			p.Halt()
			if _, err := two.Partner(ctx); !errors.Is(err, client.ErrProgram) {
				t.Errorf("of a halted partner: %v", err)
			}
		})
	}
}
