package main

import (
	"fmt"

	"github.com/relatingfield/vault/internal/app"
)

const practice = `
  *  THIS IS A PRACTICE VAULT. Its one steward's words lie beside the data,
  *  so whoever has the disk decides who counts as a researcher.
  *  Nothing real belongs here.
`

func (p program) announceFounding(f app.Founded) {
	what := "The vault has been founded already."
	if f.New {
		what = "The vault is founded."
	}
	fmt.Fprintf(p.out, "%s\nVault id: %s\n", what, f.Vault)
	if f.Practice {
		fmt.Fprint(p.out, practice)
	}
	if f.Words != "" {
		fmt.Fprintf(p.out, "\nThe practice steward's words: %s\n", f.Words)
	}
	if f.New {
		fmt.Fprint(p.out, "\nNow start it: testimonyd serve\n")
	}
}

// announce tells a person what to do next, in a form that can be pasted.
func (p program) announce(s app.Serving) {
	fmt.Fprintf(p.out, "\nThe vault answers at %s\nVault id: %s\n", s.Origins[0], s.Vault)
	if s.Practice {
		fmt.Fprint(p.out, practice)
	}
	fmt.Fprintf(p.out, `
In a browser: %s/

At the command line, in another terminal here:

  export TESTIMONY_SERVER=%s TESTIMONY_VAULT=%s
  bin/testimony enrol                 makes your words; write them down
  bin/testimony add new FILE          seals a file and stores it
  bin/testimony list                  shows what is yours

Stop the vault with Ctrl-C.
`, s.Origins[0], s.Origins[0], s.Vault)
}
