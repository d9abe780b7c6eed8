package statement_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/relatingfield/vault/internal/statement"
)

// What a server can do to a chain is noticed, and told apart.
func TestVerifyChainRefusesEveryAlteration(t *testing.T) {
	g, other := signer(t), signer(t)
	tid := newID(t)
	good := entries(chainOf(t, g, statement.Card{Testimony: tid, CardSHA256: hash("c")}, add(tid, 1), grant(tid, 1)))
	foreign := entries(chainOf(t, other, statement.Card{Testimony: tid, CardSHA256: hash("c")}))
	elsewhere := *g
	elsewhere.Vault = vault("elsewhere")
	moved := entries(chainOf(t, &elsewhere))
	hole := slices.Clone(good)
	hole[2].Compact, hole[2].Testimony = "", tid
	nameless := slices.Clone(good)
	nameless[2].Compact = ""
	wrongHash := slices.Clone(good)
	wrongHash[1].Hash[0] ^= 1
	for name, c := range map[string]struct {
		list []statement.Entry
		want error
	}{
		"whole":             {good, nil},
		"empty":             {nil, nil},
		"first missing":     {good[1:], statement.ErrBroken},
		"middle missing":    {slices.Delete(slices.Clone(good), 1, 2), statement.ErrBroken},
		"repeated":          {slices.Insert(slices.Clone(good), 2, good[1]), statement.ErrBroken},
		"reordered":         {[]statement.Entry{good[0], good[2], good[1], good[3]}, statement.ErrBroken},
		"another account":   {append(slices.Clone(good), foreign[1]), statement.ErrBroken},
		"foreign from 1":    {foreign, statement.ErrForeign},
		"another vault":     {moved, statement.ErrForeign},
		"withheld":          {hole, statement.ErrHole},
		"withheld nameless": {nameless, statement.ErrHole},
		"hash does not fit": {wrongHash, statement.ErrBroken},
	} {
		if _, err := statement.VerifyChain(g.Account(), g.Vault, c.list); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A cut tail cannot be seen from the chain alone, and is seen with a kept head.
func TestAKeptHeadFindsACutTail(t *testing.T) {
	g := signer(t)
	tid := newID(t)
	list := chainOf(t, g, statement.Card{Testimony: tid, CardSHA256: hash("c")}, add(tid, 1))
	whole, err := statement.VerifyChain(g.Account(), g.Vault, entries(list))
	if err != nil {
		t.Fatal(err)
	}
	kept := whole.Head
	cut, err := statement.VerifyChain(g.Account(), g.Vault, entries(list[:2]))
	if err != nil {
		t.Fatalf("the chain alone shows the cut: %v", err)
	}
	if err := cut.Holds(kept); !errors.Is(err, statement.ErrTailCut) {
		t.Errorf("cut tail: %v, want ErrTailCut", err)
	}
	fork, err := statement.VerifyChain(g.Account(), g.Vault, entries(append(list[:2:2], resign(t, g, list[1], add(tid, 2)))))
	if err != nil {
		t.Fatal(err)
	}
	if err := fork.Holds(kept); !errors.Is(err, statement.ErrForked) {
		t.Errorf("replaced history: %v, want ErrForked", err)
	}
	if err := whole.Holds(kept); err != nil {
		t.Errorf("the same chain: %v", err)
	}
	if err := whole.Holds(statement.Head{}); err != nil {
		t.Errorf("nothing kept: %v", err)
	}
}

func resign(t *testing.T, g *statement.Signer, after *statement.Statement, b statement.Body) *statement.Statement {
	t.Helper()
	s, _, err := g.Sign(statement.Head{Seq: after.Seq, Hash: after.Hash()}, b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Erasing leaves holes; the erase statement accounts for exactly those.
func TestEraseExplainsItsHolesAndNoOthers(t *testing.T) {
	g := signer(t)
	gone, kept := newID(t), newID(t)
	list := chainOf(t, g, statement.Card{Testimony: gone, CardSHA256: hash("c")}, statement.Card{Testimony: kept, CardSHA256: hash("d")}, add(gone, 1))
	c, err := statement.VerifyChain(g.Account(), g.Vault, entries(list))
	if err != nil {
		t.Fatal(err)
	}
	sum := statement.ErasedHash(c.About(gone))
	erase := resign(t, g, list[3], statement.Erase{Testimony: gone, StatementsSHA256: statement.B64(sum[:])})
	told := entries(append(list, erase))
	told[1].Compact, told[1].Testimony = "", gone
	told[3].Compact, told[3].Testimony = "", gone
	after, err := statement.VerifyChain(g.Account(), g.Vault, told)
	if err != nil {
		t.Fatalf("holes of an erased testimony: %v", err)
	}
	if after.Head != (statement.Head{Seq: 5, Hash: erase.Hash()}) || len(after.Statements) != 3 {
		t.Errorf("head %d, %d statements", after.Head.Seq, len(after.Statements))
	}
	told[2].Compact, told[2].Testimony = "", gone // hide another testimony's statement behind the erasure
	if _, err := statement.VerifyChain(g.Account(), g.Vault, told); !errors.Is(err, statement.ErrHole) {
		t.Errorf("one hole too many: %v, want ErrHole", err)
	}
}

// Her book holds what she signed, and refuses a history she could not have made.
func TestBookFollowsHerStatements(t *testing.T) {
	g := signer(t)
	tid := newID(t)
	list := chainOf(t, g, statement.Card{Testimony: tid, CardSHA256: hash("c")}, add(tid, 1), add(tid, 2), grant(tid, 1, 2))
	gid := list[4].ID
	relock := statement.Relock{Testimony: tid, N: 1, OldPayloadSHA256: hash("payload"), Length: 65552, PayloadSHA256: hash("new"), Commit: hash("new commit"),
		HeaderSHA256: hash("h"), Grants: []statement.RelockedGrant{{Grant: gid, HeaderSHA256: hash("theirs, new")}}}
	list = append(list, resign(t, g, list[4], relock))
	list = append(list, resign(t, g, list[5], statement.Revoke{Testimony: tid, Grant: gid}))
	c, err := statement.VerifyChain(g.Account(), g.Vault, entries(list))
	if err != nil {
		t.Fatal(err)
	}
	book, err := c.Book()
	if err != nil {
		t.Fatal(err)
	}
	if p, err := book.Part(tid, 1); err != nil || p.PayloadSHA256 != hash("new") {
		t.Errorf("part 1 after re-lock: %+v, %v", p, err)
	}
	if st := book.Testimonies[tid].Grants[gid]; !st.Revoked || st.Parts[1].HeaderSHA256 != hash("theirs, new") || st.Parts[2].HeaderSHA256 != hash("theirs") {
		t.Errorf("grant: %+v", st)
	}
	if _, err := book.Part(tid, 3); !errors.Is(err, statement.ErrNotHers) {
		t.Errorf("part 3: %v, want ErrNotHers", err)
	}
	bad := append(list[:4:4], resign(t, g, list[3], grant(tid, 3)))
	c, err = statement.VerifyChain(g.Account(), g.Vault, entries(bad))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Book(); !errors.Is(err, statement.ErrNotHers) {
		t.Errorf("a grant of a part she never added: %v, want ErrNotHers", err)
	}
}
