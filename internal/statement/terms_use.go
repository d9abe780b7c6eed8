package statement

// Exportable says whether a part may leave the vault's world on these terms. What
// is heard by the listener alone or off the record may not, and neither may what
// is only to be looked at.
func (t Terms) Exportable() bool {
	return t.Attribution != ListenOnly && t.Attribution != OffTheRecord && t.Access == Download
}

// TermsOf gives the terms that a statement sets for a grant, if it sets any.
func TermsOf(b Body) (Terms, bool) {
	switch b := b.(type) {
	case *Grant:
		return b.Terms, true
	case *Renew:
		return b.Terms, true
	case *Narrow:
		return b.Terms, true
	}
	return Terms{}, false
}
