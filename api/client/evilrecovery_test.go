package client_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
)

const (
	recoveredRoute = "GET /v1/claims/{claim}/shares"
	namedRoute     = "GET /v1/recoveries/named"
	hersRoute      = "GET /v1/recoveries"
)

// lostScene is somebody whose words are lost, three trustees of whom it takes two,
// the claim of her new key, and one of a stranger's.
type lostScene struct {
	*clienttest.World
	her, claimant, stranger *client.Client
	words                   client.Secret
	to                      string // the claimant's recipient
	key                     string // her key statement
	trustees                []*client.Client
	claim, strange          api.ID
}

func newLostScene(t testing.TB) *lostScene {
	t.Helper()
	ctx, s := context.Background(), &lostScene{World: clienttest.NewWorld(t)}
	s.her, s.words = s.worded(t)
	var named []api.Account
	for range 3 {
		c, _ := s.Participant(t)
		if err := c.Introduce(ctx, true); err != nil {
			t.Fatal(err)
		}
		s.trustees, named = append(s.trustees, c), append(named, c.Account())
	}
	if err := s.her.SetRecovery(ctx, s.words, client.RecoveryTerms{Trustees: named, Threshold: 2, Wait: 1}); err != nil {
		t.Fatal(err)
	}
	var keys *client.Keys
	s.claimant, keys = s.Participant(t)
	s.to, s.key = keys.Recipient, s.Vault.Chain(s.her.Account())[0].Statement
	s.stranger, _ = s.Participant(t)
	s.claim, s.strange = s.claims(t, s.claimant), s.claims(t, s.stranger)
	s.give(t, 0, 1)
	s.Pass(24 * time.Hour)
	return s
}

func (s *lostScene) worded(t testing.TB) (*client.Client, client.Secret) {
	t.Helper()
	words, err := client.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := client.KeysFor(words, s.Vault.ID)
	if err != nil {
		t.Fatal(err)
	}
	c := s.Client(t, keys)
	if err := c.Enrol(context.Background(), statement.Participant, ""); err != nil {
		t.Fatal(err)
	}
	return c, words
}

func (s *lostScene) claims(t testing.TB, who *client.Client) api.ID {
	t.Helper()
	claim, err := who.Claim(context.Background(), s.her.Account())
	if err != nil {
		t.Fatal(err)
	}
	return claim
}

func (s *lostScene) give(t testing.TB, who ...int) {
	t.Helper()
	for _, i := range who {
		if err := s.trustees[i].ReleaseTo(context.Background(), s.claim, s.claimant.Account()); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *lostScene) recovers() error {
	got, err := s.claimant.Recovered(context.Background(), s.claim, s.her.Account())
	if err == nil && !got.Equal(s.words) {
		return errors.New("other words came back")
	}
	return err
}

// The claimant takes nothing for her words but what trustees signed for, on this
// claim, and she had entrusted to them.
func TestAClaimantBelievesOnlyHerAndTheTrustees(t *testing.T) {
	if err := newLostScene(t).recovers(); err != nil {
		t.Fatalf("without a lie: %v", err)
	}
	for name, lie := range map[string]struct {
		change func(s *lostScene, l *api.RecoveredShares)
		want   error
	}{
		"shares swapped between trustees": {func(_ *lostScene, l *api.RecoveredShares) {
			l.Shares[0].Share, l.Shares[1].Share = l.Shares[1].Share, l.Shares[0].Share
		}, client.ErrShareSwapped},
		"an altered share":                {func(_ *lostScene, l *api.RecoveredShares) { l.Shares[0].Share[2000] ^= 1 }, client.ErrShareSwapped},
		"one trustee twice":               {func(_ *lostScene, l *api.RecoveredShares) { l.Shares[1] = l.Shares[0] }, client.ErrShareSwapped},
		"an altered release":              {func(_ *lostScene, l *api.RecoveredShares) { l.Shares[0].Statement = flip(l.Shares[0].Statement) }, client.ErrShareSwapped},
		"somebody who was not named":      {func(s *lostScene, l *api.RecoveredShares) { l.Shares[0].Account = s.stranger.Account() }, client.ErrShareSwapped},
		"an altered recovery statement":   {func(_ *lostScene, l *api.RecoveredShares) { l.Recovery = flip(l.Recovery) }, client.ErrRecoveryForged},
		"a statement that is no recovery": {func(s *lostScene, l *api.RecoveredShares) { l.Recovery = s.key }, client.ErrRecoveryForged},
		"another account":                 {func(s *lostScene, l *api.RecoveredShares) { l.Account = s.stranger.Account() }, client.ErrRecoveryForged},
		"fewer shares than it takes":      {func(_ *lostScene, l *api.RecoveredShares) { l.Shares = l.Shares[:1] }, client.ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLostScene(t)
			clienttest.Lie(s.Vault, recoveredRoute, func(l *api.RecoveredShares) { lie.change(s, l) })
			if err := s.recovers(); !errors.Is(err, lie.want) {
				t.Errorf("%v, want %v", err, lie.want)
			}
		})
	}
}

// Shares for one claim are no answer to another one, not of the same claimant either.
func TestSharesOfAnotherClaimAreRefused(t *testing.T) {
	s := newLostScene(t)
	second := s.claims(t, s.claimant)
	var taken api.RecoveredShares
	clienttest.Lie(s.Vault, recoveredRoute, func(l *api.RecoveredShares) { taken = *l })
	if err := s.recovers(); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 1} {
		if err := s.trustees[i].ReleaseTo(t.Context(), second, s.claimant.Account()); err != nil {
			t.Fatal(err)
		}
	}
	s.Pass(24 * time.Hour)
	clienttest.Lie(s.Vault, recoveredRoute, func(l *api.RecoveredShares) { *l = taken })
	if _, err := s.claimant.Recovered(t.Context(), second, s.her.Account()); !errors.Is(err, client.ErrShareSwapped) {
		t.Errorf("%v", err)
	}
	if _, err := s.claimant.Recovered(t.Context(), s.strange, s.her.Account()); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("a claim that is somebody else's: %v", err)
	}
}

// A trustee who gives another share than was entrusted is named, spoils nothing
// where enough others are right, and cannot blame the vault.
func TestAFalseShareForAClaimNamesItsTrustee(t *testing.T) {
	s := newLostScene(t)
	s.givesFalse(t, s.trustees[1])
	var short *client.FalseShares
	if err := s.recovers(); !errors.As(err, &short) || short.Missing != 1 || !slices.Equal(short.Accounts, []api.Account{s.trustees[1].Account()}) {
		t.Fatalf("%v", err)
	}
	s.give(t, 2)
	if err := s.recovers(); err != nil {
		t.Errorf("with two right shares: %v", err)
	}
}

// givesFalse puts a share of a trustee's own making, signed for, in the place of
// the one that was given.
func (s *lostScene) givesFalse(t *testing.T, who *client.Client) {
	t.Helper()
	made := make([]byte, 17)
	rand.Read(made) // never fails
	file, err := sharedkey.SealFile(sharedkey.Card{Share: secret.Of(made), Threshold: 2, Of: 3}, s.to)
	if err != nil {
		t.Fatal(err)
	}
	text := s.Vault.Chain(s.claimant.Account())[1].Statement
	body, err := json.Marshal(statement.Release{Of: s.claim, OfSHA256: api.HashOf([]byte(text)).String(), SealedSHA256: sharedkey.Digest(file)})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := who.Sign(t.Context(), "release", body)
	if err != nil {
		t.Fatal(err)
	}
	account := who.Account()
	clienttest.Lie(s.Vault, recoveredRoute, func(l *api.RecoveredShares) {
		i := slices.IndexFunc(l.Shares, func(r api.ReleasedShare) bool { return r.Account == account })
		l.Shares[i].Statement, l.Shares[i].Share = signed, slices.Clone(file)
	})
}

// A trustee gives to nobody on the vault's word: not to a key that is put beside a
// claim, nor for a recovery that she never signed. A claim that does not verify
// stands in nobody else's way.
func TestATrusteeGivesToTheClaimantAlone(t *testing.T) {
	s := newLostScene(t)
	give := func() error { return s.trustees[2].ReleaseTo(t.Context(), s.claim, s.claimant.Account()) }
	key := s.Vault.Chain(s.stranger.Account())[0].Statement
	for name, lie := range map[string]func(*api.NamedRecovery){
		"another key beside the claim": func(n *api.NamedRecovery) { n.Claims[0].Key = key },
		"another's claim":              func(n *api.NamedRecovery) { n.Claims[0].Said = n.Claims[1].Said },
	} {
		clienttest.Lie(s.Vault, namedRoute, func(l *api.NamedRecoveries) { lie(&l.Recoveries[0]) })
		if err := give(); !errors.Is(err, client.ErrRecoveryForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	clienttest.Lie(s.Vault, namedRoute, func(l *api.NamedRecoveries) { l.Recoveries[0].Statement = flip(l.Recoveries[0].Statement) })
	if err := give(); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("an altered recovery: %v", err)
	}
	clienttest.Lie(s.Vault, namedRoute, func(l *api.NamedRecoveries) { l.Recoveries[0].Claims[1].Key = "" })
	if err := give(); err != nil {
		t.Errorf("beside a claim that is none: %v", err)
	}
}

// What she cannot see: a vault can hide a claim from her. Any signed act of hers
// would have ended it, whether she saw it or not.
func TestAVaultCanHideAClaimFromHer(t *testing.T) {
	s := newLostScene(t)
	if r, err := s.her.Recovery(t.Context()); err != nil || len(r.Claims) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	clienttest.Lie(s.Vault, hersRoute, func(r *api.Recovery) { r.Claims = nil })
	if r, err := s.her.Recovery(t.Context()); err != nil || len(r.Claims) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
