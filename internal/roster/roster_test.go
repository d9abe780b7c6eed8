package roster_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/roster"
)

// person is a steward of the tests, whose key is made from a name.
func person(t testing.TB, name string) roster.Steward {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	key := ed25519.NewKeyFromSeed(seed[:])
	s, err := roster.NewSteward(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func people(t testing.TB, names ...string) []roster.Steward {
	t.Helper()
	var all []roster.Steward
	for _, name := range names {
		all = append(all, person(t, name))
	}
	return all
}

func accounts(stewards ...roster.Steward) []id.Thumbprint {
	var all []id.Thumbprint
	for _, s := range stewards {
		all = append(all, s.Account())
	}
	return all
}

func today() time.Time { return time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC) }

func found(t testing.TB, practice bool, threshold int, stewards []roster.Steward) []byte {
	t.Helper()
	b, err := roster.Found(rand.Reader, today(), practice, roster.Terms{Threshold: threshold, Stewards: stewards})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func verify(t testing.TB, chain ...roster.Link) *roster.Roster {
	t.Helper()
	r, err := roster.Verify(roster.ID(chain[0].Document), chain)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func change(t testing.TB, r *roster.Roster, threshold int, stewards []roster.Steward) []byte {
	t.Helper()
	b, err := r.Change(rand.Reader, today(), roster.Terms{Threshold: threshold, Stewards: stewards})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What was founded can be read back, in the spelling the package documents.
func TestAFoundedVaultHasItsStewards(t *testing.T) {
	stewards := people(t, "Amal", "Oksana", "Нина", "شیلان")
	b := found(t, false, 2, stewards)
	r := verify(t, roster.Link{Document: b})
	if r.Vault() != roster.ID(b) || r.Head() != sha256.Sum256(b) || r.Seq() != 0 || r.Practice() || r.Threshold() != 2 {
		t.Errorf("roster %v %x %d %v %d", r.Vault(), r.Head(), r.Seq(), r.Practice(), r.Threshold())
	}
	if len(r.Stewards()) != 4 || !slices.IsSortedFunc(r.Stewards(), func(a, b roster.Steward) int { return strings.Compare(a.Key, b.Key) }) {
		t.Errorf("stewards %v", r.Stewards())
	}
	for _, s := range stewards {
		if got, ok := r.Steward(s.Account()); !ok || got != s || id.Of(got.PublicKey()) != s.Account() {
			t.Errorf("steward %s: %v, %v", s.Name, got, ok)
		}
	}
	if _, ok := r.Steward(person(t, "stranger").Account()); ok {
		t.Error("a stranger is a steward")
	}
	if want := `{"typ":"testimony-vault/roster/v1","seq":0,"prev":"","nonce":"`; !bytes.HasPrefix(b, []byte(want)) {
		t.Errorf("document begins %.80s", b)
	}
	if want := `","day":"2026-11-23","practice":false,"threshold":2,"stewards":[{"name":"`; !bytes.Contains(b, []byte(want)) {
		t.Errorf("document is %s", b)
	}
}

// Two vaults with the same people are two vaults.
func TestTwoFoundingsMakeTwoVaults(t *testing.T) {
	if a, b := found(t, true, 1, people(t, "Amal")), found(t, true, 1, people(t, "Amal")); roster.ID(a) == roster.ID(b) {
		t.Fatal("the same id twice")
	}
}

// A change takes effect when the previous roster's threshold has signed it, and
// not before; strangers, new stewards and repetitions do not count.
func TestAChangeNeedsTheThresholdOfThePreviousRoster(t *testing.T) {
	a, b, c, d := person(t, "A"), person(t, "B"), person(t, "C"), person(t, "D")
	founding := roster.Link{Document: found(t, false, 2, []roster.Steward{a, b, c})}
	next := change(t, verify(t, founding), 1, []roster.Steward{a, d})
	for name, approvers := range map[string][]roster.Steward{
		"nobody":             {},
		"one":                {a},
		"one twice":          {a, a},
		"one and a newcomer": {a, d},
		"strangers":          {d, person(t, "E")},
	} {
		_, err := roster.Verify(roster.ID(founding.Document), []roster.Link{founding, {Document: next, Approvers: accounts(approvers...)}})
		if !errors.Is(err, roster.ErrApprovals) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := verify(t, founding, roster.Link{Document: next, Approvers: accounts(a, d, c)})
	if r.Seq() != 1 || r.Threshold() != 1 || r.Vault() != roster.ID(founding.Document) || r.Head() != sha256.Sum256(next) {
		t.Errorf("roster %d %d %v", r.Seq(), r.Threshold(), r.Vault())
	}
	if _, ok := r.Steward(b.Account()); ok {
		t.Error("a removed steward is still there")
	}
	// The new roster decides alone now: its threshold is one, and b is out.
	last := change(t, r, 1, []roster.Steward{d})
	verify(t, founding, roster.Link{Document: next, Approvers: accounts(a, c)}, roster.Link{Document: last, Approvers: accounts(d)})
	if _, err := r.Follow(roster.Link{Document: last, Approvers: accounts(b)}); !errors.Is(err, roster.ErrApprovals) {
		t.Errorf("a removed steward approved: %v", err)
	}
}

// A server that shows other stewards shows another vault.
func TestOtherStewardsAreNotTheVaultOnTheCard(t *testing.T) {
	real, forged := found(t, false, 1, people(t, "Amal")), found(t, false, 1, people(t, "Mallory"))
	for name, document := range map[string][]byte{
		"forged":  forged,
		"edited":  bytes.Replace(real, []byte("Amal"), []byte("Amel"), 1),
		"garbage": []byte("{"),
		"nothing": nil,
	} {
		_, err := roster.Verify(roster.ID(real), []roster.Link{{Document: document}})
		if !errors.Is(err, roster.ErrOtherVault) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Documents cannot be left out, repeated, reordered, taken from another vault, or
// turn practice into earnest.
func TestABrokenChainIsRefused(t *testing.T) {
	a := person(t, "A")
	founding := roster.Link{Document: found(t, false, 1, []roster.Steward{a})}
	approve := func(b []byte) roster.Link { return roster.Link{Document: b, Approvers: accounts(a)} }
	first := approve(change(t, verify(t, founding), 1, people(t, "A", "B")))
	second := approve(change(t, verify(t, founding, first), 1, people(t, "A", "C")))
	elsewhere := roster.Link{Document: found(t, false, 1, []roster.Steward{a})}
	foreign := approve(change(t, verify(t, elsewhere), 1, people(t, "A", "B")))
	practice := approve(bytes.Replace(first.Document, []byte(`"practice":false`), []byte(`"practice":true`), 1))
	later := approve(bytes.Replace(first.Document, []byte(`"seq":1`), []byte(`"seq":2`), 1))
	for name, chain := range map[string][]roster.Link{
		"left out":        {founding, second},
		"repeated":        {founding, first, first},
		"reordered":       {founding, second, first},
		"another vault's": {founding, foreign},
		"practice":        {founding, practice},
		"a skipped seq":   {founding, later},
		"founded twice":   {founding, founding},
	} {
		if _, err := roster.Verify(roster.ID(founding.Document), chain); !errors.Is(err, roster.ErrLink) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := roster.Verify(roster.ID(first.Document), []roster.Link{first}); !errors.Is(err, roster.ErrLink) {
		t.Errorf("begun in the middle: %v", err)
	}
	for name, chain := range map[string][]roster.Link{"empty": nil, "endless": slices.Repeat([]roster.Link{first}, 1025)} {
		if _, err := roster.Verify(roster.ID(founding.Document), chain); !errors.Is(err, roster.ErrLink) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// No roster is written that would not be read.
func TestSenselessRostersAreNotWritten(t *testing.T) {
	many := make([]roster.Steward, 33)
	for i := range many {
		many[i] = person(t, fmt.Sprint("P", i))
	}
	r := verify(t, roster.Link{Document: found(t, true, 1, people(t, "A"))})
	for name, terms := range map[string]roster.Terms{
		"nobody":              {Threshold: 1},
		"no threshold":        {Threshold: 0, Stewards: people(t, "A")},
		"threshold too high":  {Threshold: 3, Stewards: people(t, "A", "B")},
		"one key twice":       {Threshold: 1, Stewards: people(t, "A", "A")},
		"too many":            {Threshold: 1, Stewards: many},
		"a steward by hand":   {Threshold: 1, Stewards: []roster.Steward{{Name: "A", Key: "AAAA"}}},
		"an unnamed one":      {Threshold: 1, Stewards: []roster.Steward{{Key: person(t, "A").Key}}},
		"a reordering symbol": {Threshold: 1, Stewards: []roster.Steward{{Name: "A\u202eB", Key: person(t, "A").Key}}},
	} {
		if _, err := roster.Found(rand.Reader, today(), false, terms); err == nil {
			t.Errorf("founded with %s", name)
		}
		if _, err := r.Change(rand.Reader, today(), terms); err == nil {
			t.Errorf("changed to %s", name)
		}
	}
	if _, err := roster.Found(iotest.ErrReader(errors.New("dry")), today(), true, roster.Terms{Threshold: 1, Stewards: people(t, "A")}); err == nil {
		t.Error("founded without randomness")
	}
}

// Names may be of any script; those that deceive the eye are refused.
func TestStewardNames(t *testing.T) {
	key := person(t, "A").PublicKey()
	for _, good := range []string{"A", "Оксана Д.", "شیلان می\u200cگوید", "Ana \"Nina\" <x>&\\", strings.Repeat("é", 80)} {
		s, err := roster.NewSteward(good, key)
		if err != nil {
			t.Errorf("%q: %v", good, err)
			continue
		}
		if got := verify(t, roster.Link{Document: found(t, true, 1, []roster.Steward{s})}).Stewards()[0]; got != s {
			t.Errorf("%q came back as %q", good, got.Name)
		}
	}
	for _, bad := range []string{"", " A", "A\u00a0", "A\nB", "A\x00", "A\u0085B", "A\u2028B", "A\u202eB", "A\u2066B", "\xff", strings.Repeat("a", 81)} {
		if _, err := roster.NewSteward(bad, key); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	if _, err := roster.NewSteward("A", key[:31]); err == nil {
		t.Error("a short key was accepted")
	}
}

// A vault id has one spelling, in text and in JSON.
func TestVaultIDHasOneSpelling(t *testing.T) {
	v := roster.ID([]byte("x"))
	if got, err := roster.ParseVaultID(v.String()); err != nil || got != v || len(v.String()) != 43 {
		t.Fatalf("%v, %v", got, err)
	}
	text, err := json.Marshal(v)
	var again roster.VaultID
	if err != nil || json.Unmarshal(text, &again) != nil || again != v {
		t.Errorf("JSON %s, %v", text, err)
	}
	for _, bad := range []string{"", v.String()[1:], v.String() + "A", v.String() + "=", v.String()[:42] + "\n" + v.String()[42:], strings.Repeat("/", 43), v.String()[:42] + "x"} {
		if got, err := roster.ParseVaultID(bad); !errors.Is(err, roster.ErrVaultID) {
			t.Errorf("%q: %v, %v", bad, got, err)
		}
	}
}
