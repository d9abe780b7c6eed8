package main

import (
	"context"
	"flag"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

const envNewWordsFile = "TESTIMONY_NEW_WORDS_FILE"

func rekeyCommand() command {
	return command{
		name: "rekey", brief: "change your words",
		about: `For when somebody else may have seen your words. Makes twelve new ones, shows them
once, has you type three of them again from your paper, and only then hands
everything over: your account, its testimonies and who may read them stay, the old
words open nothing any more. It happens whole or not at all. Uploads that are under
way end. Whoever you are a trustee for has to name you anew.

What somebody has fetched with the old words stays with them. If you fear that,
have every part sealed anew as well (--relock): whoever kept its key then opens
nothing that the vault still has. That needs time and the line.

If it broke off, or the vault says that your new words have to take over once more:
do it again with --existing and both papers at hand. You are asked for the old words
first. For programs, TESTIMONY_NEW_WORDS_FILE holds the new words for --existing.

Researchers and stewards cannot: their key was vouched for. They enrol a new one.`,
		make: func() action { return new(rekey) },
	}
}

type rekey struct {
	connection
	newWords
	existing, relock bool
}

func (a *rekey) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	a.newWords.flags(f)
	f.BoolVar(&a.existing, "existing", false, "the new words are on paper already")
	f.BoolVar(&a.relock, "relock", false, "seal every part anew as well")
}

type rekeyed struct {
	Account string         `json:"account"`
	Words   string         `json:"words_file,omitempty"`
	Relocks []relockedPart `json:"relocked"`
}

type relockedPart struct {
	Testimony api.ID `json:"testimony"`
	Part      int64  `json:"part"`
	Failure   string `json:"failure,omitempty"`
}

func (a *rekey) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	cfg, err := a.config(ctx, p)
	if err != nil {
		return err
	}
	s, err := p.secret(ctx)
	if err != nil {
		return err
	}
	defer s.Wipe()
	if cfg.Keys, err = client.KeysFor(s, cfg.Vault); err != nil {
		return err
	}
	if cfg.Kept, err = a.kept(cfg.Keys.ID); err != nil {
		return err
	}
	once := a.connection
	once.keep = "" // the head to note is that of the new words, see finish
	return once.with(ctx, p, cfg, func(limited context.Context, c *client.Client) error {
		her, keys, err := a.change(ctx, limited, p, c, cfg.Vault)
		if err != nil {
			return err
		}
		return a.finish(ctx, limited, p, her, keys)
	})
}

// change tries the old words before anybody writes twelve new ones down, and sends
// nothing before they are written down.
func (a *rekey) change(ctx, limited context.Context, p *program, c *client.Client, vault api.Hash) (*client.Client, *client.Keys, error) {
	if !a.existing {
		if _, err := c.List(limited); err != nil {
			return nil, nil, err
		}
	}
	s, err := a.next(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	defer s.Wipe()
	keys, err := client.KeysFor(s, vault)
	if err != nil {
		return nil, nil, err
	}
	her, err := c.Rekey(limited, keys)
	return her, keys, err
}

func (a *rekey) next(ctx context.Context, p *program) (client.Secret, error) {
	switch path := p.env(envNewWordsFile); {
	case !a.existing:
		return a.make(ctx, p)
	case path != "":
		return p.secretIn(path)
	case p.in.terminal == nil:
		return client.Secret{}, usage("this needs your new words: set %s to a file that holds them, or call it from a terminal to be asked", envNewWordsFile)
	}
	p.err.sayf("Now the new words.\n")
	return p.askWords(ctx)
}

// finish notes the head, offers to seal everything anew, and says what was done.
func (a *rekey) finish(ctx, limited context.Context, p *program, her *client.Client, keys *client.Keys) error {
	if a.keep != "" {
		head, err := her.Head(limited)
		if err != nil {
			return err
		}
		if err := a.note(keys.ID, head); err != nil {
			return err
		}
	}
	p.err.sayf("%s", wordsChanged)
	answer := rekeyed{Words: a.out, Relocks: []relockedPart{}}
	if a.relock || !p.json && a.offer(ctx, p) {
		var err error
		if answer.Relocks, err = relockAll(limited, p, her); err != nil {
			return err
		}
	}
	answer.Account = string(her.Account())
	return p.tell(answer, func(out *screen) {
		out.sayf("Account %s goes on with the new words.\n", answer.Account)
		if a.out != "" {
			out.sayf("They are in %s. Whoever reads that file is you.\n", a.out)
		}
		for _, r := range answer.Relocks {
			if r.Failure != "" {
				out.sayf("NOT sealed anew: testimony %s, part %d: %s\n", r.Testimony, r.Part, r.Failure)
				continue
			}
			out.sayf("Sealed anew: testimony %s, part %d\n", r.Testimony, r.Part)
		}
	})
}

// wordsChanged names what the old words still open and what they have ended: who
// destroys the paper first finds out too late.
const wordsChanged = `Your words are changed. Destroy the paper with the old ones, but first: a folder that
testimony takeout made opens only with the words of its day. Make a new one.
If trustees could give your words back, they cannot any more: testimony recovery set
`

// offer asks whether to seal everything anew. No answer is a no.
func (a *rekey) offer(ctx context.Context, p *program) bool {
	p.err.sayf("Whoever had your old words may have taken keys of your parts along. Sealing each part\n" +
		"anew makes those worthless here; it needs time and the line (later: testimony relock).\n")
	return !a.yes && p.agree(ctx, false, "Seal everything anew now?") == nil
}

// relockAll seals every part anew and goes on after one that fails.
func relockAll(ctx context.Context, p *program, c *client.Client) ([]relockedPart, error) {
	list, err := c.List(ctx)
	if err != nil {
		return nil, err
	}
	out := []relockedPart{}
	for _, l := range list {
		shown, err := c.Show(ctx, l.ID)
		if err != nil {
			return out, err
		}
		for _, d := range shown.Details {
			if !d.Adopted {
				continue
			}
			one := relockedPart{Testimony: l.ID, Part: d.N}
			p.err.sayf("Sealing part %d of %s anew…\n", d.N, l.ID)
			if _, err := c.Relock(ctx, l.ID, d.N); err != nil {
				one.Failure = meaning(err)
			}
			out = append(out, one)
		}
	}
	return out, nil
}
