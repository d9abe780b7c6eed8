package main

import (
	"context"
	"errors"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func abandonCommand() command {
	return command{
		name: "abandon", args: "TESTIMONY PART", brief: "give up an upload that is not finished",
		about: `Deletes what has arrived of a file whose upload was begun and is not finished, and
gives its room back. testimony show names such uploads. Nothing that is stored as a
part is touched. Without this, the vault deletes it on the day that show names; until
then, testimony add goes on with it when you give it the same file.`,
		make: func() action { return new(abandon) },
	}
}

type abandon struct {
	connection
	yes bool
}

func (a *abandon) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

func (a *abandon) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 2, 2); err != nil {
		return err
	}
	t, err := testimonyID(args[0])
	if err != nil {
		return err
	}
	n, err := partNumber(args[1])
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(limited context.Context, c *client.Client) error {
		// A doubt about the vault does not keep her from giving up.
		halves, _ := p.unfinished(limited, c, t)
		for _, u := range halves {
			if u.N == n {
				p.err.sayf("You are about to give up: %s\n", u.words())
			}
		}
		if err := p.agree(ctx, a.yes, "Delete what has arrived of it?"); err != nil {
			return err
		}
		if err := c.Abandon(limited, t, n); err != nil {
			return err
		}
		return p.tell(map[string]any{"testimony": t, "n": n, "abandoned": true}, func(out *screen) {
			out.sayf("Given up: what had arrived of part %d is deleted. Your file is where it was.\n", n)
		})
	})
}

// halfway is an unfinished upload as programs read it.
type halfway struct {
	Testimony api.ID `json:"testimony"`
	N         int64  `json:"n"`
	Name      string `json:"name"`     // empty where too little is there to know
	Bytes     int64  `json:"bytes"`    // sealed
	Received  int64  `json:"received"` // of them
	Until     int64  `json:"until"`    // Unix seconds; it is deleted then
	Relock    bool   `json:"relock"`
	Doubt     string `json:"doubt,omitempty"`
}

// unfinished are the uploads under way of a testimony, or of all where t is empty,
// and whether the vault's word differs from hers. That they cannot be listed is said
// and is no reason to stop.
func (p *program) unfinished(ctx context.Context, c *client.Client, t api.ID) ([]halfway, error) {
	out := []halfway{}
	list, err := c.Unfinished(ctx, t)
	for _, u := range list {
		h := halfway{u.Testimony, u.N, u.Info.Name, u.Length, u.Received, u.Until, u.Relock, ""}
		if u.Err != nil {
			h.Doubt = u.Err.Error()
		}
		out = append(out, h)
	}
	if err != nil && !errors.Is(err, client.ErrUntrusted) {
		p.err.sayf("Whether more uploads are not finished cannot be told now: %s\n", err)
		err = nil
	}
	return out, err
}

func (h halfway) words() string {
	what := first(h.Name, "a file")
	if h.Relock {
		what = "the new seal of a part"
	}
	return what + ", " + size(h.Received) + " of " + size(h.Bytes) + " have arrived"
}

func keptUntil(text string, until int64) string {
	if until == 0 {
		return ""
	}
	return text + " " + lastDay(until)
}

// showHalves names what is not finished, and how it goes on.
func showHalves(out *screen, all []halfway) {
	for _, h := range all {
		out.sayf("  part %d is not finished: %s%s\n", h.N, h.words(), keptUntil("; kept to the end of", h.Until))
		switch {
		case h.Doubt != "":
			out.sayf("    Careful: %s\n", h.Doubt)
		case h.Relock:
			out.sayf("    To begin it anew: testimony relock %s %d; the part itself is as it was\n", h.Testimony, h.N)
		default:
			out.sayf("    To go on with the same file, also on another machine: testimony add %s FILE\n", h.Testimony)
		}
		out.sayf("    To give it up: testimony abandon %s %d\n", h.Testimony, h.N)
	}
}
