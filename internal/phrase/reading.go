package phrase

// reading is the attempt to read folded words in one language.
type reading struct {
	language Language
	indexes  []int // -1 where the word is not in the list
	known    int   // how many are in the list
	unknown  int   // position of the first that is not, -1 if all are
}

func read(words []string, l Language) reading {
	index := make(map[string]int, len(l.list()))
	for i, word := range l.list() {
		index[fold(word)] = i
	}
	r := reading{language: l, unknown: -1, indexes: make([]int, len(words))}
	for i, word := range words {
		at, ok := index[word]
		switch {
		case ok:
			r.known++
		case r.unknown < 0:
			r.unknown = i
		}
		r.indexes[i] = at
	}
	return r
}

// secret is the reading's secret, if it has every word and the right checksum.
func (r reading) secret() (Secret, bool) {
	if r.unknown >= 0 || len(r.indexes) != wordCount {
		return Secret{}, false
	}
	return fromIndexes([wordCount]int(r.indexes))
}

// better keeps the readings that know the most words.
func better(best []reading, r reading) []reading {
	switch {
	case len(best) == 0 || r.known > best[0].known:
		return []reading{r}
	case r.known == best[0].known:
		return append(best, r)
	}
	return best
}

// unknownWord reports the first word that the best readings do not know. Only
// one: each further word would give a leaked message another 11 bits.
func unknownWord(words []string, best []reading) error {
	e := &UnknownWord{Position: best[0].unknown + 1}
	var lists []string
	for _, r := range best {
		e.Languages = append(e.Languages, r.language)
		lists = append(lists, r.language.list()...)
	}
	e.Closest = closest(words[best[0].unknown], lists)
	return e
}
