package client_test

import (
	"context"
	"errors"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/statement"
)

const chainRoute = "GET /v1/statements"

// wholeChain makes the double answer with the chain in one page.
func wholeChain(s *scene) { s.Vault.Info.Limits.StatementsPage = 1000 }

// A chain that was altered, reordered, repeated, mixed or thinned out is not
// believed, and nothing is done on the strength of it.
func TestABrokenChainStopsEverything(t *testing.T) {
	lie := func(change func(s *scene, c *api.Chain)) func(*testing.T, *scene) {
		return func(_ *testing.T, s *scene) {
			wholeChain(s)
			clienttest.Lie(s.Vault, chainRoute, func(c *api.Chain) { change(s, c) })
		}
	}
	var attacks []attack
	for name, change := range map[string]func(*scene, *api.Chain){
		"reordered": func(_ *scene, c *api.Chain) {
			c.Statements[2], c.Statements[3] = c.Statements[3], c.Statements[2]
		},
		"reordered and renumbered": func(_ *scene, c *api.Chain) {
			c.Statements[2], c.Statements[3] = c.Statements[3], c.Statements[2]
			c.Statements[2].Seq, c.Statements[3].Seq = 3, 4
		},
		"replayed": func(_ *scene, c *api.Chain) {
			again := c.Statements[1]
			again.Seq = c.Head.Seq + 1
			c.Statements = append(c.Statements, again)
			c.Head = api.Head{Seq: again.Seq, SHA256: again.SHA256}
		},
		"altered":        func(_ *scene, c *api.Chain) { c.Statements[1].Statement = flip(c.Statements[1].Statement) },
		"one withheld":   func(_ *scene, c *api.Chain) { c.Statements[1].Statement = "" },
		"called erased":  func(s *scene, c *api.Chain) { c.Statements[1].Statement, c.Statements[1].Testimony = "", s.tid },
		"another's head": func(_ *scene, c *api.Chain) { c.Head.SHA256[0] ^= 1 },
		"longer than it is": func(_ *scene, c *api.Chain) {
			c.Head.Seq++
		},
	} {
		attacks = append(attacks, attack{name, lie(change), list, client.ErrChain})
	}
	attacks = append(attacks, attack{"another's", func(_ *testing.T, s *scene) {
		wholeChain(s)
		foreign := s.Vault.Chain(s.reader.Account())
		last := foreign[len(foreign)-1]
		clienttest.Lie(s.Vault, chainRoute, func(c *api.Chain) {
			c.Statements, c.Head = foreign, api.Head{Seq: last.Seq, SHA256: last.SHA256}
		})
	}, list, client.ErrChain})
	refuses(t, attacks)
}

// cut hides the newest statement, which is a revocation.
func cut(t *testing.T, s *scene) {
	t.Helper()
	wholeChain(s)
	if _, err := s.salma.Revoke(context.Background(), s.tid, s.grant); err != nil {
		t.Fatal(err)
	}
	clienttest.Lie(s.Vault, chainRoute, shorten)
}

// shorten hides the newest statement.
func shorten(c *api.Chain) {
	c.Statements = c.Statements[:len(c.Statements)-1]
	last := c.Statements[len(c.Statements)-1]
	c.Head = api.Head{Seq: last.Seq, SHA256: last.SHA256}
}

// That the newest statements are missing is noticed by a client that kept the
// head, and by none that did not: that one says that it cannot know.
func TestACutTailIsFoundByWhoKeptTheHead(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	cut(t, s)
	if _, err := s.salma.Head(ctx); !errors.Is(err, client.ErrTailCut) {
		t.Errorf("a client that saw the tail: %v", err)
	}
	s.Vault.Honest(chainRoute)
	kept, err := fresh(s).Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	clienttest.Lie(s.Vault, chainRoute, shorten)
	with := s.ClientWith(t, client.Config{Keys: s.keys, Kept: kept})
	if _, err := with.List(ctx); !errors.Is(err, client.ErrTailCut) {
		t.Errorf("with the head kept: %v", err)
	}
	without := fresh(s)
	if without.KnowsHead() {
		t.Error("a client without a kept head claims to have one")
	}
	if _, err := without.List(ctx); err != nil {
		t.Errorf("without a kept head nothing can be noticed: %v", err)
	}
}

// A history that is whole in itself but not the one that was kept is a fork.
func TestAForkedChainIsFoundByWhoKeptTheHead(t *testing.T) {
	s := newScene(t)
	head, err := s.salma.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	head.SHA256[0] ^= 1
	c := s.ClientWith(t, client.Config{Keys: s.keys, Kept: head})
	if _, err := c.List(context.Background()); !errors.Is(err, client.ErrForked) {
		t.Error(err)
	}
}

// The vault must prove that it took a statement, and cannot make her sign twice
// for one place in the chain.
func TestAnActNeedsItsReceipt(t *testing.T) {
	const route = "PUT /v1/testimonies/{t}/card"
	act := func(s *scene) error { return fresh(s).SetCard(context.Background(), s.tid, client.Card{Title: "t"}) }
	var earlier api.Accepted
	refuses(t, []attack{
		{"none", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, route, func(a *api.Accepted) { a.Receipt = "" })
		}, act, client.ErrReceipt},
		{"forged", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, route, func(a *api.Accepted) { a.Receipt = flip(a.Receipt) })
		}, act, client.ErrReceipt},
		{"of another statement", func(t *testing.T, s *scene) {
			clienttest.Lie(s.Vault, route, func(a *api.Accepted) { earlier = *a })
			if err := act(s); err != nil {
				t.Fatal(err)
			}
			clienttest.Lie(s.Vault, route, func(a *api.Accepted) { *a = earlier })
		}, act, client.ErrReceipt},
		{"of another key", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, "GET /v1/vault", func(v *api.Vault) { v.ReceiptKeys[0] = make(api.Bytes, 32) })
		}, act, client.ErrReceipt},
	})
}

// A vault that claims that the chain has moved and does not show how gets no
// second statement.
func TestAConflictMustBeShown(t *testing.T) {
	s := newScene(t)
	wholeChain(s)
	c := fresh(s)
	if _, err := c.List(context.Background()); err != nil {
		t.Fatal(err)
	}
	// Another device acts; the vault hides it from this one.
	if err := s.salma.SetCard(context.Background(), s.tid, client.Card{Title: "t"}); err != nil {
		t.Fatal(err)
	}
	clienttest.Lie(s.Vault, chainRoute, shorten)
	if err := c.SetCard(context.Background(), s.tid, client.Card{Title: "u"}); !errors.Is(err, client.ErrChain) {
		t.Error(err)
	}
}

// A clock that runs behind her own statements would make ended accreditations
// look alive.
func TestAClockBehindHerStatementsIsRefused(t *testing.T) {
	s := newScene(t)
	clienttest.Lie(s.Vault, "POST /v1/session/challenge", func(c *api.Challenge) { c.Time -= 3 * statement.Day })
	if err := fresh(s).SetCard(context.Background(), s.tid, client.Card{Title: "t"}); !errors.Is(err, client.ErrClock) {
		t.Error(err)
	}
}
