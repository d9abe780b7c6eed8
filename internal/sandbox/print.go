package main

import (
	"bytes"
	"io"
	"text/tabwriter"
	"text/template"
)

// words is what the sandbox prints. Everything in it can be pasted.
const words = `
The sandbox answers at {{.Origin}}
Nothing real belongs here: every key lies beside it, and all of it is gone when it ends (Ctrl-C).

In a browser   {{.Origin}}/            unlock with the digits in a .words file
The contract   {{.Origin}}/openapi.yaml

In another shell:

  export TESTIMONY_SERVER={{.Origin}} TESTIMONY_VAULT={{.Vault}}

People (their digits are in the file):

{{range .People}}  {{.Name}}	{{.Role}}	{{.Account}}	{{.Words}}
{{end}}
Partners, with a program each (private key, PKCS #8, in the file):

{{range .Partners}}  {{.Name}}	partner {{.ID}}	client {{.Program}}	{{.Key}}
{{end}}
Testimonies, each with a grant to {{.Reader}}:

{{range .Given}}  {{.Language}}	testimony {{.Testimony}}	grant {{.Grant}}
{{end}}
To try:

  # what anybody may know
  curl -s {{.Origin}}/v1/vault
  curl -s {{.Origin}}/.well-known/oauth-authorization-server
  # a partner's program: what it may do, inviting somebody who is present, what became of what it brought
  bin/testimony partner check {{(index .Partners 0).Key}} {{(index .Partners 0).Program}}
  bin/testimony partner invite --key {{(index .Partners 0).Key}} --client {{(index .Partners 0).Program}}
  bin/testimony deliveries --key {{(index .Partners 0).Key}} --client {{(index .Partners 0).Program}}
  # bringing something to a woman: she opens a tray, the program seals to her card, she sees what waits, and the partner what became of it
  TESTIMONY_WORDS_FILE={{.Dir}}/{{(index .Given 0).Her}}.words bin/testimony tray open {{(index .Partners 0).ID}} --card {{.Dir}}/her.card
  echo 'A letter of nobody' | tee {{.Dir}}/letter.txt
  bin/testimony deliver {{.Dir}}/letter.txt --card {{.Dir}}/her.card --key {{(index .Partners 0).Key}} --client {{(index .Partners 0).Program}}
  TESTIMONY_WORDS_FILE={{.Dir}}/{{(index .Given 0).Her}}.words bin/testimony item list
  bin/testimony deliveries --key {{(index .Partners 0).Key}} --client {{(index .Partners 0).Program}}
  # an officer: the agreement, the programs and their keys
  TESTIMONY_WORDS_FILE={{.Dir}}/partner-1-officer-a.words bin/testimony partner programs
  # a woman's own vault; what a researcher was granted, and opening it, which she then sees
  TESTIMONY_WORDS_FILE={{.Dir}}/participant-ar.words bin/testimony list
  TESTIMONY_WORDS_FILE={{.Dir}}/researcher-leila.words bin/testimony researcher inbox
  TESTIMONY_WORDS_FILE={{.Dir}}/researcher-leila.words bin/testimony researcher open {{(index .Given 0).Grant}} 1 --show
  TESTIMONY_WORDS_FILE={{.Dir}}/{{(index .Given 0).Her}}.words bin/testimony feed {{(index .Given 0).Testimony}}
`

// shown is the world as the template sees it.
type shown struct {
	Origin, Vault, Dir, Reader string
	People                     []shownPerson
	Partners                   []shownPartner
	Given                      []shownGrant
}

type shownPerson struct{ Name, Role, Account, Words string }
type shownPartner struct{ Name, ID, Program, Key string }
type shownGrant struct{ Language, Her, Testimony, Grant string }

func (w *world) print(out io.Writer) error {
	s := shown{Origin: w.origin, Vault: w.id.String(), Dir: w.dir, Reader: "researcher-leila"}
	for _, p := range w.people {
		s.People = append(s.People, shownPerson{p.name, p.role, string(p.account), p.words})
	}
	for _, p := range w.partners {
		s.Partners = append(s.Partners, shownPartner{p.name, string(p.id), string(p.program), p.key})
	}
	for _, g := range w.given {
		s.Given = append(s.Given, shownGrant{g.her.language, g.her.name, string(g.testimony), string(g.grant)})
	}
	t, err := template.New("words").Parse(words)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, s); err != nil {
		return err
	}
	var aligned bytes.Buffer
	columns := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', 0)
	if _, err := columns.Write(b.Bytes()); err != nil {
		return err
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	_, err = out.Write(aligned.Bytes())
	return err
}
