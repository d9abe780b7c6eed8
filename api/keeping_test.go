package api_test

import (
	"maps"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// rekeying hands everything she has over to new words. What she says from here on
// is signed by the new key.
func (t *testimony) rekeying() {
	old, next := t.her, t.person("6969696969696969696969696969696a")
	body, err := statement.Prove(next, next.Recipient, t.vault.String(), old.ID, old.head)
	t.must(err)
	rekey := old.says(body)
	next.head, next.key = old.head, old.key
	out := api.Rewrapped{Testimony: t.id, Card: t.story.card(next, "Winter in the cellar, and after")}
	said := statement.Rewrap{Testimony: t.id, CardSHA256: api.HashOf(out.Card).String()}
	for _, n := range slices.Sorted(maps.Keys(t.parts)) {
		header := t.keyhole(t.parts[n], next)
		out.Headers = append(out.Headers, header)
		said.Parts = append(said.Parts, statement.RewrapedPart{N: n, HeaderSHA256: api.HashOf(header).String()})
	}
	rewrap := next.says(said)
	next.said = append(old.said, rewrap)
	t.tell("rekey", "A testimony of four parts goes on with other words", api.Rekey{
		Statements: []string{rekey.Compact(), rewrap.Compact()}, Testimonies: []api.Rewrapped{out}})
	t.tell("rekeyed", "The account stays what it was", api.Rekeyed{Account: old.ID, Accepted: []api.Accepted{t.accepted(rekey), t.accepted(rewrap)}})
	t.cast.her = next
}
