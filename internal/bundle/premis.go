package bundle

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// The elements of PREMIS 3.0 that are used, in the order of its schema.
type premis struct {
	XMLName xml.Name        `xml:"http://www.loc.gov/premis/v3 premis"`
	XSI     string          `xml:"xmlns:xsi,attr"`
	Version string          `xml:"version,attr"`
	Objects []premisObject  `xml:"object"`
	Events  []premisEvent   `xml:"event"`
	Agents  []premisAgent   `xml:"agent"`
	Rights  []premisConsent `xml:"rights>rightsStatement"`
}

type premisObject struct {
	Kind      string         `xml:"xsi:type,attr"`
	IDType    string         `xml:"objectIdentifier>objectIdentifierType"`
	ID        string         `xml:"objectIdentifier>objectIdentifierValue"`
	Character premisWhat     `xml:"objectCharacteristics"`
	Relations []premisSource `xml:"relationship"`
}

type premisWhat struct {
	Fixity    []premisFixity  `xml:"fixity"`
	Size      int64           `xml:"size"`
	Format    string          `xml:"format>formatDesignation>formatName"`
	Inhibitor *premisHindered `xml:"inhibitors"`
}

type premisFixity struct {
	Algorithm string `xml:"messageDigestAlgorithm"`
	Digest    string `xml:"messageDigest"`
}

type premisHindered struct {
	Type   string `xml:"inhibitorType"`
	Target string `xml:"inhibitorTarget"`
}

type premisSource struct {
	Type    string `xml:"relationshipType"`
	SubType string `xml:"relationshipSubType"`
	IDType  string `xml:"relatedObjectIdentifier>relatedObjectIdentifierType"`
	ID      string `xml:"relatedObjectIdentifier>relatedObjectIdentifierValue"`
}

type premisEvent struct {
	IDType  string       `xml:"eventIdentifier>eventIdentifierType"`
	ID      string       `xml:"eventIdentifier>eventIdentifierValue"`
	Type    string       `xml:"eventType"`
	Day     string       `xml:"eventDateTime"`
	Detail  string       `xml:"eventDetailInformation>eventDetail"`
	Agents  []premisLink `xml:"linkingAgentIdentifier"`
	Objects []premisPart `xml:"linkingObjectIdentifier"`
}

type premisLink struct {
	Type string `xml:"linkingAgentIdentifierType"`
	ID   string `xml:"linkingAgentIdentifierValue"`
	Role string `xml:"linkingAgentRole,omitempty"`
}

type premisPart struct {
	Type string `xml:"linkingObjectIdentifierType"`
	ID   string `xml:"linkingObjectIdentifierValue"`
}

type premisAgent struct {
	IDType string `xml:"agentIdentifier>agentIdentifierType"`
	ID     string `xml:"agentIdentifier>agentIdentifierValue"`
	Name   string `xml:"agentName"`
	Type   string `xml:"agentType"`
}

type premisConsent struct {
	IDType  string        `xml:"rightsStatementIdentifier>rightsStatementIdentifierType"`
	ID      string        `xml:"rightsStatementIdentifier>rightsStatementIdentifierValue"`
	Basis   string        `xml:"rightsBasis"`
	Other   string        `xml:"otherRightsInformation>otherRightsBasis"`
	Granted premisGranted `xml:"rightsGranted"`
	Object  premisPart    `xml:"linkingObjectIdentifier"`
}

type premisGranted struct {
	Act          string   `xml:"act"`
	Restrictions []string `xml:"restriction"`
	From         string   `xml:"termOfGrant>startDate,omitempty"`
	Until        string   `xml:"termOfGrant>endDate,omitempty"`
}

const (
	path    = "path"                // within data/
	account = "testimony-vault key" // SHA-256 of a public key, RFC 7638
	signed  = "testimony-vault statement SHA-256"
	number  = "local"
)

// Premis is custody/premis.xml.
func (b *Bundle) Premis() ([]byte, error) {
	doc := premis{XSI: "http://www.w3.org/2001/XMLSchema-instance", Version: "3.0"}
	for _, i := range b.Items {
		doc.Objects = append(doc.Objects, b.object(i))
		doc.Rights = append(doc.Rights, b.consent(i))
		if i.Giver != "" && !hasAgent(doc.Agents, string(i.Giver)) {
			doc.Agents = append(doc.Agents, premisAgent{account, string(i.Giver), calledIn(i.speaker()), "person"})
		}
	}
	name := line(b.Signer.Name)
	if b.Own {
		name = "Whoever holds the account"
	}
	doc.Agents = append(doc.Agents, premisAgent{account, string(b.Signer.Account), name, "person"})
	for n, e := range b.Events {
		doc.Events = append(doc.Events, b.event(n, e))
	}
	out, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describe the custody: %w", err)
	}
	return append([]byte(xml.Header), append(out, '\n')...), nil
}

func hasAgent(list []premisAgent, who string) bool {
	for _, a := range list {
		if a.ID == who {
			return true
		}
	}
	return false
}

func (b *Bundle) object(i Item) premisObject {
	o := premisObject{Kind: "file", IDType: path, ID: i.Path, Character: premisWhat{
		Fixity: []premisFixity{{"SHA-512", i.Sum.SHA512}, {"SHA-256", i.Sum.SHA256}}, Size: i.Sum.Size, Format: b.media(i)}}
	if b.Sealed {
		o.Character.Inhibitor = &premisHindered{"age encryption to the signer's key, which is not in this bundle", "All content"}
	}
	if from := b.item(i.From); from != nil {
		o.Relations = []premisSource{{"derivation", "has source", path, from.Path}}
	}
	return o
}

// event says what happened in the words of the vocabulary of PREMIS.
func (b *Bundle) event(n int, e Event) premisEvent {
	out := premisEvent{IDType: number, ID: "event-" + strconv.Itoa(n+1), Day: Date(e.Day)}
	hers, signers := false, false // whose act it was; where neither, the bundle does not say
	switch e.Type {
	case Granted:
		out.Type, out.Detail, hers = "policy assignment", "Whoever owns it let the signer open it, on terms", true
	case Changed:
		out.Type, out.Detail, hers = "policy assignment", "Whoever owns it changed the terms", true
	case Relocked:
		out.Type, out.Detail, hers = "encryption", "Whoever owns it sealed it anew, with another key", true
	case Exported:
		out.Type, out.Detail, signers = "dissemination", "It left the vault, recorded where its owner sees it", true
	case Bundled:
		out.Type, out.Detail, signers = "information package creation", "This bundle was made, and every digest in it computed", true
	default:
		out.Type, out.Detail = "custody", "By the word of the vault: "+e.Type
	}
	if e.Statement != "" {
		out.Detail += "; statement SHA-256 " + e.Statement
	}
	for _, i := range b.Items {
		if e.Item == 0 || e.Item == i.Number {
			out.Objects = append(out.Objects, premisPart{path, i.Path})
		}
	}
	if signers {
		out.Agents = []premisLink{{account, string(b.Signer.Account), "implementer"}}
	} else if i := b.item(e.Item); hers && i != nil && i.Giver != "" {
		out.Agents = []premisLink{{account, string(i.Giver), "authorizer"}}
	}
	return out
}

func (b *Bundle) consent(i Item) premisConsent {
	out := premisConsent{IDType: signed, ID: i.Statement + " item " + strconv.FormatInt(i.Number, 10), Basis: "other", Other: "consent",
		Granted: premisGranted{"use", i.Words, Date(i.Terms.From), Date(i.Terms.Until - 1)}, Object: premisPart{path, i.Path}}
	if b.Own {
		out.Other, out.Granted.From, out.Granted.Until = "the signer's own", "", ""
	}
	return out
}

// EventLines is custody/events.jsonl.
func (b *Bundle) EventLines() ([]byte, error) {
	var out strings.Builder
	for _, e := range b.Events {
		text, err := json.Marshal(struct {
			Day       string `json:"day"`
			Event     string `json:"event"`
			Item      int64  `json:"item,omitzero"`
			Statement string `json:"statement_sha256,omitempty"`
		}{Date(e.Day), e.Type, e.Item, e.Statement})
		if err != nil {
			return nil, fmt.Errorf("list the events: %w", err)
		}
		out.Write(append(text, '\n'))
	}
	return []byte(out.String()), nil
}
