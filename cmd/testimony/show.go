package main

import (
	"cmp"
	"context"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

func showCommand() command {
	return command{
		name: "show", args: "TESTIMONY", brief: "show one testimony: parts, readers, openings",
		about: `Shows the parts of a testimony, uploads of it that are not finished, whom you let
in, on which terms, and what they have opened.`,
		make: func() action { return new(show) },
	}
}

type show struct{ connection }

type shown struct {
	listed
	Evidence bool         `json:"evidence"` // she keeps it as evidence
	Details  []shownPart  `json:"details"`
	Halves   []halfway    `json:"unfinished"`
	Grants   []shownGrant `json:"grants"`
}

type shownPart struct {
	N       int64    `json:"n"`
	Label   string   `json:"label"`
	Bytes   int64    `json:"bytes"` // sealed
	Adopted bool     `json:"adopted"`
	Arrived bool     `json:"sealed_on_arrival"`
	Kind    string   `json:"kind,omitempty"`         // of a part that was made from another
	From    int      `json:"derived_from,omitempty"` // which one
	Doubt   string   `json:"doubt,omitempty"`
	Damaged bool     `json:"damaged,omitempty"`
	Brought *brought `json:"brought,omitempty"`  // how it came, where a partner brought it
	Left    int64    `json:"readable,omitempty"` // of a damaged part: sealed bytes before the damage
}

// brought says how a part came.
type brought struct {
	Partner   api.ID        `json:"partner"`
	Assurance api.Assurance `json:"assurance"`
	Claimed   bool          `json:"claimed"`
	Readable  bool          `json:"partner_could_read"`
}

type shownGrant struct {
	Grant    api.ID         `json:"grant"`
	Reader   api.Account    `json:"reader"`
	Name     string         `json:"name"` // empty where nobody vouches for the reader now
	Parts    []int64        `json:"parts"`
	State    api.GrantState `json:"state"`
	Consent  api.Consent    `json:"consent"`
	Terms    api.Terms      `json:"terms"`
	Asked    *asked         `json:"asked,omitempty"`
	Answered string         `json:"answered,omitempty"` // refused or deferred
	NotNow   int64          `json:"not_now,omitempty"`  // of deferred: before then she is not asked
	Heard    string         `json:"heard,omitempty"`    // the reader's signed word that you were heard
	Openings []api.Opening  `json:"openings"`
	Endings  []shownEnd     `json:"endings"` // what you have taken back of it
}

// shownEnd is how the end of a grant, or of some of its parts, stands.
type shownEnd struct {
	Parts  []int64          `json:"parts"`
	Day    int64            `json:"day"`
	Due    int64            `json:"due"`
	State  api.ClosureState `json:"state"`
	Reason string           `json:"reason,omitempty"` // of kept
}

func endsOf(g client.GrantDetail) []shownEnd {
	out := []shownEnd{}
	for _, e := range g.Closures {
		end := shownEnd{e.Parts, e.Day, e.Due, e.State, ""}
		if e.Reply != nil {
			end.Reason = e.Reply.Reason
		}
		out = append(out, end)
	}
	return out
}

func (a *show) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	t, err := testimonyID(args[0])
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		s, doubts := c.Show(ctx, t)
		if s == nil {
			return doubts
		}
		answer := shownOf(ctx, c, s)
		var halves error
		answer.Halves, halves = p.unfinished(ctx, c, t)
		doubts = cmp.Or(doubts, halves)
		err := p.tell(answer, func(out *screen) { showOne(out, answer) })
		if doubts != nil {
			return doubts
		}
		return err
	})
}

func shownOf(ctx context.Context, c *client.Client, s *client.Shown) shown {
	out := shown{listedOf(s.Listed), s.Evidence, []shownPart{}, []halfway{}, []shownGrant{}}
	for _, d := range s.Details {
		part := shownPart{N: d.N, Label: d.Label, Bytes: d.Length, Adopted: d.Adopted, Arrived: d.Arrived, Damaged: d.Damaged, Left: d.Readable}
		if d.Link != nil {
			part.Kind, part.From = string(d.Link.Kind), d.Link.From
		}
		if b := d.Brought; b != nil {
			part.Brought = &brought{b.Partner, b.Assurance, b.Claimed, b.Readable}
		}
		if d.Err != nil {
			part.Doubt = d.Err.Error()
		}
		out.Details = append(out.Details, part)
	}
	names := newNames(c)
	for _, g := range s.Grants {
		out.Grants = append(out.Grants, shownGrantOf(g, names.of(ctx, g.Grantee)))
	}
	return out
}

// asked is what a reader asks, as programs read it.
type asked struct {
	Purposes []statement.Purpose `json:"purposes"`
	Until    int64               `json:"until"`
	Day      int64               `json:"day"`
}

func shownGrantOf(g client.GrantDetail, name string) shownGrant {
	out := shownGrant{Grant: g.ID, Reader: g.Grantee, Name: name, Parts: g.Parts, State: g.State, Consent: g.Consent, Terms: g.Terms, Heard: g.Heard,
		Openings: inOrder(g.Openings), Endings: endsOf(g)}
	if g.Asked != nil {
		out.Asked = &asked{g.Asked.Purposes, g.Asked.Until, g.Asked.Day}
	}
	if g.Answered != nil {
		out.Answered, out.NotNow = g.Answered.Answer, g.Answered.Until
	}
	return out
}

func showOne(out *screen, s shown) {
	out.sayf("%s\n  testimony %s, since %s\n", first(s.Title, "(no title)"), s.Testimony, day(s.Day))
	if s.Readable {
		out.sayf("  %s\n", couldRead)
	}
	if len(s.Warnings) > 0 {
		out.sayf("  warnings: %s\n", strings.Join(s.Warnings, "; "))
	}
	if s.Evidence {
		out.sayf("  kept as evidence; back to listening: testimony mode %s listening\n", s.Testimony)
	}
	for _, d := range s.Details {
		out.sayf("  part %d, %s%s%s%s\n", d.N, size(d.Bytes), madeFrom(d.Kind, d.From), origin(d), labelled(d.Label))
		if b := d.Brought; b != nil {
			out.sayf("    Partner %s brought it. %s\n", b.Partner, assuranceWords(b.Assurance, b.Claimed))
		}
		if d.Damaged {
			out.sayf("    This part is damaged: of %s, the first %s can be read. If you still have it, add it again.\n", size(d.Bytes), size(d.Left))
		}
		if d.Doubt != "" {
			out.sayf("    Careful: %s\n", d.Doubt)
		}
	}
	showHalves(out, s.Halves)
	if len(s.Grants) == 0 {
		out.sayf("  Nobody but you can open anything of it.\n")
	}
	for _, g := range s.Grants {
		showGrant(out, g)
	}
}

func showGrant(out *screen, g shownGrant) {
	out.sayf("  grant %s: %s of it, %s\n    to %s\n", g.Grant, partList(g.Parts), stateWords(g.State, g.Terms), who(g.Name, g.Reader))
	if a := g.Asked; a != nil {
		out.sayf("    asks you to renew it to the end of %s, for: %s\n", lastDay(a.Until), english().Purposes(a.Purposes))
		out.sayf("    You owe no answer: testimony renew, or testimony answer\n")
	}
	switch {
	case g.Answered == statement.Refused:
		out.sayf("    You said no: you are not asked about it again, unless you renew it\n")
	case g.Answered == statement.Deferred && g.Asked == nil:
		out.sayf("    You said not now: you are not asked about it before %s\n", day(g.NotNow))
	}
	if g.Heard != "" {
		out.sayf("    says to you: %s\n", heardWords[g.Heard])
	}
	for _, o := range g.Openings {
		out.sayf("    %s\n", opening(o))
	}
	if len(g.Openings) == 0 {
		out.sayf("    nothing opened so far\n")
	}
	for _, e := range g.Endings {
		out.sayf("    %s taken back on %s: %s\n", partList(e.Parts), day(e.Day), closureWords(e.State, e.Due, e.Reason))
	}
}

func origin(d shownPart) string {
	switch {
	case d.Arrived && !d.Adopted:
		return ", sealed by the vault on arrival, waits for you to adopt it"
	case d.Arrived:
		return ", sealed by the vault on arrival, adopted by you"
	}
	return ""
}

func labelled(label string) string {
	if label == "" {
		return ""
	}
	return ": " + label
}
