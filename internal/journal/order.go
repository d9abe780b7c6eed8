package journal

import (
	"cmp"
	"slices"
)

// order brings entries of all nodes into the order in which to apply them, and
// leaves out those that a later one of the same thing contains: of a grant that was
// read a thousand times the last count is enough.
func order(list []unknown) []unknown {
	last := map[thing]int{}
	for i, u := range list {
		t := thing{u.Kind, string(u.Account), string(u.ID), 0, string(u.Hash)}
		switch u.Kind {
		case Read, PartEnded:
			t.n = u.N
		case Roster, Rekeyed:
			t.n = u.N
		}
		if before, there := last[t]; !there || more(u, list[before]) {
			last[t] = i
		}
	}
	keep := make([]int, 0, len(last))
	for _, i := range last {
		keep = append(keep, i)
	}
	slices.Sort(keep)
	out := make([]unknown, 0, len(keep))
	for _, i := range keep {
		out = append(out, list[i])
	}
	slices.SortStableFunc(out, func(a, b unknown) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

// thing is what an entry restricts.
type thing struct {
	kind        Kind
	account, id string
	n           int64
	hash        string
}

// more says whether a restricts further than b, of the same thing.
func more(a, b unknown) bool {
	switch a.Kind {
	case Read:
		return a.Value > b.Value
	case Narrowed, CheckedIn:
		return a.N > b.N
	}
	return false
}

// rank puts what has numbers of its own into their order, before the rest.
func rank(u unknown) int64 {
	if u.Kind == Roster || u.Kind == Rekeyed {
		return u.N
	}
	return 1 << 62
}
