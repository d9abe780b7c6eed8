package explore

import "github.com/relatingfield/vault/internal/release/machine"

// Promise is what must hold of every move. The names are those of the machine's
// invariants and of docs/model/Release.tla.
type Promise struct {
	Name string
	// Holds looks at a world, the node that sends something now (nil: none does)
	// and the length of a lease.
	Holds func(w World, sends *Node, lease machine.Second) bool
}

// Promises lists them.
func Promises() []Promise {
	return []Promise{
		{"NothingBeforeItsTime", func(w World, n *Node, _ machine.Second) bool { return n == nil || w.Live != never }},
		{"LiveGrantOnly", func(w World, n *Node, lease machine.Second) bool { return n == nil || w.DB.Now <= w.Live+lease }},
		{"RevokeWins", func(w World, n *Node, _ machine.Second) bool { return n == nil || !w.Ended && !n.Over }},
		{"PausedServesNothing", func(w World, n *Node, _ machine.Second) bool { return n == nil || !w.Stops }},
		{"EveryReadHasItsEvent", func(_ World, n *Node, _ machine.Second) bool { return n == nil || n.Recorded }},
		{"ReadsWithinMaximum", func(w World, _ *Node, _ machine.Second) bool { return w.most() == 0 || w.Reads <= w.most() }},
	}
}

func (w World) most() uint8 { return w.DB.Grants[0].Max }

// broken names the promise that a move breaks. Who sends is judged by the world in
// which it happens, everything else by the world that comes of it.
func (s system) broken(w World, m move) string {
	var sends *Node
	if m.Name == "Send" {
		sends = &w.Nodes[m.By]
	}
	for _, p := range Promises() {
		if !p.Holds(w, sends, s.Lease) || !p.Holds(m.To, nil, s.Lease) {
			return p.Name
		}
	}
	return ""
}
