package explore_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/release/explore"
)

// most is more states than any scenario has.
const most = 200_000

// In every order in which things can happen, every promise holds; and what can
// happen is what docs/model says.
func TestEveryPromiseHoldsInEveryOrder(t *testing.T) {
	moves := map[string]bool{}
	for _, s := range explore.Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			r, err := explore.Run(s, explore.Sound, most)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(r)
			for _, m := range r.Moves {
				moves[m] = true
			}
			if r.Broken != "" {
				t.Errorf("%s", r)
			}
			for _, a := range s.Acts {
				if !slices.Contains(r.Moves, string(a.Kind)) {
					t.Errorf("%s was never done", a.Kind)
				}
			}
			if !slices.Contains(r.Moves, "Send") {
				t.Error("nobody ever read anything: the promises were kept for nothing")
			}
		})
	}
	samePage(t, moves)
}

// A vault with any one of the flaws breaks a promise, and the shortest way to it is
// told. A promise that no flaw breaks would not be watched.
func TestEveryFlawIsCaught(t *testing.T) {
	caught := []struct {
		flaw          explore.Flaw
		in, by, first string // scenario, promise, a line of the story
	}{
		{explore.DeliverBeforeRecord, "revoke", "EveryReadHasItsEvent", "sends"},
		{explore.RenewWithoutAsking, "suspension", "LiveGrantOnly", "suspend"},
		{explore.AnswerWithoutWaiting, "revoke", "RevokeWins", "revokes"},
		{explore.AnswerWithoutWaiting, "lock anew", "RevokeWins", "anew"},
		{explore.ForgetSilentNodes, "withdraw", "RevokeWins", "cut off"},
		{explore.LeaseFromCommit, "pause", "LiveGrantOnly", "pauses"},
		{explore.ReadsCountedApart, "one read", "ReadsWithinMaximum", "commits"},
		{explore.ClockAfterSnapshot, "silence", "NothingBeforeItsTime", "checks in"},
		{explore.PauseSeesSnapshot, "pause", "PausedServesNothing", "pauses"},
		{explore.OpeningTouchesNothing, "revoke", "RevokeWins", "revokes"},
		{explore.RestoreWithoutJournal, "restore after revoking", "RevokeWins", "backup"},
		{explore.RestoreWithoutJournal, "restore after pausing", "ReadsWithinMaximum", "backup"},
	}
	watched, made := map[string]bool{}, map[explore.Flaw]bool{}
	for _, c := range caught {
		r := run(t, c.in, c.flaw)
		t.Logf("%s, %s: %s", c.flaw, c.in, r)
		if r.Broken != c.by || !strings.Contains(strings.Join(r.Path, ";"), c.first) {
			t.Errorf("%s in %q: breaks %q, want %q with %q in its story", c.flaw, c.in, r.Broken, c.by, c.first)
		}
		watched[r.Broken], made[c.flaw] = true, true
	}
	for _, f := range explore.Flaws() {
		if !made[f] {
			t.Errorf("nobody tried %s", f)
		}
	}
	for _, p := range explore.Promises() {
		if !watched[p.Name] {
			t.Errorf("no flaw breaks %s", p.Name)
		}
	}
}

func run(t *testing.T, name string, flaw explore.Flaw) explore.Result {
	t.Helper()
	for _, s := range explore.Scenarios() {
		if s.Name == name {
			r, err := explore.Run(s, flaw, most)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	t.Fatalf("there is no scenario %q", name)
	return explore.Result{}
}

// A search that does not come to its end proves nothing, and says so.
func TestASearchThatIsCutShortIsAnError(t *testing.T) {
	if _, err := explore.Run(explore.Scenarios()[0], explore.Sound, 100); err == nil {
		t.Error("no error after 100 states")
	}
}
