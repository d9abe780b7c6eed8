package statement_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// The account and vault of testdata/first.jsonl, whose words nobody has any more.
const (
	firstAccount = "AiG8mmf3KAwwdWLmg4LGvMGDK4P7TwtzrG1PGebe3SA"
	firstVault   = "vyDynWz5F0Oj__g_M256pslJhohJHHphXUMOJqhy3og"
)

// A chain that was signed before grants had conditions is whole, and what she had
// not been asked then is read so that it protects her.
func TestAChainWithTheFirstSpellingOfGrantsIsWhole(t *testing.T) {
	text, err := os.ReadFile("testdata/first.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var list []statement.Entry
	for line := range bytes.Lines(text) {
		var e struct {
			Seq                          int64
			SHA256, Statement, Testimony string
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		hash, err := statement.Hash32(e.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, statement.Entry{Seq: e.Seq, Hash: hash, Compact: e.Statement, Testimony: id.ID(e.Testimony)})
	}
	chain, err := statement.VerifyChain(firstAccount, firstVault, list)
	if err != nil {
		t.Fatal(err)
	}
	grants := 0
	for _, s := range chain.Statements {
		g, is := s.Body.(*statement.Grant)
		if !is {
			continue
		}
		grants++
		if g.Access != statement.Download || len(g.Media) > 0 || g.Place != statement.PlaceNone || !g.QuoteReview || g.MaxReads != 0 || g.Conditions.Policy != "" {
			t.Errorf("a grant of the first spelling is read as %+v", g)
		}
	}
	if grants != 3 {
		t.Errorf("%d grants were read, want 3", grants)
	}
}
