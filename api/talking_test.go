package api_test

import (
	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// talking is about the terms of a grant: asked, answered, narrowed, renewed.
func (t *testimony) talking() {
	grant := t.grant.Body.(*statement.Grant)
	ask := t.reader.says(statement.Ask{Grant: t.grant.ID, Purposes: []statement.Purpose{"PolicyAdvice", "Research"}, Until: grant.Until + 365*statement.Day})
	t.tell("ask", "For one purpose more, and a year longer", api.Signed{Statement: ask.Compact()})
	t.tell("asked", "The same answer, whenever she is shown it", t.accepted(ask))
	t.tell("grantsAsked", "A request is before her", api.Grants{Grants: []api.Granted{{Grant: t.grant.ID, State: api.GrantLive, Consent: api.ConsentRequested,
		Statement: t.grant.Compact(), Ask: ask.Compact(), Openings: []api.Opening{t.opening()}, Closures: []api.Closure{}}}})
	hear := t.reader.says(statement.Reply{Grant: t.grant.ID, Reply: statement.Heard})
	t.tell("hear", "I have heard you", api.Signed{Statement: hear.Compact()})
	t.tell("hearing", "The receipt", t.accepted(hear))
	note, err := envelope.SealNote("she speaks of the cellar twice", t.story.recipient(t.reader), t.rand)
	t.must(err)
	t.tell("newNote", "Sealed to the reader", api.NewReaderNote{Sealed: note})
	t.tell("notes", "One note", api.ReaderNotes{Notes: []api.ReaderNote{{N: 1, Sealed: note}}})
	answer := t.her.says(statement.Answer{Testimony: t.id, Grant: t.grant.ID, Answer: statement.Deferred, Until: t.day() + 90*statement.Day})
	t.tell("answer", "Not now", api.Signed{Statement: answer.Compact()})
	t.tell("answered", "The receipt", t.accepted(answer))
	t.tell("inboxAnswered", "Her answer", api.InboxGrant{Grant: t.grant.ID, Statement: t.grant.Compact(), Answer: answer.Compact(), State: api.GrantLive, Access: statement.Download, Rekeys: []string{},
		Parts: []api.InboxPart{{N: 1, Length: t.parts[1].Length}, {N: 2, Length: t.parts[2].Length}}})

	terms := grant.Terms
	terms.Access, terms.MaxReads = statement.View, 3
	narrow := t.her.says(statement.Narrow{Testimony: t.id, Grant: t.grant.ID, Terms: terms})
	t.tell("narrow", "To look only, three times each part", api.Signed{Statement: narrow.Compact()})
	t.tell("narrowed", "The receipt", t.accepted(narrow))
	terms.Until += 180 * statement.Day
	t.terms = t.her.says(statement.Renew{Testimony: t.id, Grant: t.grant.ID, Accreditation: t.accreditation.String(), Terms: terms})
	t.tell("renew", "Half a year longer", api.Signed{Statement: t.terms.Compact()})
	t.tell("renewed", "The receipt", t.accepted(t.terms))
}
