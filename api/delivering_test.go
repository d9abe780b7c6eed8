package api_test

import (
	"crypto/sha256"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// brought is an item on its way to her.
type brought struct {
	*lock
	item id.ID
	note string
}

// noteOf is the program's word for an item that is sealed to her.
func (c *cast) noteOf(o *organisation, replaces delivery.Replaced) brought {
	b := brought{lock: c.seal(c.her, "what she read out"), item: c.id()}
	recipient := sha256.Sum256([]byte(c.her.Recipient))
	var err error
	b.note, err = delivery.Sign(delivery.Note{Issuer: string(o.client), Vault: c.vault.String(), Partner: o.id, Client: o.client, Item: b.item,
		RecipientSHA256: statement.B64(recipient[:]), Length: b.Length, PayloadSHA256: b.PayloadSHA256, Commit: b.Commit, HeaderSHA256: b.HeaderSHA256,
		Assurance: delivery.PartnerDevice, Day: c.day(), Replaces: replaces}, o.key)
	c.must(err)
	return b
}

// delivering brings her something, which she adopts and takes back.
func (c *cast) delivering(o *organisation) {
	tray, testimony, until := c.id(), c.id(), c.day()+90*statement.Day
	c.tell("newTray", "For this partner", api.NewTray{Partner: o.id})
	c.tell("openedTray", "Ninety days", api.OpenedTray{Tray: tray, Code: string(c.id()), Until: until})
	c.tell("trays", "One, in which one item waits", api.Trays{Trays: []api.Tray{{Tray: tray, Partner: o.id, Day: c.day(), Until: until, Items: 1}}})
	c.tell("closedTray", "It takes nothing more", api.ClosedTray{Tray: tray})
	b := c.noteOf(o, delivery.Replaced{})
	c.tell("items", "Sealed by the partner's program", api.Items{Items: []api.Item{{Item: b.item, Tray: tray, Partner: o.id, Day: c.day(),
		Until: c.day() + 60*statement.Day, Length: b.Length, Assurance: delivery.PartnerDevice, Note: b.note}}})
	c.tell("brought", "It waits", api.Brought{Item: b.item, Day: c.day()})
	c.tell("broughtPlain", "The vault sealed it", api.Brought{Item: b.item, Day: c.day(), Note: b.note})
	noteSum := sha256.Sum256([]byte(b.note))
	adopt := c.her.says(statement.Adopt{Testimony: testimony, N: 1, Length: b.Length, PayloadSHA256: b.PayloadSHA256, Commit: b.Commit,
		HeaderSHA256: b.HeaderSHA256, ReceivedSHA256: statement.B64(noteSum[:])})
	c.tell("adoptItem", "It becomes part 1", api.Signed{Statement: adopt.Compact()})
	c.tell("adoption", "It is hers", api.Adoption{Accepted: c.accepted(adopt)})
	c.tell("adoptionClaim", "The collection's copy is gone", api.Adoption{Accepted: c.accepted(adopt), Destroyed: c.id()})
	c.tell("refusal", "It is gone", api.Refusal{Item: b.item})
	c.following(o, b.item)
	c.collecting(o)
	c.phoning()
}

func (c *cast) following(o *organisation, item id.ID) {
	waits := api.Delivery{Item: item, State: api.DeliveryWaiting, Brought: c.day(), Changed: c.day()}
	c.tell("delivery", "It waits", waits)
	c.tell("deliveries", "One that waits", api.Deliveries{Deliveries: []api.Delivery{waits}, Next: "1"})
	gone := waits
	gone.State = api.DeliveryWithdrawn
	c.tell("deliveryWithdrawn", "She has taken her consent back", gone)
	gone.Acknowledged = c.day()
	c.tell("deliveryAcknowledged", "And knows that it was heard", gone)
	c.tell("returns", "The partner has two weeks to answer", api.Returns{Returns: []api.Returned{{Item: item, Partner: o.id, Day: c.day(), Due: c.day() + 15*statement.Day}}})
}

func (c *cast) collecting(o *organisation) {
	account := c.person("87878787878787878787878787878787")
	key := account.enters(statement.Partner)
	hash, until := key.Hash(), c.day()+180*statement.Day
	said := o.officers[0].says(statement.Collection{Partner: o.id, Account: account.ID, KeySHA256: statement.B64(hash[:]), Until: until})
	c.tell("newCollection", "Half a year", api.NewCollection{Statement: said.Compact(), Key: key.Compact()})
	one := api.Collection{Collection: c.id(), Account: account.ID, Partner: o.id, Day: c.day(), Until: until, Readable: true, Statement: said.Compact()}
	c.tell("openedCollection", "It is open", api.OpenedCollection{Accepted: c.accepted(said), Key: c.accepted(key), Collection: one, Code: string(c.id())})
	c.tell("collection", "It stands", one)
	c.consulting(o)
	c.tell("collections", "One", api.Collections{Collections: []api.Collection{one}})
}

func (c *cast) consulting(o *organisation) {
	call := statement.Call{
		Names:    []statement.CallText{{Language: "ar", Text: "ما الأمان لك؟"}, {Language: "en", Text: "What does security mean to you?"}},
		Prompts:  []statement.CallPrompts{{Language: "ar", Texts: []string{"احكي ما تريدين"}}, {Language: "en", Texts: []string{"Tell whatever you want to tell"}}},
		Purposes: []statement.Purpose{"BeingHeard", "Research"}, Terms: statement.CallTerms{Attribution: statement.ChathamHouse, Access: statement.View, Days: 365},
		Support: []statement.CallText{{Language: "ar", Text: "خط الدعم: 16000"}, {Language: "en", Text: "Helpline: 16000"}},
	}
	document, err := call.Document()
	c.must(err)
	sum, name, until := sha256.Sum256(document), c.id(), c.day()+60*statement.Day
	said := o.officers[0].says(statement.Consultation{Partner: o.id, Consultation: name, DocumentSHA256: statement.B64(sum[:]), Until: until})
	c.tell("newConsultation", "Two months, in two languages", api.NewConsultation{Statement: said.Compact(), Document: document})
	c.tell("registerConsultation", "The same by a program", api.RegisterConsultation{Consultation: name, Document: document, Until: until})
	one := api.Consultation{Consultation: name, Partner: o.id, Day: c.day(), Until: until, Document: document, Statement: said.Compact()}
	c.tell("openedConsultation", "It is open", api.OpenedConsultation{Accepted: c.accepted(said), Consultation: one})
	c.tell("consultation", "Readable for everybody who has its name", one)
	c.tell("belonging", "It is counted there", api.Belonging{Consultation: name})
	c.tell("consultationCounts", "Rounded, noised, and the same for everybody", api.ConsultationCounts{Brought: 130, Taken: 40, Day: c.day()})
}
