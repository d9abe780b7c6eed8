package main

import (
	"context"
	"flag"
	"os"
	"strings"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

// heardWords are what a reader can say to her while nothing has ended.
var heardWords = map[string]string{
	statement.Heard: "I have heard you", statement.Thankful: "thank you for trusting me with it", statement.WithCare: "I carry it with care",
}

func heardCommand() command {
	return command{
		name: "researcher heard", args: "GRANT [heard|thankful|with-care]", brief: "tell her that she was heard",
		about: `She sees it in her feed: "I have heard you", "thank you for trusting me with it", or "I
carry it with care". Nothing else can be written to her. Once a grant, when you have
opened some of it.`,
		make: func() action { return new(hearing) },
	}
}

type hearing struct{ connection }

func (a *hearing) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 2); err != nil {
		return err
	}
	grant, err := grantID(args[0])
	if err != nil {
		return err
	}
	word := statement.Heard
	if len(args) == 2 {
		word = args[1]
	}
	if heardWords[word] == "" {
		return usage("%q is none of %s", word, strings.Join(statement.Hearings(), ", "))
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.Hear(ctx, grant, word); err != nil {
			return err
		}
		return p.tell(map[string]any{"grant": grant, "said": word}, func(out *screen) { out.sayf("She will see: %s.\n", heardWords[word]) })
	})
}

func notesCommand() command {
	return command{
		name: "researcher notes", args: "GRANT [PART]", brief: "read, or with --from write, what you noted about a part",
		about: `A note is sealed to your own key on this machine; the vault keeps it beside the part and
cannot read it. It ends with the grant: when she takes the part back, the vault destroys
it. --from FILE puts the text of FILE in place of the note about PART, - is standard
input; an empty text destroys it. At most 4,000 bytes.`,
		make: func() action { return new(noting) },
	}
}

type noting struct {
	connection
	from string
}

func (a *noting) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.from, "from", "", "`FILE` with the text of the note")
}

type noteShown struct {
	Part  int64  `json:"part"`
	Text  string `json:"text"`
	Doubt string `json:"doubt,omitempty"`
}

func (a *noting) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 2); err != nil {
		return err
	}
	grant, err := grantID(args[0])
	if err != nil {
		return err
	}
	if (len(args) == 2) != (a.from != "") {
		return usage("PART and --from go together: they write a note; GRANT alone reads them")
	}
	if a.from != "" {
		return a.write(ctx, p, args)
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		list, err := c.Notes(ctx, grant)
		if err != nil {
			return err
		}
		answer := []noteShown{}
		for _, n := range list {
			one := noteShown{Part: n.N, Text: n.Text}
			if n.Err != nil {
				one.Doubt = "your words do not open it"
			}
			answer = append(answer, one)
		}
		return p.tell(map[string]any{"grant": grant, "notes": answer}, func(out *screen) {
			for _, n := range answer {
				out.sayf("part %d: %s%s\n", n.Part, n.Text, n.Doubt)
			}
			if len(answer) == 0 {
				out.sayf("You have noted nothing here.\n")
			}
		})
	})
}

// maxNote leaves room in a note of 4,096 bytes.
const maxNote = 4000

func (a *noting) write(ctx context.Context, p *program, args []string) error {
	grant, err := grantID(args[0])
	if err != nil {
		return err
	}
	n, err := partNumber(args[1])
	if err != nil {
		return err
	}
	from := a.from
	if from == "-" {
		from = os.Stdin.Name()
	}
	text, err := readSome(from, maxNote)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.SetNote(ctx, grant, n, strings.TrimSpace(string(text))); err != nil {
			return err
		}
		return p.tell(map[string]any{"grant": grant, "part": n}, func(out *screen) {
			out.sayf("Kept, sealed to you. It ends when she takes the part back.\n")
		})
	})
}
