package httpapi

import (
	"slices"
	"strconv"
	"strings"
)

// maxRanges is how many languages of an Accept-Language are looked at.
const maxRanges = 16

// languageOf picks the language that a client wants most of those there are
// (RFC 9110 section 12.5.4), by its first subtag. What it cannot read it passes
// over: a person whose browser sends nonsense still gets an answer.
func languageOf(accept string) string {
	best, weight := languages()[0], 0.0
	for i, part := range strings.SplitN(accept, ",", maxRanges+1) {
		if i == maxRanges {
			break
		}
		tag, params, _ := strings.Cut(part, ";")
		if language := known(tag); language != "" && quality(params) > weight {
			best, weight = language, quality(params)
		}
	}
	return best
}

// known gives the language of a tag like ar-YE. Kurdish without a further word
// is Sorani here, the one Kurdish that these texts are in.
func known(tag string) string {
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	if first == "ku" {
		first = "ckb"
	}
	if slices.Contains(languages(), first) {
		return first
	}
	return ""
}

func quality(params string) float64 {
	q, ok := strings.CutPrefix(strings.TrimSpace(params), "q=")
	if !ok {
		return 1
	}
	v, err := strconv.ParseFloat(q, 64)
	if err != nil || !(v >= 0 && v <= 1) {
		return 0
	}
	return v
}
