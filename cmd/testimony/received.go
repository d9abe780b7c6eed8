package main

import (
	"context"
	"flag"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

// received is a grant as programs read it.
type received struct {
	Grant     api.ID         `json:"grant"`
	From      api.Account    `json:"granted_by"`
	Testimony api.ID         `json:"testimony"`
	Parts     []int64        `json:"parts"`
	State     api.GrantState `json:"state"`
	Terms     api.Terms      `json:"terms"`
	Labels    []string       `json:"holds,omitempty"` // what she says of the content
	Brought   []shownCame    `json:"brought,omitempty"`
	Answer    string         `json:"answer,omitempty"` // hers to a request: refused or deferred
	NotBefore int64          `json:"not_before,omitempty"`
	Doubt     string         `json:"doubt,omitempty"`
}

func receivedOf(r *client.Received) received {
	out := received{Grant: r.ID, From: r.From, Testimony: r.Testimony, Parts: r.Parts, State: r.State, Terms: r.Terms, Labels: r.Labels, Brought: cameOf(r)}
	if r.Answer != nil {
		out.Answer, out.NotBefore = r.Answer.Answer, r.Answer.Until
	}
	if r.Err != nil {
		out.Doubt = r.Err.Error()
	}
	return out
}

func researcherOpenCommand() command {
	return command{
		name: "researcher open", args: "GRANT [PART]", brief: "open what you have been let into",
		about: `Opens one part, or all parts of the grant, into new folders DIR/part-N: the
content, what it is (part.json), and what you owe (TERMS.json, verified later with
testimony verify). A folder appears only when everything in it has been verified.
With --age it holds the sealed part as an ordinary age file instead (part.age),
for the age program; testimony identity writes the key for it.

When the line breaks, or this program is stopped, what has come lies in a hidden file
in DIR, sealed as it was in the vault, and the same command goes on with it. Within a
day that is the same opening; after that it is another one, and you are told before
it counts. If she has taken it back meanwhile, the file is deleted.

Every opening is recorded before its first byte leaves the vault, and the person
who let you in sees it. Where the terms allow looking only, nothing is saved, sealed
or not: --show shows a text here and keeps nothing. That you copy nothing from the
screen no program can force; it is what you promised.`,
		make: func() action { return new(researcherOpen) },
	}
}

type researcherOpen struct {
	connection
	outlet
	age bool
}

func (a *researcherOpen) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	a.outlet.flags(f)
	f.BoolVar(&a.age, "age", false, "save the sealed age file instead of the content")
}

func (a *researcherOpen) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 2); err != nil {
		return err
	}
	g, err := grantID(args[0])
	if err != nil {
		return err
	}
	part := int64(0)
	if len(args) == 2 {
		if part, err = partNumber(args[1]); err != nil {
			return err
		}
	}
	if err := a.check(); err != nil {
		return err
	}
	if a.show && (part == 0 || a.age) {
		return usage("--show shows one part: name it, without --age")
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		r, err := c.Granted(ctx, g)
		if err != nil {
			return dropOf(a.dir, g, err)
		}
		numbers := r.Parts
		if part != 0 {
			numbers = []int64{part}
		}
		return p.fetching(ctx, a.dir, g, a.open(ctx, p, c, r, numbers))
	})
}

type openedPart struct {
	N      int64  `json:"n"`
	Folder string `json:"folder,omitempty"`
	made   string // what it says it was made from, in words
}

func (a *researcherOpen) open(ctx context.Context, p *program, c *client.Client, r *client.Received, numbers []int64) error {
	if r.Terms.Access != statement.Download && !a.show {
		return fmt.Errorf("%w; a text can be shown with --show", client.ErrViewOnly)
	}
	p.announce(r, numbers)
	showLabels(p.err, r)
	came := cameOf(r)
	came = slices.DeleteFunc(came, func(one shownCame) bool { return !slices.Contains(numbers, one.Part) })
	nameBringers(ctx, c, r, came)
	showCame(p.err, came)
	if a.show {
		text := &textSink{lookOnly: r.Terms.Access != statement.Download}
		if _, err := c.Open(ctx, r.ID, numbers[0], text); err != nil {
			return err
		}
		p.promised(r.Terms)
		p.err.tell(derivation(text.info))
		return p.showText(text)
	}
	var done []openedPart
	var failed error
	for _, n := range numbers {
		dir, err := a.save(ctx, p, c, r.ID, n)
		if err != nil {
			failed = err
			break
		}
		done = append(done, openedPart{n, dir, derivationIn(dir)})
	}
	if len(done) > 0 {
		if err := a.opened(p, r, done); err != nil {
			return err
		}
	}
	return failed
}

// announce says, before it happens, that an opening does not go unseen.
func (p *program) announce(r *client.Received, numbers []int64) {
	for _, n := range numbers {
		if slices.Contains(r.Parts, n) {
			p.err.sayf("This opening is recorded, and she will see it.\n")
			if r.Terms.Access != statement.Download {
				p.err.sayf("You may look at it, not keep a copy. This program keeps none. It cannot keep you from copying what you\n" +
					"see, and neither can the vault: that you do not is what you promised.\n")
			}
			return
		}
	}
}

func (a *researcherOpen) save(ctx context.Context, p *program, c *client.Client, g api.ID, n int64) (string, error) {
	dir, err := a.folder(n)
	if err != nil {
		return "", err
	}
	save := c.SaveGranted
	if a.age {
		save = c.SaveGrantedAge
	}
	_, err = save(ctx, g, n, dir, p.watch(dir))
	return dir, err
}

func (a *researcherOpen) opened(p *program, r *client.Received, done []openedPart) error {
	answer := struct {
		received
		Opened []openedPart `json:"opened"`
	}{receivedOf(r), done}
	return p.tell(answer, func(out *screen) {
		what := client.ContentFile
		if a.age {
			what = client.AgeFile
		}
		for _, d := range done {
			out.sayf("Part %d is in %s: %s, with your promises in %s\n", d.N, d.Folder, what, client.TermsFile)
			out.tell(d.made)
		}
		out.sayf("You promised:\n")
		for _, t := range termsInWords(r.Terms) {
			out.sayf("  %s\n", t)
		}
	})
}
