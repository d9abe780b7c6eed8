// Package trialtest puts the real service beside its model: the same acts are done
// to both, and whatever can be seen of the one must be what the other says.
//
// A Trial is a woman, her reader and her testimonies in a vault that two more nodes
// serve: separate instances of the service over one database and one object store,
// which share nothing else. Do does an action of package machine to the service on
// a node, with a fault on the way if one is asked for; See reads what has become of
// it from the rows and feeds; Project says what of a machine.State can be seen.
//
// To try a new act, give machine a Kind and a step, and deeds in acts.go a function
// of some lines that does it.
//
// Assumes: the vault's clock is moved by Tick only, and her node's own clock leaps,
// so that the wait for a dead node takes no time; the readers' nodes have real
// clocks.
package trialtest

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/release/machine"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// Site is a vault in which many trials are held, one after the other, each with
// people of its own.
type Site struct {
	*testimonytest.World
	Readers [2]*Node // what readers use; she uses the World's own
	Line    *Line    // to the database, where it can break
	Known   Known    // of what nobody knew when it happened
	stride  time.Duration
	leapt   time.Time

	trustees []*accounttest.Person
}

// Known is how often an act turned out to have been done, and not to have been,
// after an error that left it open.
type Known struct{ Done, Not int }

// Node is another instance of the service.
type Node struct {
	Grants *grant.Grants
	Blobs  *blobtest.Faulty
}

// Open makes a site on a database.
func Open(t testing.TB, db *store.DB) *Site {
	t.Helper()
	s := &Site{World: testimonytest.New(t, db), leapt: time.Now()}
	for i := range s.Readers {
		s.Readers[i] = s.node(db)
	}
	s.Grants.Tick = s.tick
	for range machine.Trustees {
		s.trustees = append(s.trustees, s.Enrolled(statement.Participant))
	}
	return s
}

// node is one more instance beside the World's, on a database handle of its own.
func (s *Site) node(db *store.DB) *Node {
	g := s.Grants
	n := &Node{Blobs: &blobtest.Faulty{Store: s.Blobs}}
	n.Grants = &grant.Grants{DB: db, Payloads: &payload.Payloads{DB: db, Blobs: n.Blobs, Now: g.Now, Log: g.Log}, Ledger: g.Ledger, Keys: g.Keys, Reader: g.Reader, Policy: g.Policy, Rely: g.Rely,
		PerTestimony: g.PerTestimony, AsksPerMonth: g.AsksPerMonth, AnswerWithin: g.AnswerWithin, Now: g.Now, Tick: time.Now, Rand: g.Rand, Log: slog.New(slog.DiscardHandler)}
	return n
}

// tick is her node's clock: it leaps by the stride each time it is looked at, and
// is an ordinary clock without one.
func (s *Site) tick() time.Time {
	if s.stride == 0 {
		return time.Now()
	}
	s.leapt = s.leapt.Add(s.stride)
	return s.leapt
}

// Leap makes her node's clock leap, so that nobody waits for nodes that are dead.
// Only a trial in which nothing is sent while she acts may ask for it.
func (s *Site) Leap(stride time.Duration) { s.stride = stride }

// Trial is one party and what it was begun with.
type Trial struct {
	*Site
	Start machine.State

	base        int64 // the second at which it began, in the vault's time
	steward     *accounttest.Person
	testimonies [machine.Testimonies]id.ID
	sealed      [machine.Testimonies][machine.Parts]testimonytest.Sealed
	grants      [machine.Grants]id.ID
	policies    [machine.Grants]*testimonytest.Policy
	out         io.Writer // where streams go; nil: nowhere
}

// Begin brings a woman and a reader into the vault, and has her tell her
// testimonies. Parts with odd numbers are large enough for the object store.
func (s *Site) Begin() *Trial {
	s.T.Helper()
	t := &Trial{Site: s, base: s.Clock.Now().Unix(), steward: s.Stewards[0]}
	s.Her = s.Enrolled(statement.Participant)
	s.Reader, s.Accreditation = s.Researcher()
	for i := range t.testimonies {
		t.testimonies[i] = s.Create(s.Her)
		for n := range t.sealed[i] {
			t.sealed[i][n] = s.Add(s.Her, t.testimonies[i], int64(n+1), make([]byte, 100+n*50_000))
		}
	}
	day := statement.DayOf(s.Clock.Now())
	t.Start = machine.State{Now: far + machine.Second(t.base-day), LastDay: far, Session: machine.Second(grant.Session / time.Second),
		Answer: machine.Second(testimonytest.AnswerWithin / time.Second)}
	return t
}

// far is the day on which trials begin in the machine's time: not so early that
// anything would be before its beginning.
const far machine.Second = 40 * release.Day

// real is a moment of the machine in the vault's time.
func (t *Trial) real(s machine.Second) int64 { return t.base + int64(s-t.Start.Now) }

// modelled is a moment of the vault in the machine's time.
func (t *Trial) modelled(s int64) machine.Second { return t.Start.Now + machine.Second(s-t.base) }

func (t *Trial) ctx() context.Context { return t.T.Context() }
