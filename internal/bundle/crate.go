package bundle

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/relatingfield/vault/internal/envelope"
)

// entity is one node of the crate's graph.
type entity map[string]any

type ref struct {
	ID string `json:"@id"`
}

// Crate is ro-crate-metadata.json: RO-Crate 1.2, a flat graph of JSON-LD.
func (b *Bundle) Crate() ([]byte, error) {
	root := entity{"@id": "./", "@type": "Dataset", "name": "Testimony", "datePublished": Date(b.Day), "description": b.about(),
		"identifier": "testimony-vault:" + b.Vault, "author": ref{"#signer"}, "license": b.licences()}
	graph := []entity{
		{"@id": CrateFile, "@type": "CreativeWork", "about": ref{"./"}, "conformsTo": ref{"https://w3id.org/ro/crate/1.2"}},
		root,
	}
	graph = append(graph, b.signer()...)
	parts, mentions := []ref{}, []ref{}
	for _, i := range b.Items {
		nodes, action := b.itemNodes(i)
		graph = append(graph, nodes...)
		parts = append(parts, ref{iri(i.Path)})
		if action != "" {
			mentions = append(mentions, ref{action})
		}
	}
	for _, f := range b.Files {
		node := entity{"@id": iri(f.Path), "@type": "File", "name": f.Name, "encodingFormat": f.Media, "contentSize": strconv.FormatInt(f.Sum.Size, 10), "sha256": f.Sum.SHA256}
		if i := b.item(f.Item); i != nil {
			node["about"] = ref{iri(i.Path)}
		}
		graph, parts = append(graph, node), append(parts, ref{iri(f.Path)})
	}
	root["hasPart"] = parts
	if len(mentions) > 0 {
		root["mentions"] = mentions
	}
	out, err := json.MarshalIndent(map[string]any{"@context": "https://w3id.org/ro/crate/1.2/context", "@graph": graph}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describe the crate: %w", err)
	}
	return append(out, '\n'), nil
}

func (b *Bundle) signer() []entity {
	if b.Own {
		return []entity{{"@id": "#signer", "@type": "Person", "name": "Whoever holds the account", "identifier": string(b.Signer.Account)}}
	}
	return []entity{
		{"@id": "#signer", "@type": "Person", "name": line(b.Signer.Name), "identifier": string(b.Signer.Account), "affiliation": ref{"#institution"}},
		{"@id": "#institution", "@type": "Organization", "name": line(b.Signer.Institution)},
	}
}

func (b *Bundle) licences() []ref {
	var out []ref
	for _, i := range b.Items {
		out = append(out, ref{terms(i)})
	}
	return out
}

func terms(i Item) string { return "#terms-" + strconv.FormatInt(i.Number, 10) }

// itemNodes are an item, its terms, who speaks where that may be told, and the act
// by which it was made from something else.
func (b *Bundle) itemNodes(i Item) (nodes []entity, action string) {
	n := strconv.FormatInt(i.Number, 10)
	file := entity{"@id": iri(i.Path), "@type": "File", "name": "Item " + n, "encodingFormat": b.media(i), "contentSize": strconv.FormatInt(i.Sum.Size, 10),
		"sha256": i.Sum.SHA256, "license": ref{terms(i)}}
	under := entity{"@id": terms(i), "@type": "CreativeWork", "name": "Terms of item " + n, "identifier": "sha-256:" + i.Statement, "description": strings.Join(i.Words, " ")}
	if !b.Own {
		under["temporalCoverage"] = Date(i.Terms.From) + "/" + Date(i.Terms.Until-1)
	}
	nodes = append(nodes, file, under)
	if she := i.speaker(); she != (envelope.Person{}) {
		person := entity{"@id": "#speaker-" + n, "@type": "Person", "name": line(calledIn(she))}
		if she.Country != "" {
			person["homeLocation"] = line(strings.TrimPrefix(she.Region+", "+she.Country, ", "))
		}
		if she.Affiliation != "" {
			person["affiliation"] = line(she.Affiliation)
		}
		file["creator"] = ref{"#speaker-" + n}
		nodes = append(nodes, person)
	}
	if i.Info.Kind == envelope.Original {
		return nodes, ""
	}
	action = "#made-" + n
	act := entity{"@id": action, "@type": "CreateAction", "name": made(i.Info.Kind), "result": ref{iri(i.Path)}}
	if from := b.item(i.From); from != nil {
		act["object"] = ref{iri(from.Path)}
	} else {
		act["object"] = ref{"#source-" + n}
		nodes = append(nodes, entity{"@id": "#source-" + n, "@type": "CreativeWork", "name": "What item " + n + " was made from. It is not in this bundle."})
	}
	return append(nodes, act), action
}

func (b *Bundle) media(i Item) string {
	if b.Sealed {
		return "application/vnd.age"
	}
	return i.Info.MediaType
}

func (i Item) speaker() envelope.Person {
	for _, p := range i.Info.People {
		if p.Role == envelope.Speaker {
			p.Role = ""
			return p
		}
	}
	return envelope.Person{}
}

// calledIn is how the speaker is called by what may be told of her.
func calledIn(p envelope.Person) string {
	switch {
	case p.Name != "":
		return p.Name
	case p.Pseudonym != "":
		return p.Pseudonym
	case p.FirstName != "" && p.Initial != "":
		return p.FirstName + " " + strings.TrimSuffix(p.Initial, ".") + "."
	case p.FirstName != "":
		return p.FirstName
	}
	return "Not named"
}

// made says what was done to make a part of this kind.
func made(kind envelope.Kind) string {
	switch kind {
	case envelope.Cleaned:
		return "What devices wrote into it was taken out; what is seen and heard was not changed"
	case envelope.Redacted:
		return "Passages, faces or names were taken out"
	case envelope.VoiceAltered:
		return "The speaker's voice was changed"
	case envelope.Transcript:
		return "The words of a recording were written down"
	case envelope.Translation:
		return "It was put into another language"
	case envelope.Cut:
		return "A stretch of a recording was left out"
	}
	return "It was made from another part"
}

// iri is a name as an identifier of JSON-LD: what no IRI may hold is encoded, and
// letters of every script stay.
func iri(name string) string {
	var out strings.Builder
	for _, r := range name {
		if r > ' ' && !strings.ContainsRune("\"<>\\^`{|}%#?[]", r) && r != 0x7f {
			out.WriteRune(r)
			continue
		}
		out.WriteString(url.PathEscape(string(r)))
	}
	return out.String()
}
