package client_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/statement"
)

// handed is a scene in which salma has changed her words, and what her account is.
func handed(t testing.TB) (s *scene, account api.Account) {
	t.Helper()
	s = newScene(t)
	wholeChain(s)
	account, next := s.salma.Account(), s.Keys(t)
	c, err := s.salma.Rekey(t.Context(), next)
	if err != nil {
		t.Fatal(err)
	}
	s.salma, s.keys = c, next
	return s, account
}

// With nothing but the new words, on a device that knows nothing, everything is
// there, opens and goes on; with the old ones the vault is empty.
func TestNewWordsOpenEverything(t *testing.T) {
	s := newScene(t)
	old, account, next := s.keys, s.salma.Account(), s.Keys(t)
	if _, err := s.salma.Rekey(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	her := s.Client(t, next)
	report, err := her.Verify(t.Context(), true)
	if err != nil || len(report.Findings) != 0 || report.Parts != 3 || report.Grants != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	if her.Account() != account {
		t.Errorf("the account is %s and was %s", her.Account(), account)
	}
	if _, err := her.Revoke(t.Context(), s.tid, s.grant); err != nil {
		t.Error(err)
	}
	if _, err := her.AddPart(t.Context(), s.tid, client.Bytes("on.txt", "", []byte("and on"))); err != nil {
		t.Error(err)
	}
	if _, err := s.Client(t, old).List(t.Context()); !errors.Is(err, client.ErrNotEnrolled) {
		t.Errorf("the old words: %v", err)
	}
}

// A part that waits to be adopted goes along.
func TestWhatArrivedGoesAlong(t *testing.T) {
	s := newScene(t)
	n, err := s.salma.AddOnArrival(t.Context(), s.tid, client.Bytes("said.txt", "", []byte("said")))
	if err != nil {
		t.Fatal(err)
	}
	her, err := s.salma.Rekey(t.Context(), s.Keys(t))
	if err != nil {
		t.Fatal(err)
	}
	got := new(buffer)
	if err := her.Adopt(t.Context(), s.tid, n, got); err != nil || got.String() != "said" {
		t.Errorf("%q, %v", got.String(), err)
	}
}

// A reader knows her for the same person after the change: by the old grant, by
// what was locked anew since, and by a new grant.
func TestAReaderKnowsHerAfterTheChange(t *testing.T) {
	s, account := handed(t)
	if _, err := s.salma.Relock(t.Context(), s.tid, 1); err != nil {
		t.Fatal(err)
	}
	second := granted(t, s.salma, offer(s.tid, s.reader, 2))
	for n, g := range []api.ID{s.grant, second} {
		r, err := s.reader.Open(t.Context(), g, int64(n)+1, new(buffer))
		if err != nil || r.From != account {
			t.Errorf("%+v, %v", r, err)
		}
		dir := filepath.Join(t.TempDir(), "kept")
		if _, err := s.reader.SaveGrantedAge(t.Context(), g, int64(n)+1, dir, nil); err != nil {
			t.Fatal(err)
		}
		kept, err := client.ReadTerms(bytes.NewReader(readFile(t, dir, client.TermsFile)))
		if err != nil || kept.From != account {
			t.Fatalf("the terms are of %+v, %v", kept, err)
		}
		if err := kept.Match(bytes.NewReader(readFile(t, dir, client.AgeFile))); err != nil {
			t.Error(err)
		}
	}
}

// An interruption leaves all of it with the old words or all with the new, and
// asking again finds out which.
func TestAnInterruptedRekeyIsFoundOut(t *testing.T) {
	for name, l := range map[string]func(fail func(*http.Request) error) *line{
		"nothing was sent": func(fail func(*http.Request) error) *line { return &line{before: fail} },
		"the answer was lost": func(fail func(*http.Request) error) *line {
			return &line{after: func(r *http.Request, _ *http.Response) error { return fail(r) }}
		},
	} {
		s := newScene(t)
		account, next := s.salma.Account(), s.Keys(t)
		fail, _ := once(http.MethodPost, "/v1/rekeys")
		c, _ := over(t, s.World, s.keys, l(fail))
		if _, err := c.Rekey(t.Context(), next); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		length := len(s.Vault.Chain(account))
		her, err := s.Client(t, s.keys).Rekey(t.Context(), next)
		if err != nil {
			t.Fatalf("%s, once more: %v", name, err)
		}
		if list, err := her.List(t.Context()); err != nil || len(list) != 1 || len(s.Vault.Chain(account)) != length {
			t.Errorf("%s: %d testimonies, chain of %d and then %d, %v", name, len(list), length, len(s.Vault.Chain(account)), err)
		}
	}
}

// A vault that was restored from before the change is told once more, by both.
func TestARestoredVaultIsToldOnceMore(t *testing.T) {
	s := newScene(t)
	next := s.Keys(t)
	s.Vault.Forget(s.salma.Account(), next.ID)
	if _, err := s.Client(t, next).List(t.Context()); !errors.Is(err, client.ErrOtherWords) || !errors.Is(err, client.ErrUntrusted) {
		t.Fatalf("before: %v", err)
	}
	her, err := s.salma.Rekey(t.Context(), next)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := her.List(t.Context()); err != nil {
		t.Error(err)
	}
}

// What cannot be changed is refused before anything is sent.
func TestRekeyRefuses(t *testing.T) {
	s := newScene(t)
	if _, err := s.salma.Rekey(t.Context(), s.keys); !errors.Is(err, client.ErrRefused) {
		t.Errorf("to the same words: %v", err)
	}
	if _, err := s.Client(t, s.Keys(t)).Rekey(t.Context(), s.Keys(t)); !errors.Is(err, client.ErrNotEnrolled) {
		t.Errorf("of words without an account: %v", err)
	}
	if _, err := s.ClientWith(t, client.Config{}).Rekey(t.Context(), s.Keys(t)); !errors.Is(err, client.ErrNoKeys) {
		t.Errorf("of nobody: %v", err)
	}
}

// rekeyAt is the place of the change in a chain.
func rekeyAt(c *api.Chain) int {
	return slices.IndexFunc(c.Statements, func(e api.Entry) bool {
		s, err := statement.Parse(e.Statement)
		return err == nil && s.Act() == statement.ActRekey
	})
}

func ends(c *api.Chain) {
	last := c.Statements[len(c.Statements)-1]
	c.Head = api.Head{Seq: last.Seq, SHA256: last.SHA256}
}

// A change of her keys is hers to claim: a vault that cuts it off, or leaves it
// out, is not believed.
func TestAVaultCannotTakeAChangeOfKeysBack(t *testing.T) {
	for name, c := range map[string]struct {
		lie  func(c *api.Chain)
		want error
	}{
		"cut off":   {func(c *api.Chain) { c.Statements = c.Statements[:rekeyAt(c)]; ends(c) }, client.ErrOtherWords},
		"left out":  {func(c *api.Chain) { i := rekeyAt(c); c.Statements = slices.Delete(c.Statements, i, i+1) }, client.ErrChain},
		"only half": {func(c *api.Chain) { c.Statements = c.Statements[:rekeyAt(c)+1]; ends(c) }, client.ErrUntrusted},
	} {
		s, _ := handed(t)
		clienttest.Lie(s.Vault, chainRoute, c.lie)
		if _, err := fresh(s).List(t.Context()); !errors.Is(err, c.want) || !errors.Is(err, client.ErrUntrusted) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A change of keys that she never signed is believed neither by her nor by whoever
// holds the key that it names.
func TestAVaultCannotMakeAChangeOfKeysUp(t *testing.T) {
	s := newScene(t)
	wholeChain(s)
	evil, account := s.Keys(t), s.salma.Account()
	entries := s.Vault.Chain(account)
	head := statement.Head{Seq: int64(len(entries)), Hash: entries[len(entries)-1].SHA256}
	forge := func(by, proof *client.Keys) api.Entry {
		body, err := statement.Prove(proof, evil.Recipient, s.Vault.ID.String(), account, head)
		if err != nil {
			t.Fatal(err)
		}
		signer := statement.Signer{Key: by, Vault: s.Vault.ID.String(), Rand: rand.Reader, Now: s.Now}
		made, _, err := signer.Sign(head, body)
		if err != nil {
			t.Fatal(err)
		}
		return api.Entry{Seq: made.Seq, SHA256: made.Hash(), Statement: made.Compact()}
	}
	for name, made := range map[string]api.Entry{"signed by the new key alone": forge(evil, evil), "signed by the old key, for words of somebody else": forge(s.keys, s.keys)} {
		for whose, keys := range map[string]*client.Keys{"the old words": s.keys, "the new words": evil} {
			clienttest.Lie(s.Vault, chainRoute, func(c *api.Chain) { c.Statements = append(slices.Clone(entries), made); ends(c) })
			if _, err := s.Client(t, keys).List(t.Context()); !errors.Is(err, client.ErrChain) {
				t.Errorf("%s, %s: %v", name, whose, err)
			}
		}
	}
}

// An inbox cannot make one person of two, nor two of one.
func TestAnInboxCannotLieAboutHerKeys(t *testing.T) {
	for name, lie := range map[string]func(other []string, g *api.InboxGrant){
		"the change is withheld": func(_ []string, g *api.InboxGrant) { g.Rekeys = []string{} },
		"somebody else's change": func(other []string, g *api.InboxGrant) { g.Rekeys = other },
		"hers and another's":     func(other []string, g *api.InboxGrant) { g.Rekeys = append(g.Rekeys, other...) },
		"nonsense":               func(_ []string, g *api.InboxGrant) { g.Rekeys = []string{"x"} },
	} {
		s, _ := handed(t)
		if _, err := s.salma.Relock(t.Context(), s.tid, 1); err != nil {
			t.Fatal(err)
		}
		other, _ := s.Participant(t)
		if _, err := other.Rekey(t.Context(), s.Keys(t)); err != nil {
			t.Fatal(err)
		}
		var rekeys []string
		for _, e := range s.Vault.Chain(other.Account()) {
			if st, err := statement.Parse(e.Statement); err == nil && st.Act() == statement.ActRekey {
				rekeys = append(rekeys, e.Statement)
			}
		}
		clienttest.Lie(s.Vault, "GET /v1/inbox/{g}", func(g *api.InboxGrant) { lie(rekeys, g) })
		if _, err := s.reader.Granted(t.Context(), s.grant); !errors.Is(err, client.ErrGrantForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
