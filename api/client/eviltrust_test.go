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
	policiesRoute = "GET /v1/testimonies/{t}/policies"
	trustsRoute   = "GET /v1/trusts"
	sharesRoute   = "GET /v1/inbox/{g}/shares"
	keyRoute      = "GET /v1/introductions/{account}"
)

// trustScene is a scene with three trustees, two of whom let the reader in.
type trustScene struct {
	*scene
	trustees []*client.Client
	policy   *client.Policy
	waiting  api.ID // a grant under the policy
}

func newTrustScene(t testing.TB) *trustScene {
	t.Helper()
	s := &trustScene{scene: newScene(t)}
	for range 3 {
		s.trustees = append(s.trustees, introduced(t, s.scene))
	}
	made, err := s.salma.SetPolicy(context.Background(), s.terms())
	if err != nil {
		t.Fatal(err)
	}
	s.policy = made
	o := offer(s.tid, s.reader, 2)
	o.Policy = made.ID
	s.waiting = granted(t, s.salma, o)
	return s
}

// introduced is somebody new who can be named a trustee.
func introduced(t testing.TB, s *scene) *client.Client {
	t.Helper()
	c, _ := s.Participant(t)
	if err := c.Introduce(context.Background(), true); err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *trustScene) terms() client.PolicyTerms {
	p := client.PolicyTerms{Testimony: s.tid, To: s.reader.Account(), Threshold: 2, Note: "please"}
	for _, c := range s.trustees {
		p.Trustees = append(p.Trustees, c.Account())
	}
	return p
}

func (s *trustScene) votes(t testing.TB, who ...int) {
	t.Helper()
	for _, i := range who {
		if err := s.trustees[i].Release(context.Background(), s.policy.ID, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// trustAttack is an attack on people who trust each other.
type trustAttack struct {
	name string
	lie  func(t *testing.T, s *trustScene)
	act  func(s *trustScene) error
	want error
}

func distrusts(t *testing.T, attacks []trustAttack) {
	t.Helper()
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			honest := newTrustScene(t)
			honest.votes(t, 0, 1)
			if err := a.act(honest); err != nil {
				t.Fatalf("without a lie: %v", err)
			}
			s := newTrustScene(t)
			s.votes(t, 0, 1)
			a.lie(t, s)
			if err := a.act(s); !errors.Is(err, a.want) {
				t.Errorf("%v, want %v", err, a.want)
			}
		})
	}
}

func setPolicy(s *trustScene) error {
	_, err := s.salma.SetPolicy(context.Background(), s.terms())
	return err
}

func grantUnder(s *trustScene) error {
	o := offer(s.tid, s.reader, 1)
	o.Policy = s.policy.ID
	_, err := s.salma.Grant(context.Background(), o)
	return err
}

func openWaiting(s *trustScene) error {
	_, err := s.reader.Open(context.Background(), s.waiting, 2, &buffer{})
	return err
}

func agree(s *trustScene) error { return s.trustees[2].Agree(context.Background(), s.policy.ID) }

func release(s *trustScene) error {
	return s.trustees[2].Release(context.Background(), s.policy.ID, nil)
}

// other makes another policy of hers and gives its statement.
func (s *trustScene) other(t *testing.T) string {
	t.Helper()
	if err := setPolicy(s); err != nil {
		t.Fatal(err)
	}
	chain := s.Vault.Chain(s.salma.Account())
	return chain[len(chain)-1].Statement
}

// She seals shares only to people whose account she typed, and grants only to the
// shared key that she made.
func TestSheEntrustsNobodyOnTheVaultsWord(t *testing.T) {
	mallory := func(s *trustScene) string { return s.Vault.Chain(s.mallory.Account())[0].Statement }
	distrusts(t, []trustAttack{
		{"another's key for a trustee", func(_ *testing.T, s *trustScene) {
			key := mallory(s)
			clienttest.Lie(s.Vault, keyRoute, func(k *api.AccountKey) { k.Key = key })
		}, setPolicy, client.ErrRecipientSwapped},
		{"no key at all", func(_ *testing.T, s *trustScene) {
			first := s.Vault.Chain(s.salma.Account())[1].Statement
			clienttest.Lie(s.Vault, keyRoute, func(k *api.AccountKey) { k.Key = first })
		}, setPolicy, client.ErrRecipientSwapped},
		{"an altered key", func(_ *testing.T, s *trustScene) {
			clienttest.Lie(s.Vault, keyRoute, func(k *api.AccountKey) { k.Key = flip(k.Key) })
		}, setPolicy, client.ErrRecipientSwapped},
		{"another shared key", func(_ *testing.T, s *trustScene) {
			to := s.keys.Recipient
			clienttest.Lie(s.Vault, policiesRoute, func(l *api.Policies) { l.Policies[0].Recipient = to })
		}, grantUnder, client.ErrRecipientSwapped},
		{"a policy she never made", func(_ *testing.T, s *trustScene) {
			clienttest.Lie(s.Vault, policiesRoute, func(l *api.Policies) { l.Policies[0].Policy = s.tid })
		}, grantUnder, client.ErrPlanted},
		{"a trustee she never named", func(_ *testing.T, s *trustScene) {
			who := s.mallory.Account()
			clienttest.Lie(s.Vault, policiesRoute, func(l *api.Policies) { l.Policies[0].Trustees[0].Account = who })
		}, grantUnder, client.ErrPlanted},
		{"a policy that is kept from her", func(_ *testing.T, s *trustScene) {
			clienttest.Lie(s.Vault, policiesRoute, func(l *api.Policies) { l.Policies = nil })
		}, grantUnder, client.ErrWithheld},
	})
}

// A trustee acts only on what the person named has signed, for this trustee, and
// passes the share on to nobody else than the reader named there.
func TestATrusteeBelievesOnlyHer(t *testing.T) {
	mine := func(change func(*api.Trust)) func(*testing.T, *trustScene) {
		return func(_ *testing.T, s *trustScene) {
			clienttest.Lie(s.Vault, trustsRoute, func(l *api.Trusts) { change(&l.Trusts[0]) })
		}
	}
	distrusts(t, []trustAttack{
		{"an altered policy", mine(func(a *api.Trust) { a.Statement = flip(a.Statement) }), agree, client.ErrTrustForged},
		{"another policy's statement", func(t *testing.T, s *trustScene) {
			text := s.other(t)
			clienttest.Lie(s.Vault, trustsRoute, func(l *api.Trusts) { l.Trusts[0].Statement = text })
		}, agree, client.ErrTrustForged},
		{"a policy that names others", func(t *testing.T, s *trustScene) {
			body := statement.Policy{Testimony: s.tid, Grantee: s.reader.Account(), Trustees: []statement.Share{}, Silence: statement.Day, Wait: statement.Day}
			text := signed(t, s.scene, s.keys, body)
			st, err := statement.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			clienttest.Lie(s.Vault, trustsRoute, func(l *api.Trusts) { l.Trusts[0].Statement, l.Trusts[0].Policy = text, st.ID })
			s.policy.ID = st.ID
		}, agree, client.ErrTrustForged},
		{"another trustee's share", func(t *testing.T, s *trustScene) {
			share := shareOf(t, s, s.trustees[0])
			clienttest.Lie(s.Vault, trustsRoute, func(l *api.Trusts) { l.Trusts[0].Share = share })
		}, agree, client.ErrShareSwapped},
		{"an altered share", mine(func(a *api.Trust) { a.Share[len(a.Share)-1] ^= 1 }), release, client.ErrShareSwapped},
		{"another key for the reader", func(_ *testing.T, s *trustScene) {
			key := s.Vault.Chain(s.mallory.Account())[0].Statement
			clienttest.Lie(s.Vault, aResearcher, func(r *api.Researcher) { r.Key = key })
		}, release, client.ErrRecipientSwapped},
		{"a trustee's key for the reader", func(_ *testing.T, s *trustScene) {
			key := s.Vault.Chain(s.trustees[0].Account())[0].Statement
			clienttest.Lie(s.Vault, aResearcher, func(r *api.Researcher) { r.Key = key })
		}, release, client.ErrRecipientSwapped},
	})
}

func shareOf(t *testing.T, s *trustScene, who *client.Client) (share api.Bytes) {
	t.Helper()
	clienttest.Lie(s.Vault, trustsRoute, func(l *api.Trusts) { share = slices.Clone(l.Trusts[0].Share) })
	if _, err := who.Trusts(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.Vault.Honest(trustsRoute)
	return share
}

// A vault that opens the vote before she can have been silent long enough gets no
// share, whatever it says.
func TestNoShareLeavesBeforeItsTime(t *testing.T) {
	s := newTrustScene(t)
	terms := s.terms()
	terms.Silence, terms.Wait = 30, 7
	p, err := s.salma.SetPolicy(context.Background(), terms)
	if err != nil {
		t.Fatal(err)
	}
	clienttest.Lie(s.Vault, trustsRoute, func(l *api.Trusts) { l.Trusts[len(l.Trusts)-1].Open = true })
	for _, days := range []int{0, 30, 7} {
		s.Pass(time.Duration(days) * 24 * time.Hour)
		if err := s.trustees[0].Release(context.Background(), p.ID, nil); !errors.Is(err, client.ErrTooEarly) {
			t.Errorf("%d days more: %v", days, err)
		}
	}
	s.Pass(24 * time.Hour)
	if err := s.trustees[0].Release(context.Background(), p.ID, nil); err != nil {
		t.Errorf("when it is time: %v", err)
	}
}

// The reader makes the key of what trustees signed for and she had given them, for
// the very policy of the grant.
func TestTheReaderBelievesOnlyHerAndTheTrustees(t *testing.T) {
	lie := func(change func(*api.Shares)) func(*testing.T, *trustScene) {
		return func(_ *testing.T, s *trustScene) { clienttest.Lie(s.Vault, sharesRoute, change) }
	}
	distrusts(t, []trustAttack{
		{"shares swapped between trustees", lie(func(l *api.Shares) { l.Shares[0].Share, l.Shares[1].Share = l.Shares[1].Share, l.Shares[0].Share }),
			openWaiting, client.ErrShareSwapped},
		{"an altered share", lie(func(l *api.Shares) { l.Shares[0].Share[2000] ^= 1 }), openWaiting, client.ErrShareSwapped},
		{"one trustee twice", lie(func(l *api.Shares) { l.Shares[1] = l.Shares[0] }), openWaiting, client.ErrShareSwapped},
		{"a vote under another name", lie(func(l *api.Shares) { l.Shares[0].Account = l.Shares[1].Account }), openWaiting, client.ErrShareSwapped},
		{"somebody who was not named", func(_ *testing.T, s *trustScene) {
			who := s.mallory.Account()
			clienttest.Lie(s.Vault, sharesRoute, func(l *api.Shares) { l.Shares[0].Account = who })
		}, openWaiting, client.ErrShareSwapped},
		{"an altered vote", lie(func(l *api.Shares) { l.Shares[0].Statement = flip(l.Shares[0].Statement) }), openWaiting, client.ErrShareSwapped},
		{"an altered policy", lie(func(l *api.Shares) { l.Policy = flip(l.Policy) }), openWaiting, client.ErrGrantForged},
		{"another policy of hers", func(t *testing.T, s *trustScene) {
			text := s.other(t)
			clienttest.Lie(s.Vault, sharesRoute, func(l *api.Shares) { l.Policy = text })
		}, openWaiting, client.ErrGrantForged},
		{"shares before enough have voted", lie(func(l *api.Shares) { l.Shares = l.Shares[:1] }), openWaiting, client.ErrRefused},
		{"her own header in its place", func(t *testing.T, s *trustScene) {
			own := file(t, s.scene, 2)
			clienttest.Lie(s.Vault, openingRoute, func(b *[]byte) { *b = own })
		}, openWaiting, client.ErrPartSwapped},
	})
}

// A trustee who passes on another share than the one given is named, spoils
// nothing where enough others are right, and cannot blame the vault.
func TestAFalseShareIsFoundAndItsTrusteeNamed(t *testing.T) {
	s := newTrustScene(t)
	ctx := context.Background()
	s.votes(t, 0, 1)
	s.passesOn(t, s.trustees[1], secret.Of(randomShare(t)))
	_, err := s.reader.SharedKey(ctx, s.waiting)
	var short *client.FalseShares
	if !errors.As(err, &short) || short.Missing != 1 || !slices.Equal(short.Accounts, []api.Account{s.trustees[1].Account()}) {
		t.Fatalf("%v", err)
	}
	if err := openWaiting(s); !errors.As(err, &short) {
		t.Errorf("opening: %v", err)
	}
	s.votes(t, 2)
	shared, err := s.reader.SharedKey(ctx, s.waiting)
	if err != nil || len(shared.Trustees) != 2 || !slices.Equal(shared.False, []api.Account{s.trustees[1].Account()}) {
		t.Fatalf("%+v, %v", shared, err)
	}
	if err := openWaiting(s); err != nil {
		t.Errorf("with two right shares: %v", err)
	}
}

func randomShare(t *testing.T) []byte {
	t.Helper()
	b := make([]byte, sharedkey.SeedSize+1)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}

// passesOn puts a share of a trustee's own making, with a vote over it, in the
// place of the one that the trustee gave.
func (s *trustScene) passesOn(t *testing.T, who *client.Client, share secret.Bytes) {
	t.Helper()
	file, err := sharedkey.SealFile(sharedkey.Card{Share: share, Threshold: 2, Of: 3}, recipient(t, s.scene))
	if err != nil {
		t.Fatal(err)
	}
	var text string
	for _, e := range s.Vault.Chain(s.salma.Account()) {
		if st, err := statement.Parse(e.Statement); err == nil && st.ID == s.policy.ID {
			text = e.Statement
		}
	}
	body, err := json.Marshal(statement.Release{Of: s.policy.ID, OfSHA256: api.HashOf([]byte(text)).String(), SealedSHA256: sharedkey.Digest(file)})
	if err != nil {
		t.Fatal(err)
	}
	vote, err := who.Sign(context.Background(), "release", body)
	if err != nil {
		t.Fatal(err)
	}
	account := who.Account()
	clienttest.Lie(s.Vault, sharesRoute, func(l *api.Shares) {
		i := slices.IndexFunc(l.Shares, func(r api.ReleasedShare) bool { return r.Account == account })
		l.Shares[i].Statement, l.Shares[i].Share = vote, slices.Clone(file)
	})
}

// To decline takes no share. Whoever changed the words, so that the share there is
// stays shut, or is given another's by the vault, cannot agree and can decline.
func TestATrusteeCanAlwaysDecline(t *testing.T) {
	ctx := context.Background()
	s := newTrustScene(t)
	s.votes(t, 0)
	changed, err := s.trustees[0].Rekey(ctx, s.Keys(t))
	if err != nil {
		t.Fatal(err)
	}
	share := shareOf(t, s, s.trustees[1])
	if err := changed.Agree(ctx, s.policy.ID); !errors.Is(err, client.ErrOldShare) {
		t.Errorf("agreeing after the change: %v", err)
	}
	if err := changed.Decline(ctx, s.policy.ID); err != nil {
		t.Errorf("declining after the change: %v", err)
	}
	clienttest.Lie(s.Vault, trustsRoute, func(l *api.Trusts) { l.Trusts[0].Share = share })
	if err := s.trustees[2].Agree(ctx, s.policy.ID); !errors.Is(err, client.ErrShareSwapped) {
		t.Errorf("agreeing with another's share: %v", err)
	}
	if err := s.trustees[2].Decline(ctx, s.policy.ID); err != nil {
		t.Errorf("declining with another's share: %v", err)
	}
	list, err := s.salma.Policies(ctx, s.tid)
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range list[0].Trustees {
		if want := who.Account != s.trustees[1].Account(); want != (who.Answer == api.TrusteeDeclined) {
			t.Errorf("%s has %s", who.Account, who.Answer)
		}
	}
	clienttest.Lie(s.Vault, trustsRoute, func(l *api.Trusts) { l.Trusts[0].Statement = flip(l.Trusts[0].Statement) })
	if err := s.trustees[1].Decline(ctx, s.policy.ID); !errors.Is(err, client.ErrTrustForged) {
		t.Errorf("declining what she never signed: %v", err)
	}
}
