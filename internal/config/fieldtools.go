package config

import (
	"fmt"
	"slices"
	"time"
)

// FieldTools are phones with ODK Collect or KoboCollect, which send encrypted forms
// to the collections of partners.
type FieldTools struct {
	// Origin is an address of its own for phones, as in https://forms.example:8444, so
	// that what stands before the vault can accept TLS 1.2 from old phones there and
	// nowhere else. The vault then serves phones at this address only, and nothing else
	// at it. Empty: phones are served at the addresses of origins.
	Origin string `yaml:"origin"`

	// PostSize is what phones are asked to keep one post below, 1 MiB to 64 MiB. They
	// split what is larger; one file that is larger comes alone.
	PostSize Size `yaml:"post_size"`

	// FileSize is the largest file, 1 MiB to 4 GiB. One whose line breaks is sent again
	// from its first byte.
	FileSize Size `yaml:"file_size"`

	// Posts is how many posts are taken at a time, 1 to 1000. Each can hold up to
	// 16 MiB of memory for small files.
	Posts int `yaml:"posts"`

	// Collectors is how many phones of one partner may send, 0 to 100000.
	Collectors int `yaml:"collectors"`

	// Forms is how many forms of one partner are handed out at a time, 1 to 100.
	Forms int `yaml:"forms"`

	// Term is how long the address of a phone is good at most, 24h to 8760h.
	Term time.Duration `yaml:"term"`

	// Remember is how long a form that is sent again is known as one that was sent
	// before, 24h to 8760h, from its first post on.
	Remember time.Duration `yaml:"remember"`
}

func defaultFieldTools() FieldTools {
	return FieldTools{PostSize: 8 * MiB, FileSize: 256 * MiB, Posts: 16, Collectors: 500, Forms: 20, Term: 90 * 24 * time.Hour, Remember: 90 * 24 * time.Hour}
}

func (c Config) checkFieldTools(f *Faults) {
	t, day, year := c.FieldTools, 24*time.Hour, 365*24*time.Hour
	between(f, "field_tools.post_size", t.PostSize, MiB, 64*MiB)
	between(f, "field_tools.file_size", t.FileSize, MiB, 4*GiB)
	between(f, "field_tools.posts", t.Posts, 1, 1000)
	between(f, "field_tools.collectors", t.Collectors, 0, 100_000)
	between(f, "field_tools.forms", t.Forms, 1, 100)
	between(f, "field_tools.term", t.Term, day, year)
	between(f, "field_tools.remember", t.Remember, day, year)
	if t.Origin == "" {
		return
	}
	if err := checkOrigin(t.Origin); err != nil {
		f.add("field_tools.origin", fmt.Sprintf("%q %v", t.Origin, err), "write it like https://forms.example:8444")
	}
	if slices.Contains(c.Origins, t.Origin) {
		f.add("field_tools.origin", "is also an address where people sign in", "give phones an address of their own")
	}
}
