package journal

import (
	"fmt"
	"maps"
	"slices"
)

// Report says in numbers what a journal holds.
type Report struct {
	Head     Head
	Files    int
	First    int64 // number of the first line that is still there
	FirstDay int64 // Unix seconds
	LastDay  int64
	Acts     map[Kind]int
	Torn     bool // its last line was never finished; nobody was told that it was written
}

// Kinds lists the kinds of its acts in order.
func (r Report) Kinds() []Kind { return slices.Sorted(maps.Keys(r.Acts)) }

// Check reads every line of every journal in the folder and checks every
// signature, without a database; kept are heads that the journals must hold. What
// does not fit is an error that wraps ErrRefused.
func (p Place) Check(kept []Head) ([]Report, error) {
	nodes, err := p.nodes()
	if err != nil {
		return nil, err
	}
	missing := map[Head]bool{}
	for _, h := range kept {
		missing[h] = true
	}
	var out []Report
	for _, n := range nodes {
		r, err := p.check(n, func(h Head) { delete(missing, h) })
		if err != nil {
			return out, err
		}
		out = append(out, r)
		maps.DeleteFunc(missing, func(h Head, _ bool) bool { return h.Node == n && h.Seq < r.First }) // dropped for its age
	}
	for _, h := range kept {
		if missing[h] {
			return out, fmt.Errorf("node %s, line %d: %w", h.Node, h.Seq, ErrRolled)
		}
	}
	return out, nil
}

func (p Place) check(node string, see func(Head)) (Report, error) {
	r := Report{Acts: map[Kind]int{}}
	c, err := p.read(node, true, func(body []byte, h Head) error {
		see(h)
		rec, err := parse(body)
		for _, e := range rec.Entries {
			r.Acts[e.Kind]++
		}
		return err
	})
	if c != nil {
		r.Head, r.Files, r.First, r.FirstDay, r.LastDay, r.Torn = c.head, len(c.files), c.base.Seq+1, c.firstDay, c.lastDay, c.torn > 0
	}
	return r, err
}
