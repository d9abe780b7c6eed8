package statement_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// hand signs the rekey statement by which old hands the chain of account over.
func hand(t testing.TB, old, next *statement.Signer, account id.Thumbprint, head statement.Head) *statement.Statement {
	t.Helper()
	body, err := statement.Prove(next.Key, "age1pq1new", old.Vault, account, head)
	if err != nil {
		t.Fatal(err)
	}
	return at(t, old, head, body)
}

func at(t testing.TB, g *statement.Signer, head statement.Head, body statement.Body) *statement.Statement {
	t.Helper()
	s, _, err := g.Sign(head, body)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func headOf(s *statement.Statement) statement.Head {
	return statement.Head{Seq: s.Seq, Hash: s.Hash()}
}

// handed is a chain of account a that b took over and then c, with a card by each.
type handed struct {
	a, b, c *statement.Signer
	list    []*statement.Statement
	rekeys  []*statement.Statement
}

func handOver(t testing.TB) handed {
	t.Helper()
	h := handed{a: signer(t), b: signer(t), c: signer(t)}
	h.list = chainOf(t, h.a, statement.CheckIn{})
	for _, step := range [][2]*statement.Signer{{h.a, h.b}, {h.b, h.c}} {
		rekey := hand(t, step[0], step[1], h.a.Account(), headOf(h.list[len(h.list)-1]))
		h.rekeys = append(h.rekeys, rekey)
		h.list = append(h.list, rekey, at(t, step[1], headOf(rekey), statement.CheckIn{}))
	}
	return h
}

// A chain goes on with the key that took it over; the account stays the first key.
func TestAChainIsVerifiedAcrossItsKeys(t *testing.T) {
	h := handOver(t)
	c, err := statement.VerifyChainOf(h.c.Account(), h.a.Vault, entries(h.list))
	if err != nil {
		t.Fatal(err)
	}
	want := []id.Thumbprint{h.a.Account(), h.b.Account(), h.c.Account()}
	if c.Account != h.a.Account() || !slices.Equal(c.Keys, want) || c.Key() != h.c.Account() {
		t.Errorf("account %s, keys %v", c.Account, c.Keys)
	}
	if err := c.Append(at(t, h.a, c.Head, statement.CheckIn{})); !errors.Is(err, statement.ErrForeign) {
		t.Errorf("a statement by the first key goes on: %v", err)
	}
	if err := c.Append(at(t, h.c, c.Head, statement.CheckIn{})); err != nil {
		t.Errorf("a statement by the newest key: %v", err)
	}
}

// Whatever a server makes of a change of keys that she did not sign so, is noticed.
func TestVerifyChainRefusesEveryFalseSuccession(t *testing.T) {
	h := handOver(t)
	evil := signer(t)
	head, account := headOf(h.list[1]), h.a.Account()
	unproved := func() statement.Rekey {
		r, err := statement.Prove(h.b.Key, "age1pq1new", h.a.Vault, account, head)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	elsewhere, place, otherTo := unproved(), unproved(), unproved()
	otherTo.Recipient = "age1pq1evil"
	e, err := statement.Prove(h.b.Key, "age1pq1new", h.a.Vault, evil.Account(), head)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere.Proof = e.Proof
	if e, err = statement.Prove(h.b.Key, "age1pq1new", h.a.Vault, account, headOf(h.list[0])); err != nil {
		t.Fatal(err)
	}
	place.Proof = e.Proof
	begun := h.list[:2:2]
	back := hand(t, h.c, h.b, account, headOf(h.list[5]))
	for name, c := range map[string]struct {
		key  id.Thumbprint
		list []*statement.Statement
		want error
	}{
		"cut before the new key":        {h.b.Account(), begun, statement.ErrOtherKey},
		"goes on with yet another":      {h.b.Account(), h.list, statement.ErrOtherKey},
		"signed by somebody else":       {evil.Account(), append(begun, hand(t, evil, evil, account, head)), statement.ErrForeign},
		"to itself":                     {account, append(begun, hand(t, h.a, h.a, account, head)), statement.ErrForeign},
		"proof for another account":     {h.b.Account(), append(begun, at(t, h.a, head, elsewhere)), statement.ErrForeign},
		"proof for another place":       {h.b.Account(), append(begun, at(t, h.a, head, place)), statement.ErrForeign},
		"proof for another recipient":   {h.b.Account(), append(begun, at(t, h.a, head, otherTo)), statement.ErrForeign},
		"the new key before its turn":   {h.b.Account(), append(begun, at(t, h.b, head, statement.CheckIn{})), statement.ErrForeign},
		"the old key after its turn":    {h.b.Account(), append(h.list[:3:3], at(t, h.a, headOf(h.list[2]), statement.CheckIn{})), statement.ErrForeign},
		"back to a key that was void":   {h.b.Account(), append(slices.Clone(h.list), back), statement.ErrForeign},
		"without the statement between": {h.b.Account(), append(begun, h.list[3:]...), statement.ErrBroken},
	} {
		_, err := statement.VerifyChainOf(c.key, h.a.Vault, entries(c.list))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A reader knows statements of old and new keys for one person's, and no others.
func TestALineageKnowsOnePersonByHerKeys(t *testing.T) {
	h := handOver(t)
	l, err := statement.ReadLineage(h.a.Vault, []string{h.rekeys[0].Compact(), h.rekeys[1].Compact()})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range h.list {
		if who, err := l.Author(s); err != nil || who != h.a.Account() {
			t.Errorf("statement %d: %s, %v", i+1, who, err)
		}
	}
	late, early := headOf(h.list[5]), headOf(h.list[1])
	for name, s := range map[string]*statement.Statement{
		"a void key":            at(t, h.a, late, statement.CheckIn{}),
		"a void key in between": at(t, h.b, late, statement.CheckIn{}),
		"a key not good yet":    at(t, h.c, early, statement.CheckIn{}),
		"somebody else":         at(t, signer(t), late, statement.CheckIn{}),
	} {
		if who, err := l.Author(s); !errors.Is(err, statement.ErrForeign) {
			t.Errorf("%s: %s, %v", name, who, err)
		}
	}
	if who, err := new(statement.Lineage).Author(h.list[0]); err != nil || who != h.a.Account() {
		t.Errorf("without a change: %s, %v", who, err)
	}
}

// A list of hand-overs that is cut in front, mixed or forged is no lineage.
func TestReadLineageRefusesWhatDoesNotLink(t *testing.T) {
	h, other := handOver(t), handOver(t)
	for name, list := range map[string][]*statement.Statement{
		"without the first":     {h.rekeys[1]},
		"in another order":      {h.rekeys[1], h.rekeys[0]},
		"one of somebody else":  {h.rekeys[0], other.rekeys[1]},
		"the same twice":        {h.rekeys[0], h.rekeys[0]},
		"something else":        {h.list[1]},
		"for another's account": {hand(t, h.a, h.b, other.a.Account(), headOf(h.list[1]))},
	} {
		var texts []string
		for _, s := range list {
			texts = append(texts, s.Compact())
		}
		if _, err := statement.ReadLineage(h.a.Vault, texts); !errors.Is(err, statement.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := statement.ReadLineage(vault("elsewhere"), []string{h.rekeys[0].Compact()}); !errors.Is(err, statement.ErrForeign) {
		t.Errorf("another vault: %v", err)
	}
	if _, err := statement.ReadLineage(h.a.Vault, []string{"x"}); err == nil {
		t.Error("no statement at all was taken")
	}
}
