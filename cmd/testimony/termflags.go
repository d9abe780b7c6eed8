package main

import (
	"flag"
	"slices"
	"strconv"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// termFlags are the terms as they are typed. What is not typed stays as it was:
// in a new grant the protective side, in one that is changed the terms in force.
type termFlags struct {
	purposes, media, lift, forbid list
	attribution, access, place    string
	from, until, reads            string
	onward, review                choice
}

// flags makes those that every command has which makes terms.
func (f *termFlags) flags(s *flag.FlagSet) {
	s.Var(&f.purposes, "purpose", "a `PURPOSE`; can be repeated")
	s.StringVar(&f.attribution, "attribution", "", "how it may be repeated, a `WORD`")
	s.Var(&f.media, "media", "a `FORM` in which it may be repeated as it is; can be repeated; none for nothing")
	s.StringVar(&f.place, "place", "", "the finest place that may be told: `none|country|region`")
	s.Var(&f.review, "quote-review", "you see every quote before it is used")
	s.StringVar(&f.access, "access", "", "may they only look, or keep a copy: `view|download`")
	s.Var(&f.onward, "onward", "the reader may pass it on, for the same purposes")
	s.StringVar(&f.from, "from", "", "first `DATE`, such as 2026-11-23")
	s.StringVar(&f.until, "until", "", "last `DATE`")
	s.StringVar(&f.reads, "max-reads", "", "how often each part can be opened, `N`; 0 is as often as needed")
	s.Var(&f.forbid, "forbid", "forbid one `USE` that was allowed; can be repeated")
}

// over puts what was typed over terms.
func (f *termFlags) over(t api.Terms) (api.Terms, error) {
	for _, step := range []func(*api.Terms) error{f.use, f.repeating, f.keeping, f.prohibitions, f.term} {
		if err := step(&t); err != nil {
			return t, err
		}
	}
	return t, nil
}

func (f *termFlags) use(t *api.Terms) error {
	if len(f.purposes) == 0 {
		return nil
	}
	t.Purposes = nil
	for _, text := range f.purposes {
		p, err := oneOf("purpose", statement.Purpose(text), statement.Purposes())
		if err != nil {
			return err
		}
		t.Purposes = append(t.Purposes, p)
	}
	t.Purposes = slices.Compact(slices.Sorted(slices.Values(t.Purposes)))
	return nil
}

func (f *termFlags) repeating(t *api.Terms) (err error) {
	if f.attribution != "" {
		if t.Attribution, err = oneOf("attribution", statement.Attribution(f.attribution), statement.Attributions()); err != nil {
			return err
		}
	}
	if f.place != "" {
		if t.Place, err = oneOf("place", statement.Place(f.place), statement.Places()); err != nil {
			return err
		}
	}
	if len(f.media) > 0 {
		t.Media = []statement.Medium{}
	}
	for _, text := range f.media {
		if text == "none" {
			continue
		}
		m, err := oneOf("media", statement.Medium(text), statement.Media())
		if err != nil {
			return err
		}
		t.Media = append(t.Media, m)
	}
	t.Media = slices.Compact(slices.Sorted(slices.Values(t.Media)))
	f.review.over(&t.QuoteReview)
	return nil
}

func (f *termFlags) keeping(t *api.Terms) (err error) {
	if f.access != "" {
		if t.Access, err = oneOf("access", statement.Access(f.access), []statement.Access{statement.View, statement.Download}); err != nil {
			return err
		}
	}
	f.onward.over(&t.Onward)
	if f.reads == "" {
		return nil
	}
	n, err := strconv.ParseInt(f.reads, 10, 64)
	if err != nil || n < 0 || n > statement.MaxMaxReads {
		return usage("--max-reads: %q is not a number from 0 to %d", f.reads, statement.MaxMaxReads)
	}
	t.MaxReads = n
	return nil
}

// prohibitions takes out what is lifted and puts in what is forbidden.
func (f *termFlags) prohibitions(t *api.Terms) error {
	for _, text := range f.lift {
		p, err := oneOf("lift", statement.Prohibited(text), statement.Prohibitions())
		if err != nil {
			return err
		}
		t.Prohibited = slices.DeleteFunc(t.Prohibited, func(q statement.Prohibited) bool { return q == p })
	}
	for _, text := range f.forbid {
		p, err := oneOf("forbid", statement.Prohibited(text), statement.Prohibitions())
		if err != nil {
			return err
		}
		t.Prohibited = append(t.Prohibited, p)
	}
	if t.Prohibited == nil {
		t.Prohibited = []statement.Prohibited{} // a list that is nil means everything to the client
	}
	slices.Sort(t.Prohibited)
	t.Prohibited = slices.Compact(t.Prohibited)
	return nil
}

func (f *termFlags) term(t *api.Terms) (err error) {
	if f.from != "" {
		if t.From, err = dayFlag("from", f.from); err != nil {
			return err
		}
	}
	if f.until != "" {
		if t.Until, err = endFlag("until", f.until); err != nil {
			return err
		}
	}
	if t.Until != 0 && (t.Until <= t.From || t.From != 0 && t.Until-t.From > statement.MaxTerm) {
		return usage("the term must end after it begins, and within ten years")
	}
	return nil
}

// choice is a flag that says yes, no (=false) or nothing.
type choice struct{ set, yes bool }

// String writes what was typed.
func (c *choice) String() string {
	if !c.set {
		return ""
	}
	return strconv.FormatBool(c.yes)
}

// Set takes true or false.
func (c *choice) Set(text string) (err error) {
	c.set = true
	c.yes, err = strconv.ParseBool(text)
	return err
}

// IsBoolFlag makes the name alone mean yes.
func (*choice) IsBoolFlag() bool { return true }

func (c *choice) over(v *bool) {
	if c.set {
		*v = c.yes
	}
}
