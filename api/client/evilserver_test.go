package client_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/statement"
)

// scene is a vault in which everything is ready for a lie: a testimony of two
// small parts and a large one, a reader who may open the first, and another who
// may open nothing.
type scene struct {
	*clienttest.World
	salma, reader, mallory *client.Client
	keys                   *client.Keys // of salma
	tid                    api.ID
	grant                  api.ID
}

func newScene(t testing.TB) *scene {
	t.Helper()
	s := &scene{World: clienttest.NewWorld(t)}
	s.salma, s.keys = s.Participant(t)
	s.reader = s.Researcher(t, "Dr. Leyla")
	s.mallory = s.Applicant(t, "Dr. Mallory")
	s.tid = told(t, s.salma)
	s.grant = granted(t, s.salma, offer(s.tid, s.reader, 1))
	return s
}

// attack is one lie and what it is told about.
type attack struct {
	name string
	lie  func(t *testing.T, s *scene)
	act  func(s *scene) error
	want error
}

// refuses runs each attack in a vault of its own, and makes sure that the same
// act succeeds there without the lie: otherwise the refusal would prove nothing.
func refuses(t *testing.T, attacks []attack) {
	t.Helper()
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			if err := a.act(newScene(t)); err != nil {
				t.Fatalf("without a lie: %v", err)
			}
			s := newScene(t)
			a.lie(t, s)
			if err := a.act(s); !errors.Is(err, a.want) {
				t.Errorf("%v, want %v", err, a.want)
			}
		})
	}
}

// On a fresh device: nothing but words, nothing remembered.
func fresh(s *scene) *client.Client {
	c, err := client.New(client.Config{Server: s.URL, Vault: s.Vault.ID, Keys: s.keys, Now: s.Now})
	if err != nil {
		panic(err)
	}
	return c
}

func share(s *scene) error {
	_, err := fresh(s).Grant(context.Background(), offer(s.tid, s.reader, 2))
	return err
}

func list(s *scene) error {
	_, err := fresh(s).List(context.Background())
	return err
}

func show(s *scene) error {
	_, err := fresh(s).Show(context.Background(), s.tid)
	return err
}

func openOwn(s *scene) error {
	return fresh(s).OpenOwn(context.Background(), s.tid, 3, &buffer{})
}

func openGranted(s *scene) error {
	_, err := s.reader.Open(context.Background(), s.grant, 1, &buffer{})
	return err
}

const aResearcher = "GET /v1/researchers/{account}"

// No lie about a reader makes her share with another, or with one for whom too
// few vouch.
func TestSharingRefusesALieAboutTheReader(t *testing.T) {
	refuses(t, []attack{
		{"another account's key", func(t *testing.T, s *scene) {
			other := record(t, s, s.mallory)
			clienttest.Lie(s.Vault, aResearcher, func(r *api.Researcher) { *r = other })
		}, share, client.ErrRecipientSwapped},
		{"another account's key beside the reader's vetting", func(t *testing.T, s *scene) {
			other := record(t, s, s.mallory)
			clienttest.Lie(s.Vault, aResearcher, func(r *api.Researcher) { r.Key = other.Key })
		}, share, client.ErrRecipientSwapped},
		{"an application over another key", func(t *testing.T, s *scene) {
			other := record(t, s, s.mallory)
			clienttest.Lie(s.Vault, aResearcher, func(r *api.Researcher) { r.Apply = other.Apply })
		}, share, client.ErrRecipientSwapped},
		{"a key nobody vouched for", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, aResearcher, func(r *api.Researcher) { r.Accredit = nil })
		}, share, client.ErrNotAccredited},
		{"one steward in the place of two", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, aResearcher, func(r *api.Researcher) { r.Accredit = r.Accredit[:1] })
		}, share, client.ErrTooFewStewards},
		{"one steward counted twice", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, aResearcher, func(r *api.Researcher) { r.Accredit[1] = r.Accredit[0] })
		}, share, client.ErrTooFewStewards},
		{"somebody who is no steward", func(t *testing.T, s *scene) {
			forged := vouched(t, s)
			clienttest.Lie(s.Vault, aResearcher, func(r *api.Researcher) { r.Accredit[1] = forged })
		}, share, client.ErrTooFewStewards},
		{"an altered statement", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, aResearcher, func(r *api.Researcher) { r.Accredit[0] = flip(r.Accredit[0]) })
		}, share, client.ErrTooFewStewards},
	})
}

// Accreditation ends, and one steward's word suspends it.
func TestSharingRefusesAReaderWhoIsNoLongerAccredited(t *testing.T) {
	refuses(t, []attack{
		{"over", func(_ *testing.T, s *scene) { s.Pass(301 * 24 * time.Hour) }, share, client.ErrAccreditationOver},
		{"suspended", func(t *testing.T, s *scene) {
			if err := s.Stewards[1].Suspend(context.Background(), s.reader.Account()); err != nil {
				t.Fatal(err)
			}
		}, share, client.ErrAccreditationStopped},
	})
}

// record is what the vault has of a reader.
func record(t *testing.T, s *scene, who *client.Client) (r api.Researcher) {
	t.Helper()
	clienttest.Lie(s.Vault, aResearcher, func(a *api.Researcher) { r = *a })
	_, err := s.salma.Researcher(context.Background(), who.Account())
	if err == nil {
		t.Fatal("the applicant counts as accredited")
	}
	return r
}

// vouched is an accreditation signed by a participant, of the very body that the
// stewards signed.
func vouched(t *testing.T, s *scene) string {
	t.Helper()
	r, err := s.salma.Researcher(context.Background(), s.reader.Account())
	if err != nil {
		t.Fatal(err)
	}
	var real string
	clienttest.Lie(s.Vault, aResearcher, func(a *api.Researcher) { real = a.Accredit[0] })
	if _, err := s.salma.Researcher(context.Background(), r.Account); err != nil {
		t.Fatal(err)
	}
	parsed, err := statement.Parse(real)
	if err != nil {
		t.Fatal(err)
	}
	return signed(t, s, s.Keys(t), parsed.Body)
}

// signed makes a statement out of the blue: second in a chain nobody has seen.
func signed(t *testing.T, s *scene, keys *client.Keys, body statement.Body) string {
	t.Helper()
	signer := &statement.Signer{Key: keys, Vault: s.Vault.ID.String(), Rand: rand.Reader, Now: s.Now}
	_, head, err := signer.Sign(statement.Head{}, statement.Key{Role: statement.Participant, Recipient: keys.Recipient})
	if err != nil {
		t.Fatal(err)
	}
	st, _, err := signer.Sign(head, body)
	if err != nil {
		t.Fatal(err)
	}
	return st.Compact()
}

// flip changes one character of a signature.
func flip(s string) string {
	last := s[len(s)-10]
	other := "A"
	if last == 'A' {
		other = "B"
	}
	return s[:len(s)-10] + other + s[len(s)-9:]
}

// Every refusal is a sentence of its own that says what is safe and what to do.
func TestEveryRefusalHasItsOwnSentence(t *testing.T) {
	seen := map[string]bool{}
	for _, err := range []error{client.ErrWrongVault, client.ErrRosterBroken, client.ErrRecipientSwapped, client.ErrPlanted, client.ErrCardSwapped,
		client.ErrPartSwapped, client.ErrPayloadSwapped, client.ErrCommitment, client.ErrStored, client.ErrChain, client.ErrTailCut, client.ErrForked,
		client.ErrReceipt, client.ErrClock, client.ErrGrantForged, client.ErrWithheld, client.ErrRevoked, client.ErrRevocation, client.ErrReplyForged, client.ErrNonsense,
		client.ErrTrustForged, client.ErrShareSwapped, client.ErrTooEarly} {
		if !errors.Is(err, client.ErrUntrusted) || seen[err.Error()] || !strings.Contains(err.Error(), ":") {
			t.Errorf("%q", err)
		}
		seen[err.Error()] = true
	}
}
