package canary_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/canary"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/roster"
)

var now = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

// world is a roster of two, and the keys of its stewards and of somebody else.
type world struct {
	t     testing.TB
	r     *roster.Roster
	keys  []ed25519.PrivateKey
	other ed25519.PrivateKey
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t}
	terms := roster.Terms{Threshold: 2}
	for _, name := range []string{"Amal", "Oksana"} {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		w.must(err)
		s, err := roster.NewSteward(name, public)
		w.must(err)
		terms.Stewards, w.keys = append(terms.Stewards, s), append(w.keys, private)
	}
	document, err := roster.Found(rand.Reader, now, true, terms)
	w.must(err)
	w.r, err = roster.Verify(roster.VaultID(sha256.Sum256(document)), []roster.Link{{Document: document}})
	w.must(err)
	_, w.other, err = ed25519.GenerateKey(rand.Reader)
	w.must(err)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) says(by ed25519.PrivateKey, at time.Time, days int) string {
	w.t.Helper()
	word, err := canary.Sign(w.r.Vault(), by, at, days)
	w.must(err)
	return word
}

// A word is fresh to its last second, and then stale; a newer one takes its place.
func TestAWordLastsUntilItsEnd(t *testing.T) {
	w := newWorld(t)
	words := []string{w.says(w.keys[0], now, 7), w.says(w.keys[1], now, 30)}
	end := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		words        []string
		at           time.Time
		fresh, stale int
	}{
		"both on the day":         {words, now, 2, 0},
		"the last second of one":  {words, end.Add(-time.Second), 2, 0},
		"the first second behind": {words, end, 1, 1},
		"long behind both":        {words, end.AddDate(1, 0, 0), 0, 2},
		"one never spoke":         {words[:1], now, 1, 0},
		"one spoke again":         {append([]string{w.says(w.keys[0], end, 7)}, words...), end, 2, 0},
		"an old one is replayed":  {append(words, w.says(w.keys[0], now.AddDate(0, -2, 0), 366)), end, 1, 1},
		"nobody":                  {nil, now, 0, 0},
		"behind years of others":  {append(slices.Repeat([]string{w.says(w.keys[0], now.AddDate(-1, 0, 0), 30)}, 500), words...), now, 2, 0},
	} {
		got := canary.Judge(c.words, w.r, c.at)
		if got.Fresh != c.fresh || got.Stale != c.stale || got.Refused != 0 || got.Spoken() != (c.fresh+c.stale > 0) {
			t.Errorf("%s: %d fresh, %d stale, %d refused", name, got.Fresh, got.Stale, got.Refused)
		}
	}
}

// Nobody speaks for a steward, and none speaks for all time.
func TestWhatIsNoWordOfAStewardCountsNothing(t *testing.T) {
	w := newWorld(t)
	good := w.says(w.keys[0], now, 30)
	claims := func(change func(*canary.Word)) string {
		word := canary.Word{Issuer: string(w.r.Stewards()[0].Account()), Vault: w.r.Vault().String(), Day: now.Unix() / 86400 * 86400, Says: canary.Sentence}
		word.Until = word.Day + 30*86400
		change(&word)
		key := w.keys[0]
		if w.r.Stewards()[0].Key != key64(w.keys[0]) {
			key = w.keys[1]
		}
		out, err := clientkey.Sign(key, canary.Type, word)
		w.must(err)
		return out
	}
	if got := canary.Judge([]string{claims(func(*canary.Word) {})}, w.r, now); got.Fresh != 1 {
		t.Fatalf("the word that all others differ from: %+v", got)
	}
	for name, bad := range map[string]string{
		"a stranger's":            w.says(w.other, now, 30),
		"another's name on it":    claims(func(c *canary.Word) { c.Issuer = string(w.r.Stewards()[1].Account()) }),
		"of another vault":        claims(func(c *canary.Word) { c.Vault = strings.Repeat("A", 43) }),
		"of another sentence":     claims(func(c *canary.Word) { c.Says = "all-is-well" }),
		"for longer than a year":  claims(func(c *canary.Word) { c.Until += 400 * 86400 }),
		"that ends before it":     claims(func(c *canary.Word) { c.Until = c.Day }),
		"with an hour in it":      claims(func(c *canary.Word) { c.Day += 3600; c.Until += 3600 }),
		"of a week to come":       w.says(w.keys[0], now.AddDate(0, 0, 7), 30),
		"with a signature cut":    good[:len(good)-2],
		"with a changed end":      strings.Replace(good, ".", ".A", 1),
		"that is no token at all": "no-secret-demand",
	} {
		if got := canary.Judge([]string{bad}, w.r, now); got.Fresh != 0 || got.Refused != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := canary.Sign(w.r.Vault(), w.keys[0], now, 367); err == nil {
		t.Error("a word for longer than a year was signed")
	}
}

func key64(k ed25519.PrivateKey) string {
	s, err := roster.NewSteward("x", k.Public().(ed25519.PublicKey))
	if err != nil {
		return ""
	}
	return s.Key
}

func FuzzJudge(f *testing.F) {
	w := newWorld(f)
	f.Add(w.says(w.keys[0], now, 30))
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, word string) {
		got := canary.Judge([]string{word}, w.r, now)
		if got.Fresh+got.Stale+got.Refused != 1 {
			t.Fatalf("%+v", got)
		}
		if got.Refused == 0 && canary.Judge([]string{word}, newWorld(t).r, now).Refused == 0 {
			t.Fatal("it counts in a vault of other stewards too")
		}
	})
}
