package phrase

import (
	"cmp"
	"slices"

	"golang.org/x/text/unicode/norm"
)

const (
	maxClosest  = 3
	maxDistance = 2
	// Shorter and longer texts (in bytes, folded) get no suggestions: two letters
	// are near to everything, and the longest word of the lists has 8.
	minTyped = 3
	maxTyped = 32
)

// closest gives up to three words of the list that the typed one begins, or that
// are at most two edits away from it; the nearest first, and of equally near
// ones those that begin alike, because beginnings are seldom mistyped.
func closest(typed string, list []string) []string {
	if len(typed) < minTyped || len(typed) > maxTyped {
		return nil
	}
	var near []candidate
	for _, word := range list {
		if c := compare(typed, word); c.distance <= maxDistance && !slices.Contains(near, c) {
			near = append(near, c)
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int {
		return cmp.Or(a.distance-b.distance, b.alike-a.alike)
	})
	words := make([]string, min(len(near), maxClosest))
	for i := range words {
		words[i] = near[i].word
	}
	return words
}

// candidate is a word of a list, in NFC, and how near it is to the typed one.
type candidate struct {
	word            string
	distance, alike int
}

func compare(typed, word string) candidate {
	folded := fold(word)
	c := candidate{word: norm.NFC.String(word)}
	for c.alike < min(len(typed), len(folded)) && typed[c.alike] == folded[c.alike] {
		c.alike++
	}
	if c.alike < len(typed) {
		c.distance = distance([]rune(typed), []rune(folded))
	}
	return c
}

// distance is the Levenshtein distance of a and b.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
