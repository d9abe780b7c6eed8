package trace

import (
	"maps"
	"strings"
	"time"
)

// blur makes of what was remembered what may be told. A route that two people took in
// an hour is the history of two people's acts, and so is a query that one of a hundred
// requests needed: what is rare is told by its kind.
func blur(all []told) []told {
	shapes, names := map[Shape]int{}, map[named]int{}
	for _, r := range all {
		shapes[r.shape]++
		for name := range r.parts {
			names[named{r.shape, name}]++
		}
	}
	out := make([]told, len(all))
	for i, r := range all {
		out[i] = told{r.shape, coarse(r.took), map[string]time.Duration{}}
		if shapes[r.shape] < Few {
			out[i].shape = Shape{Kind: r.shape.Kind, Class: r.shape.Class}
		}
		parts := map[string]time.Duration{}
		for name, took := range r.parts {
			if names[named{r.shape, name}] < Few {
				name, _, _ = strings.Cut(name, " ")
			}
			parts[name] = max(parts[name], took)
		}
		for name, took := range maps.All(parts) {
			out[i].parts[name] = coarse(took)
		}
	}
	return out
}

type named struct {
	shape Shape
	name  string
}

// least is the shortest time that is told.
const least = 16 * time.Microsecond

// longest is the longest.
const longest = least << 30

// coarse rounds a time up to a power of two of least: a time that is exact would be
// found again in the notes of whoever watches the line, and that of a payload is its size.
func coarse(d time.Duration) time.Duration {
	out := least
	for out < d && out < longest {
		out *= 2
	}
	return out
}
