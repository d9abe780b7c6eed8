package api_test

import (
	"crypto/sha256"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// testimony is what she keeps, while the story tells of it.
type testimony struct {
	*cast
	id    id.ID
	card  []byte
	parts map[int64]*lock
	grant *statement.Statement
	terms *statement.Statement // that changed the grant's

	headers map[int64]string // hashes of the reader's, by part
}

func (c *cast) remembering() {
	t := &testimony{cast: c, id: c.story.id(), parts: map[int64]*lock{}, headers: map[int64]string{}}
	t.creating()
	t.uploading()
	t.arriving()
	t.adding()
	t.keeping()
	t.granting()
	t.reading()
	t.doubting()
	t.talking()
	t.relocking()
	t.pausing()
	t.revoking()
	t.withdrawing()
	t.recovering()
	t.rekeying()
	t.erasing()
}

func (t *testimony) creating() {
	t.card = t.story.card(t.her, "Winter in the cellar")
	t.parts[1] = t.seal(t.her, "shortened: a real part is 16 KiB and more")
	card := t.her.says(statement.Card{Testimony: t.id, CardSHA256: api.HashOf(t.card).String()})
	add := t.her.says(t.parts[1].add(t.id, 1))
	t.tell("newTestimony", "A card and one small part (its payload shortened)", api.NewTestimony{Testimony: t.id, Statement: card.Compact(), Card: t.card,
		Parts: []api.NewPart{{Statement: add.Compact(), Header: t.parts[1].header, Payload: t.parts[1].payload}}})
	t.tell("created", "Two statements, two receipts", api.Created{Testimony: t.id, Accepted: []api.Accepted{t.accepted(card), t.accepted(add)}})
	t.tell("testimonies", "One testimony", api.Testimonies{Testimonies: []api.Listed{{Testimony: t.id, Day: t.day(), Card: t.card, Parts: 1}}})
	t.card = t.story.card(t.her, "Winter in the cellar, and after")
	card = t.her.says(statement.Card{Testimony: t.id, CardSHA256: api.HashOf(t.card).String()})
	t.tell("newCard", "Another title", api.NewCard{Statement: card.Compact(), Card: t.card})
	t.tell("cardSet", "The receipt", t.accepted(card))
}

func (t *testimony) uploading() {
	t.parts[2] = t.seal(t.her, "shortened: a recording of eleven minutes")
	begin := t.her.says(t.parts[2].begin(t.id, 2))
	t.tell("beginLargePart", "A large part is begun", api.NewPart{Statement: begin.Compact(), Header: t.parts[2].header})
	t.tell("partBegun", "Its payload may come", t.accepted(begin))
	t.tell("keptUpload", "The nonce has come; what it is followed by is no text", string(make([]byte, 16)))
}

func (t *testimony) arriving() {
	text := "They took the men at the bridge. I was carrying bread."
	info := envelope.PartInfo{MediaType: "text/plain; charset=utf-8", Name: "letter.txt", Kind: envelope.Original}
	about, err := info.Encode()
	t.must(err)
	t.parts[3] = t.seal(t.her, text)
	received := t.her.says(statement.Received{Testimony: t.id, N: 3, Length: int64(len(text))})
	t.tell("receivedStatement", "For 54 bytes of plaintext", received.Compact())
	t.tell("partInfo", `{"media_type":"text/plain; charset=utf-8","name":"letter.txt","kind":"original","derived_from":0}`, api.Bytes(about))
	t.tell("plaintext", "A letter", text)
	t.tell("arrived", "Sealed, and waiting to be adopted", api.Arrived{Accepted: t.accepted(received), Part: t.part(t.parts[3], 3, api.PartReceived, received.Compact())})
	t.tell("testimony", "A part of hers, one that arrived, and an upload", api.Testimony{Testimony: t.id, Day: t.day(), Card: t.card,
		Parts:   []api.Part{t.part(t.parts[1], 1, api.PartHers, ""), t.part(t.parts[3], 3, api.PartReceived, received.Compact())},
		Uploads: []api.Upload{{N: 2, HeaderSHA256: t.hash(t.parts[2].HeaderSHA256), Length: t.parts[2].Length, PayloadSHA256: t.hash(t.parts[2].PayloadSHA256)}}})
	hash, l := received.Hash(), t.parts[3]
	adopt := t.her.says(statement.Adopt{Testimony: t.id, N: 3, Length: l.Length, PayloadSHA256: l.PayloadSHA256, Commit: l.Commit,
		HeaderSHA256: l.HeaderSHA256, ReceivedSHA256: statement.B64(hash[:])})
	t.tell("adopt", "She has opened it", api.Signed{Statement: adopt.Compact()})
	t.tell("adopted", "It is hers", t.accepted(adopt))
}

func (t *testimony) adding() {
	add := t.her.says(t.parts[2].add(t.id, 2))
	t.tell("addLargePart", "She signs for what was stored", api.Signed{Statement: add.Compact()})
	t.tell("largePartAdded", "It is a part", t.accepted(add))
	t.parts[4] = t.seal(t.her, "shortened: a photograph")
	add = t.her.says(t.parts[4].add(t.id, 4))
	t.tell("addSmallPart", "A small part at once (its payload shortened)", api.NewPart{Statement: add.Compact(), Header: t.parts[4].header, Payload: t.parts[4].payload})
	t.tell("partAdded", "It is a part", t.accepted(add))
	t.tell("ownHeader", "The header of part 1", string(t.parts[1].header))
	t.tell("ownContent", "The header of part 1; the payload, which is no text, follows at once", string(t.parts[1].header))
	t.tell("ownRange", "bytes=0-21", string(t.parts[1].header[:22]))
}

func (t *testimony) granting() {
	body := statement.Grant{Testimony: t.id, Grantee: t.reader.ID, RecipientSHA256: api.HashOf([]byte(t.reader.Recipient)).String(),
		Accreditation: t.accreditation.String(), Terms: statement.Terms{
			Purposes: []statement.Purpose{"BeingHeard", "Research"}, Prohibited: statement.Prohibitions(), Media: []statement.Medium{}, Place: statement.PlaceNone, Attribution: statement.ChathamHouse,
			Access: statement.Download, From: t.day(), Until: t.day() + statement.DefaultTerm}}
	var headers []api.Bytes
	for n := int64(1); n <= 2; n++ {
		l := t.parts[n]
		header := t.keyhole(l, t.reader)
		headers = append(headers, header)
		t.headers[n] = api.HashOf(header).String()
		body.Parts = append(body.Parts, statement.GrantedPart{N: n, PayloadSHA256: l.PayloadSHA256, Commit: l.Commit, HeaderSHA256: api.HashOf(header).String()})
	}
	t.grant = t.her.says(body)
	t.tell("newGrant", "Two parts for a year", api.NewGrant{Statement: t.grant.Compact(), Headers: headers})
	t.tell("granted", "The receipt", t.accepted(t.grant))
	t.tell("grantedContent", "The reader's header of part 1; the payload follows at once", string(headers[0]))
	t.tell("grantedRange", "bytes=0-21", string(headers[0][:22]))
}

func (t *testimony) opening() api.Opening {
	return api.Opening{N: 1, Opened: t.now.Unix() + 90, Bytes: 1627 + t.parts[1].Length, Complete: true}
}

func (t *testimony) reading() {
	t.tell("grants", "One grant, opened once", api.Grants{Grants: []api.Granted{
		{Grant: t.grant.ID, State: api.GrantLive, Consent: api.ConsentGiven, Statement: t.grant.Compact(), Openings: []api.Opening{t.opening()}, Closures: []api.Closure{}}}})
	her := string(t.her.ID)
	t.tell("feed", "Behind number 8, and a refused attempt", api.Feed{Last: 10, Events: []api.Event{
		{Seq: 9, Day: t.day(), Kind: api.EventGranted, Actor: her, Grant: t.grant.ID},
		{Seq: 10, Time: t.opening().Opened, Kind: api.EventOpened, Actor: string(t.reader.ID), N: 1, Grant: t.grant.ID},
	}, Denied: []api.Event{{Day: t.day(), Kind: api.EventDenied, Actor: string(t.reader.ID), N: 3, Grant: t.grant.ID, Times: 2,
		Detail: "GET /v1/inbox/{grant}/parts/{n}/content"}}})
}

func (t *testimony) doubting() {
	t.tell("doubt", "The second chunk does not open", api.Doubt{At: 65_552})
	t.tell("fixity", "It was damaged, and a copy has taken its place", api.Fixity{State: api.FixityHealed})
}

func (t *testimony) relocking() {
	old := t.parts[1]
	l := t.seal(t.her, "shortened: a real part is 16 KiB and more")
	t.her.says(l.begin(t.id, 1))
	header := t.keyhole(l, t.reader)
	t.headers[1] = api.HashOf(header).String()
	relock := t.her.says(statement.Relock{Testimony: t.id, N: 1, OldPayloadSHA256: old.PayloadSHA256, Length: l.Length, PayloadSHA256: l.PayloadSHA256,
		Commit: l.Commit, HeaderSHA256: l.HeaderSHA256, Grants: []statement.RelockedGrant{{Grant: t.grant.ID, HeaderSHA256: api.HashOf(header).String()}}})
	t.tell("newRelock", "One reader stays", api.NewRelock{Statement: relock.Compact(), Header: l.header,
		Headers: []api.RelockedHeader{{Grant: t.grant.ID, Header: header}}})
	t.tell("relocked", "The receipt", t.accepted(relock))
	inbox := api.InboxGrant{Grant: t.grant.ID, Statement: t.grant.Compact(), Terms: t.terms.Compact(), State: api.GrantLive, Access: statement.Download, Parts: []api.InboxPart{
		{N: 1, Length: l.Length, Relock: relock.Compact()}, {N: 2, Length: t.parts[2].Length}}, Rekeys: []string{}}
	t.tell("inbox", "One grant", api.Inbox{Grants: []api.InboxGrant{inbox}})
	t.tell("inboxGrant", "Part 1 was sealed anew since", inbox)
}

func (t *testimony) revoking() {
	revoke := t.her.says(statement.Revoke{Testimony: t.id, Grant: t.grant.ID})
	t.tell("revoke", "She takes it back", api.Signed{Statement: revoke.Compact()})
	t.tell("revoked", "Part 1 had been fetched", api.Revoked{Accepted: t.accepted(revoke), Grant: t.grant.ID, Fetched: []api.Opening{t.opening()},
		Revocation: t.revocation(revoke)})
	t.closing(revoke)
}

func (t *testimony) erasing() {
	var about [][sha256.Size]byte
	for _, s := range t.her.said {
		if on, ok := statement.SubjectOf(s.Body); ok && on == t.id {
			about = append(about, s.Hash())
		}
	}
	all := statement.ErasedHash(about)
	erase := t.her.says(statement.Erase{Testimony: t.id, StatementsSHA256: statement.B64(all[:])})
	t.tell("erase", "She erases it", api.Signed{Statement: erase.Compact()})
	t.tell("erased", "The receipt", api.Erased{Accepted: t.accepted(erase)})
	chain := api.Chain{Head: api.Head{Seq: erase.Seq, SHA256: erase.Hash()}}
	for _, s := range t.her.said {
		e := api.Entry{Seq: s.Seq, SHA256: s.Hash(), Testimony: t.id}
		if _, about := statement.SubjectOf(s.Body); !about || s == erase {
			e.Statement, e.Testimony = s.Compact(), ""
		}
		chain.Statements = append(chain.Statements, e)
	}
	t.tell("chain", "A whole chain, after an erasure", chain)
	t.tell("emptyChain", "Of a key that has not enrolled", api.Chain{Statements: []api.Entry{}})
}
