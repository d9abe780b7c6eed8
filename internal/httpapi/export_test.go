package httpapi

// What the tests look at from outside although nobody else does.

// LanguageOf is languageOf.
func LanguageOf(accept string) string { return languageOf(accept) }

// Languages is languages.
func Languages() []string { return languages() }
