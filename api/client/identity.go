package client

import (
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// What an export may say of people, by her terms: docs/consent.md has the table.
// Two rules stand above it. Other participants are never told, whatever she chose
// for herself: it was not theirs to choose. And a place is never finer than her
// terms say, so the finest one that a part holds never leaves.

// told is what an export tells of what a part says of itself.
func told(info PartInfo, terms api.Terms) PartInfo {
	out := PartInfo{MediaType: info.MediaType, Kind: info.Kind, DerivedFrom: info.DerivedFrom}
	if terms.Attribution == statement.Named {
		out.Name = info.Name
	}
	for _, p := range info.People {
		if p = speakerTold(p, terms); p != (api.Person{Role: p.Role}) {
			out.People = append(out.People, p)
		}
	}
	if c := info.Captured; c != nil && terms.Attribution == statement.Named && (c.Time != 0 || c.Device != "") {
		out.Captured = &api.Captured{Time: c.Time, Device: c.Device}
	}
	return out
}

// speakerTold is what is told of the speaker; of others it is empty.
func speakerTold(p api.Person, terms api.Terms) api.Person {
	out := api.Person{Role: p.Role}
	if p.Role != envelope.Speaker {
		return out
	}
	switch terms.Attribution {
	case statement.Named:
		out.Name, out.Affiliation = p.Name, p.Affiliation
	case statement.FirstNameInitial:
		out.FirstName, out.Initial = p.FirstName, p.Initial
	case statement.Pseudonym:
		out.Pseudonym = p.Pseudonym
	case statement.Background:
	default: // Chatham House, and whatever is not exported at all: nobody and nowhere
		return out
	}
	out.Country, out.Region = placeTold(p, terms.Place)
	// An affiliation has no coarser form. She gives it with the place or not at all.
	if terms.Place != statement.PlaceNone && terms.Attribution != statement.Background {
		out.Affiliation = p.Affiliation
	}
	return out
}

func placeTold(p api.Person, finest statement.Place) (country, region string) {
	switch finest {
	case statement.PlaceRegion:
		return p.Country, p.Region
	case statement.PlaceCountry:
		return p.Country, ""
	}
	return "", ""
}

// unsaid are the names that must not stand in an exported text.
func unsaid(info PartInfo, terms api.Terms) (out []string) {
	for _, p := range info.People {
		kept := speakerTold(p, terms)
		if kept.Name == "" {
			out = append(out, p.Name)
		}
		if kept.Pseudonym == "" {
			out = append(out, p.Pseudonym)
		}
		if kept.Name == "" && kept.FirstName == "" {
			out = append(out, p.FirstName)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(name string) bool { return name == "" })
}
