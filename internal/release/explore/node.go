package explore

import (
	"fmt"

	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/release/machine"
)

type move = Move[World]

// system is a scenario and how the vault in it is built.
type system struct {
	Scenario
	flaw Flaw
}

// next lists everything that can happen.
func (s system) next(w World) []move {
	var out []move
	for n := range w.Nodes {
		out = append(out, s.node(w, n)...)
	}
	out = append(out, s.her(w)...)
	if w.DB.Now < s.End {
		out = append(out, move{Name: "Tick", Words: words("a second passes"), To: tick(w)})
	}
	return out
}

// tick lets a second pass. A lease that has run out is forgotten: how long ago makes
// no difference.
func tick(w World) World {
	w.DB.Now++
	for n := range w.Nodes {
		if node := &w.Nodes[n]; node.Until < w.DB.Now {
			node.Until = 0
		}
	}
	w.look()
	return w
}

// node lists what one node can do.
func (s system) node(w World, n int) []move {
	var out []move
	node := w.Nodes[n]
	if node.Stream != NoStream && w.DB.Now <= node.Until || s.flaw == DeliverBeforeRecord && node.Tx == Opening {
		out = append(out, s.send(w, n))
	}
	if node.CutOff {
		return out
	}
	switch {
	case node.Tx == Opening:
		out = append(out, s.record(w, n))
	case node.Tx == Renewing:
		out = append(out, s.extend(w, n))
	case node.Stream == NoStream && !node.Row:
		out = append(out, s.ask(w, n)...)
	default:
		out = append(out, s.renew(w, n), stop(w, n))
	}
	if node.Stream != NoStream {
		to := w
		to.Nodes[n].CutOff, to.Nodes[n].Tx = true, NoTx
		out = append(out, move{Name: "CutOff", Words: said(n, "is cut off from the database"), To: to})
	}
	return out
}

// said tells in words what a node does, when somebody wants to know.
func said(n int, format string, args ...any) func() string {
	return func() string { return fmt.Sprintf("node %d ", n+1) + fmt.Sprintf(format, args...) }
}

func words(format string, args ...any) func() string {
	return func() string { return fmt.Sprintf(format, args...) }
}

// ask begins the transaction of an opening: it reads, and decides.
func (s system) ask(w World, n int) []move {
	_, out := machine.Step(w.DB, machine.Action{Kind: machine.Open}) // what it would write is written by record
	if !out.Done && s.flaw != ClockAfterSnapshot {
		return nil
	}
	to := w
	node := &to.Nodes[n]
	*node = Node{Tx: Opening, Began: w.DB.Now, Read: out.Read}
	switch s.flaw {
	case ReadsCountedApart:
		node.ReadsThen = w.DB.Grants[0].Parts[0].Reads
	case ClockAfterSnapshot:
		node.DayThen = w.DB.LastDay
	}
	return []move{{Name: "Ask", Words: said(n, "begins to open the part, which is %s", out.Stands), To: to}}
}

// record commits an opening: the read, its event and the lease. Only then may the
// stream send.
func (s system) record(w World, n int) move {
	to, node := w, w.Nodes[n]
	if node.aborts() || s.flaw == ClockAfterSnapshot && !s.decides(&to, n) {
		to.Nodes[n] = Node{}
		return move{Name: "Record", Words: said(n, "is refused by the database, and opens nothing"), To: to}
	}
	if to.Nodes[n].Read {
		to.DB = to.DB.Record(0, 0)
		if s.flaw == ReadsCountedApart {
			to.DB.Grants[0].Parts[0].Reads = node.ReadsThen + 1
		}
		to.Reads++
		s.journal(&to, machine.Entry{Kind: "read", Value: to.DB.Grants[0].Parts[0].Reads})
	}
	to.Nodes[n] = Node{Stream: Ready, Row: true, Recorded: true, Until: s.until(w, node), Old: node.Old}
	if s.flaw != OpeningTouchesNothing && s.flaw != ReadsCountedApart {
		to.wrote(grantRow)
	}
	return move{Name: "Record", Words: said(n, "commits the opening, its event and a lease until %d", to.Nodes[n].Until), To: to}
}

// aborts says whether the database refuses the transaction: two that write one row
// cannot both, and neither can one that stands between two others, read by the one
// and outdated by the other.
func (n Node) aborts() bool { return n.Conflict || n.Stale && n.Seen }

// decides is the decision made when the transaction commits, about what it read
// when it began.
func (s system) decides(w *World, n int) bool {
	then := w.DB
	then.LastDay = w.Nodes[n].DayThen
	_, out := machine.Step(then, machine.Action{Kind: machine.Open})
	w.Nodes[n].Read = out.Read
	return out.Stands == release.Live
}

func (s system) until(w World, n Node) machine.Second {
	if s.flaw == LeaseFromCommit {
		return w.DB.Now + s.Lease
	}
	return n.Began + s.Lease
}

// send sends the header, or another slice.
func (s system) send(w World, n int) move {
	to := w
	to.Nodes[n].Stream = Sending
	return move{Name: "Send", Words: said(n, "sends at second %d", w.DB.Now), To: to, By: n}
}

// renew begins the transaction that renews a lease, or stops the stream when the
// grant does not stand any more.
func (s system) renew(w World, n int) move {
	to := w
	if s.flaw != RenewWithoutAsking && (!w.live() || w.Nodes[n].Old) {
		to.Nodes[n] = Node{}
		return move{Name: "AskAgain", Words: said(n, "asks again, hears that it is over, and stops"), To: to}
	}
	node := &to.Nodes[n]
	node.Tx, node.Began, node.Conflict, node.Stale, node.Seen = Renewing, w.DB.Now, false, false, false
	return move{Name: "AskAgain", Words: said(n, "asks whether it may go on"), To: to}
}

// extend commits the renewal. When it is refused the stream goes on until its old
// lease ends, or tries again.
func (s system) extend(w World, n int) move {
	to := w
	node := &to.Nodes[n]
	refused := node.aborts() || !node.Row
	if !refused {
		node.Until = s.until(w, w.Nodes[n])
	}
	node.Tx, node.Began, node.Conflict, node.Stale, node.Seen = NoTx, 0, false, false, false
	if refused {
		return move{Name: "Extend", Words: said(n, "is refused by the database, and keeps its lease until %d", node.Until), To: to}
	}
	return move{Name: "Extend", Words: said(n, "has its lease until %d", node.Until), To: to}
}

// stop gives the lease back.
func stop(w World, n int) move {
	w.Nodes[n] = Node{}
	return move{Name: "Stop", Words: said(n, "is done and gives its lease back"), To: w}
}
