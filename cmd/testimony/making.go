package main

import (
	"flag"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/envelope"
)

// maxPeopleFile bounds a file that names people, in bytes: a part holds less.
const maxPeopleFile = 16 << 10

// making is what becomes of a file before it is sealed, and what is said of it.
type making struct {
	people            string
	noName            bool
	clean, onlyClean  bool
	at, device, place string
}

func (m *making) flags(f *flag.FlagSet) {
	f.BoolVar(&m.clean, "clean", false, "store a clean copy beside each file; see above")
	f.BoolVar(&m.onlyClean, "only-clean", false, "store only the clean copy of each file; see above")
	f.BoolVar(&m.noName, "no-name", false, "leave out the names of the files, which often say when they were made")
	f.StringVar(&m.people, "people", "", "JSON `FILE` with those who can be recognised; see above")
	f.StringVar(&m.at, "captured-at", "", "`TIME` at which it was made, such as 2026-11-23T10:15:00Z; see testimony mode")
	f.StringVar(&m.device, "captured-with", "", "`DEVICE` with which it was made; see testimony mode")
	f.StringVar(&m.place, "captured-place", "", "`PLACE` where it was made; see testimony mode")
}

// toAdd is content on its way, perhaps made from the part before it.
type toAdd struct {
	client.Content
	fromPrevious bool
}

// after is the content once the part before it has its number.
func (t toAdd) after(previous int64) client.Content {
	c := t.Content
	if t.fromPrevious {
		c.Info.DerivedFrom = int(previous)
	}
	return c
}

func kinds() (out []string) {
	for _, k := range envelope.Kinds() {
		out = append(out, string(k))
	}
	return out
}

// check refuses what does not go together, before any file is opened.
func (m *making) check(kind string, from int, onArrival bool) error {
	original := kind == string(envelope.Original)
	switch {
	case !slices.Contains(kinds(), kind), original != (from == 0):
		return usage("--kind is one of %s; with every kind but original, --derived-from says which part it was made from", strings.Join(kinds(), ", "))
	case m.clean && m.onlyClean:
		return usage("--clean keeps the original beside the clean copy, --only-clean does not: choose one")
	case m.clean && !original:
		return usage("a clean copy is made of an original; for this file use --only-clean")
	case m.clean && onArrival:
		return usage("what the vault seals is yours only once you adopted it: use --only-clean, or let this program seal")
	}
	return nil
}

// made is what is stored of one file.
func (m *making) made(content client.Content) ([]toAdd, error) {
	var err error
	if content.Info.People, err = m.named(); err != nil {
		return nil, err
	}
	if m.noName {
		content.Info.Name = ""
	}
	if !m.clean && !m.onlyClean {
		content.Info.Captured, err = m.captured()
		return []toAdd{{content, false}}, err
	}
	clean, err := client.Clean(content)
	if err != nil {
		return nil, usage("%s", err)
	}
	if m.onlyClean {
		return []toAdd{{clean, false}}, nil
	}
	clean.Info.Kind = envelope.Cleaned
	content.Info.Captured, err = m.captured()
	return []toAdd{{content, false}, {clean, true}}, err
}

// named reads the people out of their file.
func (m *making) named() (people []api.Person, err error) {
	if m.people == "" {
		return nil, nil
	}
	info, err := os.Stat(m.people)
	if err == nil && info.Size() > maxPeopleFile {
		return nil, usage("%s is longer than %d bytes", m.people, maxPeopleFile)
	}
	b, err := os.ReadFile(m.people)
	if err != nil {
		return nil, usage("%s", err)
	}
	if err := canonical.Request(b, &people); err != nil || len(people) == 0 {
		return nil, usage("%s does not name people as testimony help add shows it", m.people)
	}
	if _, err := (client.PartInfo{MediaType: "text/plain", Kind: envelope.Original, People: people}).Encode(); err != nil {
		return nil, usage("%s: %s", m.people, err)
	}
	return people, nil
}

// captured is nil where nothing was said.
func (m *making) captured() (*api.Captured, error) {
	c := api.Captured{Device: m.device, Place: m.place}
	if m.at != "" {
		t, err := time.Parse(time.RFC3339, m.at)
		if err != nil || t.Unix() <= 0 {
			return nil, usage("--captured-at: %q is not a time like 2026-11-23T10:15:00Z", m.at)
		}
		c.Time = t.Unix()
	}
	if c == (api.Captured{}) {
		return nil, nil
	}
	return &c, nil
}

// madeFrom says of a part what it was made from.
func madeFrom(kind string, from int) string {
	if from == 0 {
		return ""
	}
	return ", " + kindWords(envelope.Kind(kind)) + " of part " + strconv.Itoa(from)
}

func kindWords(k envelope.Kind) string {
	switch k {
	case envelope.Cleaned:
		return "a clean copy"
	case envelope.Redacted:
		return "a copy with passages removed"
	case envelope.Cut:
		return "a shortened copy"
	case envelope.VoiceAltered:
		return "a copy with another voice"
	case envelope.Transcript:
		return "the written words"
	case envelope.Translation:
		return "a translation"
	}
	return string(k)
}
