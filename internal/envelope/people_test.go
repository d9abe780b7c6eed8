package envelope_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/envelope"
)

// Descriptions that were sealed before there were people in them stay what they
// were, byte for byte: what is absent leaves no trace.
func TestWhatIsAbsentLeavesNoTrace(t *testing.T) {
	const want = `{"media_type":"text/plain; charset=utf-8","name":"a.txt","kind":"original","derived_from":0}`
	got, err := text("a.txt").Encode()
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	for _, present := range []string{`,"people":[]}`, `,"people":null}`, `,"captured":null}`} {
		if _, err := envelope.ParsePartInfo([]byte(strings.TrimSuffix(want, "}") + present)); !errors.Is(err, envelope.ErrContainer) {
			t.Errorf("%s: %v", present, err)
		}
	}
	card, err := envelope.Card{Title: "x"}.Encode()
	if err != nil || strings.TrimRight(string(card), " \n") != `{"title":"x","language":"","labels":[],"warnings":[]}` {
		t.Errorf("%s, %v", card, err)
	}
}

// People and captures are read back as they were written, in any script, and
// nothing is taken that a client could not show.
func TestPeopleHaveOneOrderAndBounds(t *testing.T) {
	speaker := envelope.Person{Role: envelope.Speaker, Name: "سلمى الحداد", FirstName: "سلمى", Initial: "ح", Pseudonym: "ليلى", Country: "العراق"}
	other := envelope.Person{Role: envelope.Participant, Name: "Ольга"}
	many := func(n int) (out []envelope.Person) {
		for range n {
			out = append(out, envelope.Person{Role: envelope.Participant, Initial: "x"})
		}
		return out
	}
	for name, c := range map[string]struct {
		people   []envelope.Person
		captured *envelope.Captured
		taken    bool
	}{
		"she and another":    {[]envelope.Person{speaker, other}, nil, true},
		"others only":        {[]envelope.Person{other, other}, nil, true},
		"as many as can be":  {many(16), nil, true},
		"one too many":       {many(17), nil, false},
		"speaker not first":  {[]envelope.Person{other, speaker}, nil, false},
		"two speakers":       {[]envelope.Person{speaker, speaker}, nil, false},
		"a role of nobody":   {[]envelope.Person{{Role: "witness", Name: "x"}}, nil, false},
		"nothing is said":    {[]envelope.Person{{Role: envelope.Participant}}, nil, false},
		"a long name":        {[]envelope.Person{{Role: envelope.Speaker, Name: strings.Repeat("ح", 121)}}, nil, false},
		"an initial of five": {[]envelope.Person{{Role: envelope.Speaker, Initial: "абвгд"}}, nil, false},
		"captured":           {nil, &envelope.Captured{Time: 1795392000, Device: "phone"}, true},
		"nothing captured":   {nil, &envelope.Captured{}, false},
		"before time":        {nil, &envelope.Captured{Time: -1}, false},
		"a long place":       {nil, &envelope.Captured{Place: strings.Repeat("x", 121)}, false},
		"a line in a place":  {nil, &envelope.Captured{Place: "a\nb"}, false},
	} {
		info := text("a.txt")
		info.People, info.Captured = c.people, c.captured
		b, err := info.Encode()
		if (err == nil) != c.taken {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		if got, err := envelope.ParsePartInfo(b); err != nil || !reflect.DeepEqual(got, info) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Links between parts lead back to earlier ones and say what was done.
func TestTheCardLinksPartsToEarlierOnes(t *testing.T) {
	for name, c := range map[string]struct {
		derived []envelope.Derived
		taken   bool
	}{
		"two":          {[]envelope.Derived{{Part: 2, From: 1, Kind: envelope.Redacted}, {Part: 4, From: 2, Kind: envelope.Cut}}, true},
		"out of order": {[]envelope.Derived{{Part: 4, From: 2, Kind: envelope.Cut}, {Part: 2, From: 1, Kind: envelope.Redacted}}, false},
		"twice":        {[]envelope.Derived{{Part: 2, From: 1, Kind: envelope.Cut}, {Part: 2, From: 1, Kind: envelope.Redacted}}, false},
		"of itself":    {[]envelope.Derived{{Part: 2, From: 2, Kind: envelope.Cut}}, false},
		"of a later":   {[]envelope.Derived{{Part: 2, From: 3, Kind: envelope.Cut}}, false},
		"of nothing":   {[]envelope.Derived{{Part: 2, From: 0, Kind: envelope.Cut}}, false},
		"an original":  {[]envelope.Derived{{Part: 2, From: 0, Kind: envelope.Original}}, false},
		"no such kind": {[]envelope.Derived{{Part: 2, From: 1, Kind: "better"}}, false},
	} {
		card := envelope.Card{Labels: []envelope.Label{}, Warnings: []string{}, Derived: c.derived}
		b, err := card.Encode()
		if (err == nil) != c.taken {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		if got, err := envelope.ParseCard(b); err != nil || !reflect.DeepEqual(got, card) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
