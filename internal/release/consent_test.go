package release_test

import (
	"slices"
	"testing"

	"github.com/relatingfield/vault/internal/release"
)

// What a consent record says follows from the newest question or answer, whatever
// the reader may do meanwhile; nobody else's act is ever called hers.
func TestConsentIsTheNewestQuestionOrAnswer(t *testing.T) {
	const now, until = 1_000, 2_000
	stands := release.Facts{Accredited: true, From: 1, Until: until}
	revoked, suspended := stands, stands
	revoked.Revoked, suspended.Accredited = true, false
	seen := map[release.Consent]bool{}
	for name, c := range map[string]struct {
		f    release.Facts
		t    release.Talk
		now  int64
		want release.Consent
	}{
		"given":                            {stands, release.Talk{}, now, release.ConsentGiven},
		"renewed":                          {stands, release.Talk{Renewed: true}, now, release.ConsentRenewed},
		"the last second":                  {stands, release.Talk{Renewed: true}, until - 1, release.ConsentRenewed},
		"the first second after":           {stands, release.Talk{Renewed: true}, until, release.ConsentExpired},
		"not vouched for":                  {suspended, release.Talk{Renewed: true}, now, release.ConsentRevoked},
		"not vouched for, and over":        {suspended, release.Talk{}, until, release.ConsentExpired},
		"asked":                            {stands, release.Talk{Asked: true}, now, release.ConsentRequested},
		"asked, and over meanwhile":        {stands, release.Talk{Asked: true}, until, release.ConsentRequested},
		"not now":                          {stands, release.Talk{Deferred: now + 1}, now, release.ConsentDeferred},
		"not now, and not asked by then":   {stands, release.Talk{Deferred: now}, now, release.ConsentGiven},
		"not now, and her date has come":   {stands, release.Talk{Deferred: now, Asked: true}, now, release.ConsentRequested},
		"refused":                          {stands, release.Talk{Refused: true}, now, release.ConsentRefused},
		"refused, and over":                {stands, release.Talk{Refused: true}, until, release.ConsentRefused},
		"withdrawn, whatever was said":     {revoked, release.Talk{Renewed: true, Asked: true}, until, release.ConsentWithdrawn},
		"withdrawn, and refused before it": {revoked, release.Talk{Refused: true}, now, release.ConsentWithdrawn},
	} {
		got := release.ConsentOf(c.f, c.t, c.now)
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		seen[got] = true
	}
	for _, c := range release.Consents() {
		if !seen[c] {
			t.Errorf("%s is shown by no case", c)
		}
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(release.Consents())))); n != 8 {
		t.Errorf("%d consents, want the 8 of docs/consent.md", n)
	}
}
