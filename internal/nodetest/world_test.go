//go:build linux

package nodetest_test

import (
	"crypto/rand"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// large is more than kernels hold between two programs, in bytes.
const large = 12 << 20

// world is a vault of two nodes, with a woman and a reader.
type world struct {
	t      *testing.T
	vault  *nodetest.Vault
	doorA  *peopletest.Door
	doorB  *peopletest.Door
	her    *peopletest.Person // at node B
	reader *peopletest.Person // at node A
	guard  *peopletest.Person // at node B
}

// Two server processes over one PostgreSQL are one vault: what is true at one is
// true at the other.
func TestTwoNodesAreOneVault(t *testing.T) {
	w := twoNodes(t)
	for what, check := range map[string]func(w *world){
		"revoking at one cuts the stream at the other":               func(w *world) { w.cuts(w.revoke, true) },
		"re-locking at one cuts the stream at the other":             func(w *world) { w.cuts(w.relock, true) },
		"narrowing the term at one cuts the stream at the other":     func(w *world) { w.cuts(w.narrow, true) },
		"erasing at one cuts the stream at the other":                func(w *world) { w.cuts(w.erase, false) },
		"withdrawing everything at one cuts the stream at the other": func(w *world) { w.cuts(w.withdraw, true) },
		"withdrawing a part at one cuts the stream at the other":     func(w *world) { w.cuts(w.withdrawPart, true) },
		"openings at both race with a withdrawal":                    (*world).opensWhileWithdrawn,
		"pausing a testimony at one cuts the stream at the other":    func(w *world) { w.cuts(w.pauseOne, true) },
		"pausing everything at one cuts the stream at the other":     func(w *world) { w.cuts(w.pauseAll, true) },
		"a code at one cuts the stream at the other":                 (*world).pausesByCode,
		"a reader who reads on gets no more than she is told":        (*world).readsOn,
		"suspending a reader at one cuts the stream at the other":    (*world).suspends,
		"a node that was suspended holds no revocation up":           func(w *world) { w.silent((*vaulttest.Process).Pause, (*vaulttest.Process).Resume) },
		"a node that died holds no revocation up":                    func(w *world) { w.silent((*vaulttest.Process).Kill, func(*vaulttest.Process) {}) },
		"what is granted at one opens at the other":                  (*world).opensElsewhere,
		"of two statements for one place in the chain one wins":      (*world).races,
		"words that are changed at one are void at the other":        (*world).rekeys,
	} {
		t.Run(what, func(t *testing.T) { check(w.in(t)) })
	}
}

func twoNodes(t *testing.T) *world {
	t.Helper()
	v := nodetest.New(t, store.PostgreSQL)
	w := &world{t: t, vault: v, doorA: v.Door(v.Start()), doorB: v.Door(v.Start())}
	w.her, w.guard = w.doorB.Participant(), w.doorB.Guard()
	return w
}

// in is the world in a subtest, with a reader of its own.
func (w *world) in(t *testing.T) *world {
	sub := *w
	sub.t, sub.reader = t, w.doorA.Researcher(100)
	return &sub
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// granted is a new testimony with one large part, granted to the reader.
func (w *world) granted() (testimony, grant api.ID) {
	w.t.Helper()
	b := make([]byte, large)
	rand.Read(b) // never fails
	testimony, err := w.her.Create(w.t.Context(), client.Testimony{Title: "الليل", Parts: []client.Content{client.Bytes("voice.m4a", "", b)}})
	w.must(err)
	return testimony, w.grant(w.her, testimony, w.reader)
}

func (w *world) grant(her *peopletest.Person, testimony api.ID, to *peopletest.Person) api.ID {
	w.t.Helper()
	g, err := her.Grant(w.t.Context(), client.Offer{Testimony: testimony, Parts: []int64{1}, To: to.Account(),
		Terms: api.Terms{Purposes: []statement.Purpose{"Research"}, Attribution: statement.ChathamHouse, Access: statement.Download}})
	w.must(err)
	return g.ID
}
