package restoretest_test

import (
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/store"
)

// What she and her trustees refused stays refused: a claim that an act of hers
// ended, a trustee's no, and a recovery that she ended.
func TestARestoreBringsNobodyNearerToHerWords(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		w := newWorld(t, e)
		one, two, other := w.door.Participant(), w.door.Participant(), w.door.Participant()
		kept := w.entrusts(w.her, one, two)
		w.entrusts(other, one, two)
		claimant := w.door.Participant()
		claim, err := claimant.Claim(t.Context(), w.her.Account())
		w.must(err)
		backup := w.vault.Backup()
		w.must(w.her.CheckIn(t.Context()))
		w.must(two.AnswerRecovery(t.Context(), kept, false))
		w.must(other.EndRecovery(t.Context()))
		w.node.Kill()
		w.vault.Restore(backup)
		for query, want := range map[string]int{"SELECT COUNT(*) FROM claims WHERE vetoed = 0": 1, "SELECT COUNT(*) FROM recoveries": 2,
			"SELECT COUNT(*) FROM recovery_trustees WHERE answer = 'declined'": 0} {
			if n := w.asks(query); n != want {
				t.Fatalf("the backup: %s: %d, want %d", query, n, want)
			}
		}
		w.start("a")
		list, err := one.At(w.door).NamedRecoveries(t.Context())
		w.must(err)
		if len(list) != 1 || list[0].ID != kept || len(list[0].Claims) != 0 {
			t.Errorf("a trustee sees %+v, and claim %s was refused", list, claim)
		}
		if hers, err := other.At(w.door).Recovery(t.Context()); err != nil || hers.Recovery != "" || len(hers.Trustees) != 0 {
			t.Errorf("what was ended: %+v, %v", hers, err)
		}
		if n := w.asks("SELECT COUNT(*) FROM recovery_trustees WHERE answer = 'declined'"); n != 1 {
			t.Errorf("%d trustees have declined", n)
		}
	})
}

// entrusts makes a recovery by two of two.
func (w *world) entrusts(who *peopletest.Person, trustees ...*peopletest.Person) api.ID {
	w.t.Helper()
	terms := client.RecoveryTerms{Threshold: 2, Wait: 1}
	for _, p := range trustees {
		w.must(p.Introduce(w.t.Context(), true))
		terms.Trustees = append(terms.Trustees, p.Account())
	}
	w.must(who.SetRecovery(w.t.Context(), who.Secret, terms))
	r, err := who.Recovery(w.t.Context())
	w.must(err)
	return r.Recovery
}
