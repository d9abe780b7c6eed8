package explain

import "github.com/relatingfield/vault/internal/statement"

// Keys are the names of all texts that English needs.
func Keys() []string { return keys(plurals("en")) }

// Without checks the language without one text.
func (l *Language) Without(key string) error {
	text := l.texts[key]
	defer func() { l.texts[key] = text }()
	delete(l.texts, key)
	return l.check()
}

// Days spells a number of days, given in seconds.
func (l *Language) Days(seconds int64) string { return l.days(seconds) }

// Parts spells the numbers of parts.
func (l *Language) Parts(list []statement.GrantedPart) string { return l.parts(list) }
