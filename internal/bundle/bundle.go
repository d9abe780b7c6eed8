// Package bundle describes exported parts for others who must be able to check them
// for decades: an evidence bundle, which is a bag (package bag) whose payload is an
// RO-Crate 1.2.
//
//	data/ro-crate-metadata.json   what is what, for programs
//	data/original/item-N/         what she gave
//	data/working/item-N/          what was made from something: cleaned, redacted, cut …
//	data/consent/item-N/          her terms, in words and as she signed them
//	data/custody/item-N/          what an opened part is and where it comes from
//	data/custody/premis.xml       fixity, events and rights, PREMIS 3.0
//	data/custody/events.jsonl     the same events, a line each
//	data/proofs/                  what can be held against the vault's keys
//	data/keys/                    public keys
//	signatures/                   the signer's word over the bag, and a time stamp
//
// Somebody's own bundle has no terms: under consent/ stand the statements by which she
// made the parts hers, and proofs/ has the vault's word for what she took back.
//
// In a sealed bundle the content is age files, as they lie in the vault for the
// signer, and opens with the signer's key, which is not in it. In an opened bundle it
// is there to be read.
//
// Promises: the documents are the same for the same Bundle; times are whole days;
// nothing stands in them that is not in the Bundle. Verify and ParseReply take
// nothing on trust and have an end. Assumes: the caller has put into the Bundle only
// what her terms let be told. Does not: fetch, open or decide; ask an authority for
// stamps; say that what somebody told is true.
//
// Sources: RFC 8493, RO-Crate 1.2, PREMIS 3.0, RFC 7515, RFC 3161. docs/exports.md.
package bundle

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/relatingfield/vault/internal/bag"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// MaxItems bounds the parts of one bundle; more than that are several.
const MaxItems = 200

// Names within data/.
const (
	CrateFile   = "ro-crate-metadata.json"
	PremisFile  = "custody/premis.xml"
	EventsFile  = "custody/events.jsonl"
	ProofsNote  = "proofs/README.txt"
	RosterFile  = "proofs/roster.json"
	Revocations = "proofs/revocations.jws"
	Statements  = "consent/statements.jsonl"
	SignerFile  = "proofs/signer.json"
	KeyFile     = "keys/signer.pem"
	VaultKeys   = "keys/vault-receipt-keys.json"
)

// Bundle is everything that its documents say.
type Bundle struct {
	Sealed bool
	Own    bool   // of the signer's own testimony: nobody granted it, and there are no terms
	Vault  string // id, base64url
	Day    int64  // of the export, Unix seconds
	Signer Signer
	Items  []Item
	Files  []File // everything else under data/ but the documents of this package
	Events []Event
}

// Signer is who makes the bundle and answers for it.
type Signer struct {
	Account     id.Thumbprint
	Name        string // as the vault's stewards vouch for it
	Institution string
}

// Item is one part.
type Item struct {
	Number    int64  // from 1
	From      int64  // the item that it was made from, 0 where that is not in the bundle
	Path      string // of its content within data/
	Sum       bag.Sum
	Grant     id.ID
	Statement string // SHA-256 of the statement in force, base64url
	Terms     statement.Terms
	Info      envelope.PartInfo // as it may be told; of a sealed item only the kind
	Giver     id.Thumbprint     // who granted it, where the terms name her
	Words     []string          // the terms in English
}

// Folder is where an item lies within data/.
func Folder(kind envelope.Kind, item int64) string {
	top := "working"
	if kind == envelope.Original {
		top = "original"
	}
	return top + "/item-" + strconv.FormatInt(item, 10)
}

// Consent is where the terms of an item lie within data/.
func Consent(item int64) string { return "consent/item-" + strconv.FormatInt(item, 10) }

// Custody is where the description of an item lies within data/.
func Custody(item int64) string { return "custody/item-" + strconv.FormatInt(item, 10) }

// File is a file that belongs to an item, or to the bundle where Item is 0.
type File struct {
	Path  string // within data/
	Name  string // what it is
	Media string
	Item  int64
	Sum   bag.Sum
}

// What happened, as the signer can know it.
const (
	Granted  = "granted"
	Changed  = "terms-changed" // she renewed or narrowed the terms
	Relocked = "relocked"      // she sealed the part anew
	Exported = "exported"
	Bundled  = "bundled"
)

// Of one's own testimony the vault keeps more: such an event is of any other type, by
// the vault's word.

// Event is one thing that happened.
type Event struct {
	Day       int64 // Unix seconds
	Type      string
	Item      int64  // 0 is all of it
	Statement string // SHA-256 of the statement that says so, base64url; empty where none does
}

// Describe are the lines of bag-info.txt.
func (b *Bundle) Describe() []bag.Field {
	mode := "opened"
	if b.Sealed {
		mode = "sealed"
	}
	out := []bag.Field{
		{Label: "Source-Organization", Value: b.Signer.Institution}, {Label: "Contact-Name", Value: b.Signer.Name},
		{Label: "External-Description", Value: b.about()},
		{Label: "Bagging-Date", Value: Date(b.Day)}, {Label: "External-Identifier", Value: "testimony-vault:" + b.Vault},
		{Label: "Internal-Sender-Identifier", Value: string(b.Signer.Account)}, {Label: "Bag-Software-Agent", Value: "testimony"},
		{Label: "Testimony-Bundle", Value: mode}, {Label: "Testimony-Onward", Value: b.onward()},
	}
	for i := range out {
		out[i].Value = line(out[i].Value)
	}
	return slices.DeleteFunc(out, func(f bag.Field) bool { return f.Value == "" })
}

func (b *Bundle) about() string {
	if b.Own {
		return "A testimony, by whoever gave it to the vault and signed it there. Whose it is, this does not say."
	}
	return "Testimony, with the consent it was given under. What may be done with it stands in data/consent."
}

// onward says whether the bundle may be handed on; nothing where the signer decides.
func (b *Bundle) onward() string {
	if b.Own {
		return ""
	}
	for _, i := range b.Items {
		if !i.Terms.Onward {
			return "no: whoever holds this bundle must not hand it on"
		}
	}
	return "yes, within the purposes in data/consent"
}

// Date is a day as programs read it.
func Date(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.DateOnly) }

// line keeps somebody's text on one line, and from turning the order of text around.
func line(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) && r != '\u200c' && r != '\u200d':
			return -1
		}
		return r
	}, text))
}

// item finds an item by its number.
func (b *Bundle) item(n int64) *Item {
	for i := range b.Items {
		if b.Items[i].Number == n {
			return &b.Items[i]
		}
	}
	return nil
}
