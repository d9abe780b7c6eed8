package main

import (
	"flag"
	"strings"
)

const intro = `testimony seals, grants, opens, takes back and verifies testimonies.

`

const outro = `
testimony help COMMAND   about one command
testimony help flags     flags that most commands take, and the environment
testimony help terms     what a reader can be asked to promise
testimony help codes     what the exit codes mean
`

const commonFlags = `Most commands need a vault, and take:

  --server URL       its address; else TESTIMONY_SERVER
  --vault ID         its id, from your card; else TESTIMONY_VAULT. It decides which
                     stewards count: the server's own word for it proves nothing
  --trust-first      believe the server which vault it is; only for a first look
  --head SEQ:HASH    the head you noted (testimony help head)
  --keep FILE        FILE in which this program notes the head for you
  --timeout TIME     give up after, such as 30s; a broken line is tried again a few times
  --json             answer in JSON

A vault can ask for a certificate, and have one that no public authority vouches for:

  --ca FILE               who vouches for the vault's certificate; else TESTIMONY_CA
  --certificate FILE      what to show to the vault; else TESTIMONY_CERTIFICATE
  --certificate-key FILE  its key, which only you can read; else TESTIMONY_CERTIFICATE_KEY

Words are asked for, without showing them. For programs:

  TESTIMONY_WORDS_FILE   a file with the words, which only you can read
  TESTIMONY_WORDS        the words themselves; others of your programs may see them

They are never given on the command line.
`

func (p *program) help(args []string) error {
	topic := strings.Join(args[min(1, len(args)):], " ")
	switch topic {
	case "":
		p.overview()
	case "flags":
		p.out.text(commonFlags)
	case "codes":
		p.out.text(codes)
	case "terms":
		p.out.text(termsManual())
	default:
		c, rest, err := find(args[1:])
		if err != nil || len(rest) > 0 {
			return usage("there is no help on that: testimony help lists the commands")
		}
		p.helpOn(c)
	}
	return nil
}

func (p *program) overview() {
	p.out.text(intro)
	for _, s := range sections() {
		p.out.sayf("%s\n", s.title)
		for _, c := range s.commands {
			p.out.sayf("  %-22s %s\n", c.name, c.brief)
		}
	}
	p.out.text(outro)
}

func (p *program) helpOn(c command) { p.out.text(manual(c)) }

// manual is all there is to say of a command.
func manual(c command) string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace("testimony "+c.name+" "+c.args) + "\n    " + c.brief + "\n")
	if c.about != "" {
		b.WriteString("\n" + c.about + "\n")
	}
	own, online := flagsOf(c)
	if own != "" {
		b.WriteString("\n" + own)
	}
	if online {
		b.WriteString("\nAnd what most commands take: testimony help flags\n")
	}
	return b.String()
}

// flagsOf lists the flags of a command, without those that most have.
func flagsOf(c command) (own string, online bool) {
	all, common := flag.NewFlagSet("", flag.ContinueOnError), flag.NewFlagSet("", flag.ContinueOnError)
	c.make().flags(all)
	new(connection).flags(common)
	var b strings.Builder
	all.VisitAll(func(f *flag.Flag) {
		if common.Lookup(f.Name) != nil {
			online = true
			return
		}
		name, text := flag.UnquoteUsage(f)
		dashes := "--"
		if len(f.Name) == 1 {
			dashes = "-"
		}
		b.WriteString("  " + strings.TrimSpace(dashes+f.Name+" "+name) + "\n        " + text + "\n")
	})
	return b.String(), online
}
