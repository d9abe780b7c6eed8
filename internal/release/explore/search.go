package explore

import "fmt"

// Move is something that can happen next: its name, as docs/model has it, what it
// is in words, and what is then.
type Move[S comparable] struct {
	Name  string
	Words func() string
	To    S
	By    int // the node that makes it, where it is one's
}

// Result is what a search found.
type Result struct {
	States int      // different ones
	Depth  int      // moves to the farthest
	Moves  []string // names of those that were made, in the order of their first time
	Broken string   // the promise that does not hold, empty when all do
	Path   []string // the shortest way there, in words
}

// String tells the result in lines.
func (r Result) String() string {
	s := fmt.Sprintf("%d states, %d moves deep", r.States, r.Depth)
	if r.Broken == "" {
		return s
	}
	s += "; this breaks " + r.Broken + ":"
	for i, p := range r.Path {
		s += fmt.Sprintf("\n  %2d. %s", i+1, p)
	}
	return s
}

// search is the state of a breadth-first search. The i-th state was first reached
// from parents[i].
type search[S comparable] struct {
	next    func(S) []Move[S]
	seen    map[S]struct{}
	states  []S
	parents []int32
	depths  []int32
}

func (s *search[S]) add(state S, parent, depth int32) {
	if _, ok := s.seen[state]; ok {
		return
	}
	s.seen[state] = struct{}{}
	s.states, s.parents, s.depths = append(s.states, state), append(s.parents, parent), append(s.depths, depth)
}

// path is how a state was reached, and what was done there last.
func (s *search[S]) path(i int32, last Move[S]) []string {
	out := []string{last.Words()}
	for ; s.parents[i] >= 0; i = s.parents[i] {
		for _, m := range s.next(s.states[s.parents[i]]) {
			if m.To == s.states[i] {
				out = append([]string{m.Words()}, out...)
				break
			}
		}
	}
	return out
}

// Search makes every move from every state that can be reached, nearest first, and
// stops at the first that breaks a promise: no shorter way does. More than most
// states are an error, for then nothing was proved.
func Search[S comparable](start S, most int, next func(S) []Move[S], check func(S, Move[S]) (broken string)) (Result, error) {
	s := search[S]{next: next, seen: map[S]struct{}{}}
	s.add(start, -1, 0)
	r, made := Result{}, map[string]bool{}
	for i := int32(0); int(i) < len(s.states); i++ {
		r.States, r.Depth = len(s.states), int(s.depths[i])
		if r.States > most {
			return r, fmt.Errorf("more than %d states: choose smaller constants", most)
		}
		for _, m := range next(s.states[i]) {
			if !made[m.Name] {
				made[m.Name], r.Moves = true, append(r.Moves, m.Name)
			}
			if r.Broken = check(s.states[i], m); r.Broken != "" {
				r.Path = s.path(i, m)
				return r, nil
			}
			s.add(m.To, i, s.depths[i]+1)
		}
	}
	return r, nil
}
