package config

import (
	"strings"
)

const allThereAre = "testimonyd config example shows all there are"

// nearest says which of the names was probably meant. What nobody would take for a
// slip of the pen gets no guess: a wrong one is followed.
func nearest(name string, names []string) string {
	best, least := "", len(name)/3+1
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return "write " + n + " if that was meant; " + allThereAre
		}
	}
	for _, n := range names {
		if _, last, _ := cut(n); last == strings.ToLower(name) && last != n {
			best, least = n, 0 // the right setting, in the wrong section
		}
		if d := distance(strings.ToLower(name), strings.ToLower(n), least); d < least {
			best, least = n, d
		}
	}
	if best == "" {
		return "leave it out; " + allThereAre
	}
	return "write " + best + " if that was meant; " + allThereAre
}

// cut parts a path at its last dot.
func cut(path string) (section, last string, found bool) {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i], path[i+1:], true
	}
	return "", path, false
}

// maxName bounds what is compared: no setting has a longer name, and a file may hold
// any.
const maxName = 100

// distance is how many letters have to be put in, taken out or changed to make b of a;
// at least limit when the names are too long or too different to look.
func distance(a, b string, limit int) int {
	if len(a) > maxName || len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
