package explore

import (
	"github.com/relatingfield/vault/internal/release/machine"
)

// row is what an act writes, as far as transactions of readers care.
type row uint8

const (
	grantRow row = iota // every opening writes it, too
	otherRow            // openings and renewals read it
	noRow
)

// wrote tells transactions under way that somebody has committed meanwhile. Opening
// a part writes the row of its grant; renewing a lease only reads it.
func (w *World) wrote(r row) {
	for n := range w.Nodes {
		node := &w.Nodes[n]
		switch {
		case node.Tx == NoTx || r == noRow:
		case r == grantRow && node.Tx == Opening:
			node.Conflict = true
		default:
			node.Stale = true
		}
	}
}

// her lists what she, a trustee and the stewards can do, and what an act of hers is
// waiting for.
func (s system) her(w World) []move {
	var out []move
	if w.Her.Waiting {
		out = append(out, s.answers(w)...)
	}
	for i, a := range s.Acts {
		if w.Done&(1<<i) == 0 && !w.Her.Waiting {
			out = append(out, s.act(w, i, a)...)
		}
	}
	if s.Restore && !w.Restored {
		out = append(out, s.restore(w))
	}
	return out
}

// act commits an act.
func (s system) act(w World, i int, a machine.Action) []move {
	db, out := machine.Step(w.DB, a)
	if !out.Done {
		return nil
	}
	w.DB, w.Done = db, w.Done|1<<i
	s.journal(&w, out.Entry)
	w.wrote(s.writes(a))
	switch a.Kind {
	case machine.Relock:
		for n := range w.Nodes {
			w.Nodes[n].Old = w.Nodes[n].Row
		}
		w.Her = Her{true, a.Kind, w.DB.Now}
	case machine.Revoke, machine.Withdraw, machine.Erase, machine.Pause:
		w.Her = Her{true, a.Kind, w.DB.Now}
	case machine.CheckIn: // what is sent on the strength of her silence
		w.Her = Her{s.Start.Grants[0].Policy.Silence > 0, a.Kind, w.DB.Now}
	case machine.Lift:
		w.Stops = false
	}
	w.look()
	return []move{{Name: string(a.Kind), Words: words("%s, at second %d", a, w.DB.Now), To: w}}
}

// writes says which row an act writes that readers' transactions know. An opening
// under a policy relies on what its trustees and, with silence, all acts of hers
// write; everything else of a policy it only reads.
func (s system) writes(a machine.Action) row {
	silence := s.Start.Grants[0].Policy.Silence > 0
	switch a.Kind {
	case machine.Revoke, machine.Withdraw, machine.Erase, machine.Relock, machine.Renew, machine.Narrow:
		if s.flaw == OpeningTouchesNothing {
			return otherRow
		}
		return grantRow
	case machine.Release:
		return grantRow
	case machine.Suspend:
		return otherRow
	}
	switch {
	case silence && s.flaw != ClockAfterSnapshot:
		return grantRow
	case silence || a.Kind == machine.Pause || a.Kind == machine.Lift:
		return otherRow
	}
	return noRow
}

// journal keeps what a restore needs. Beyond its size entries are lost, which can
// only make the search find fault where there is none.
func (s system) journal(w *World, e machine.Entry) {
	if s.Restore && !w.Restored && e.Kind != "" && int(w.Entries) < len(w.Journal) {
		w.Journal[w.Entries] = e
		w.Entries++
	}
}

// answers is how the wait ends: nobody sends any more, or nobody can.
func (s system) answers(w World) []move {
	looked, left := s.condemned(w)
	if !left {
		return []move{answer(looked, "Answer", "no stream is left")}
	}
	if w.DB.Now <= w.Her.Since+s.Lease {
		return nil
	}
	for n := range looked.Nodes {
		if node := &looked.Nodes[n]; looked.ends(*node) {
			node.Row, node.Conflict = false, true
		}
	}
	return []move{answer(looked, "Bury", "every lease of before has run out")}
}

// condemned looks for leases under what she ended, and says whether there are any.
// For what writes no row that openings write, it looks in a serializable
// transaction: then no opening that it does not see can still commit as an earlier
// one.
func (s system) condemned(w World) (World, bool) {
	for n := range w.Nodes {
		if w.Her.For == machine.Pause && s.flaw != PauseSeesSnapshot && w.Nodes[n].Tx != NoTx {
			w.Nodes[n].Seen = true
		}
	}
	for _, node := range w.Nodes {
		if s.flaw == AnswerWithoutWaiting || s.flaw == ForgetSilentNodes && node.CutOff {
			continue
		}
		if w.ends(node) {
			return w, true
		}
	}
	return w, false
}

// ends says whether a lease is one that what she waits for has ended.
func (w *World) ends(n Node) bool {
	if w.Her.For == machine.Relock {
		return n.Row && n.Old
	}
	return n.Row
}

// answer is what she is told, and from then on it has to be true.
func answer(w World, name, why string) move {
	switch w.Her.For {
	case machine.Pause:
		w.Stops = true
	case machine.Relock:
		for n := range w.Nodes {
			w.Nodes[n].Over = w.Nodes[n].Over || w.Nodes[n].Old
		}
	case machine.CheckIn:
		for n := range w.Nodes {
			w.Nodes[n].Over = w.Nodes[n].Over || w.Nodes[n].Stream != NoStream
		}
	default:
		w.Ended = true
	}
	told := words("she is told that it is done: %s (%s)", w.Her.For, why)
	w.Her = Her{}
	return move{Name: name, Words: told, To: w}
}

// restore stops every node and puts the database of the beginning in place of
// today's.
func (s system) restore(w World) move {
	old := s.Start
	old.Now = w.DB.Now
	if s.flaw != RestoreWithoutJournal {
		old = machine.Restored(s.Start, w.DB.Now, w.Journal[:w.Entries])
	}
	w.DB, w.Nodes, w.Her, w.Restored = old, [Nodes]Node{}, Her{}, true
	w.look()
	return move{Name: "Restore", Words: words("all stop, and the backup of the beginning is restored"), To: w}
}
