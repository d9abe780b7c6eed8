package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/explain"
	"github.com/relatingfield/vault/internal/statement"
)

func verifyCommand() command {
	return command{
		name: "verify", args: "[FILE…]", brief: "check statements, receipts, terms; or everything that is yours",
		about: `With files, checks them offline and says what they prove, in words:

  TERMS.json     signed by the person it names, and saying what was signed
  part.age       beside a TERMS.json: is the very part that was granted
  a statement    signed by the account it names, of any act; what it does, in words
  a receipt      beside its statement, with --receipt-key (see testimony vault):
                 the vault accepted the statement, on which day
  a revocation   receipt, with --receipt-key: which reader lost which parts, when,
                 and all that had been fetched before (see testimony receipt)

What this proves is who signed what. It does not prove who a person is, nor that
what they said is true. The words are English, French, Arabic, Ukrainian or Sorani:
--lang, or the language of your system.

Without files, checks on the vault all that is yours: stewards, chain, every
testimony, part, key and grant; with --content also every byte stored.`,
		make: func() action { return new(verify) },
	}
}

type verify struct {
	connection
	receiptKey string
	language   string
	content    bool
}

func (a *verify) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.StringVar(&a.receiptKey, "receipt-key", "", "the vault's receipt `KEY`")
	f.StringVar(&a.language, "lang", "", "say it in `en|fr|ar|uk|ckb`")
	f.BoolVar(&a.content, "content", false, "without files: download and check all content too")
}

func (a *verify) run(ctx context.Context, p *program, args []string) error {
	if len(args) == 0 {
		return a.everything(ctx, p)
	}
	words, err := explain.In(first(a.language, explain.Pick(p.env)))
	if err != nil {
		return usage("--lang is one of %s", strings.Join(explain.Languages(), ", "))
	}
	v := verification{vault: first(a.vault, p.env("TESTIMONY_VAULT")), words: words}
	if a.receiptKey != "" {
		if err := v.key.UnmarshalText([]byte(a.receiptKey)); err != nil {
			return usage("--receipt-key: this is not a key")
		}
	}
	for _, path := range args {
		if err := v.look(path); err != nil {
			return err
		}
	}
	v.check()
	if err := p.tell(map[string]any{"files": v.findings}, func(out *screen) { v.show(out) }); err != nil {
		return err
	}
	if v.failed {
		return mistake{exitUntrusted, "something does not hold: see above"}
	}
	return nil
}

// verification is files that are looked at together.
type verification struct {
	vault      string
	words      *explain.Language
	key        api.Bytes
	terms      []*client.Kept
	statements []*statement.Statement
	exported   []exported
	sealed     []string // age files
	receipts   []receipt
	ended      []receipt // of revocations

	findings []finding
	failed   bool
}

// receipt is one file's, compact.
type receipt struct{ file, compact string }

// finding is what is to be said of one file.
type finding struct {
	File  string   `json:"file"`
	Holds bool     `json:"holds"`
	Words []string `json:"words"`

	fault string // what does not hold, in words that are not ours
}

func (v *verification) found(file string, err error, words ...string) {
	f := finding{File: file, Holds: err == nil, Words: words}
	if err != nil {
		f.fault = err.Error()
		f.Words = append([]string{v.words.Say("false", nil) + " " + f.fault}, words...)
		v.failed = true
	}
	v.findings = append(v.findings, f)
}

func (v *verification) show(out *screen) {
	for _, f := range v.findings {
		out.sayf("%s\n", f.File)
		if f.fault != "" {
			out.sayf("  %s %s\n", v.words.Say("false", nil), f.fault)
			f.Words = f.Words[1:]
		}
		for _, w := range f.Words {
			out.explained(w)
		}
	}
}

const ageIntro = "age-encryption.org/"

// look finds out what a file is.
func (v *verification) look(path string) error {
	begin, err := beginning(path)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(begin, []byte(ageIntro)) {
		v.sealed = append(v.sealed, path)
		return nil
	}
	text, err := readBounded(path)
	if err != nil {
		return err
	}
	trimmed := strings.TrimSpace(string(text))
	switch {
	case strings.HasPrefix(trimmed, "{"):
		v.lookJSON(path, text)
	case isRevocation(trimmed):
		for line := range strings.Lines(trimmed) {
			v.ended = append(v.ended, receipt{path, strings.TrimSpace(line)})
		}
	case isReceipt(trimmed):
		v.receipts = append(v.receipts, receipt{path, trimmed})
	default:
		v.lookStatement(path, trimmed)
	}
	return nil
}

func beginning(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usage("%s", err)
	}
	defer f.Close()
	b := make([]byte, len(ageIntro))
	n, err := f.Read(b)
	if err != nil {
		return nil, usage("%s: %s", path, err)
	}
	return b[:n], nil
}

// lookJSON tells terms from what testimony sign writes, or a program kept: a
// statement, perhaps with its receipt.
func (v *verification) lookJSON(path string, text []byte) {
	var pair struct {
		Statement string `json:"statement"`
		Receipt   string `json:"receipt,omitempty"`
	}
	if canonical.Request(text, &pair) != nil {
		v.lookTerms(path, text)
		return
	}
	v.lookStatement(path, pair.Statement)
	if pair.Receipt != "" {
		v.receipts = append(v.receipts, receipt{path, pair.Receipt})
	}
}

func (v *verification) lookStatement(path, text string) {
	s, err := statement.Parse(text)
	if err != nil {
		v.found(path, err)
		return
	}
	v.statements = append(v.statements, s)
	v.found(path, v.ofThisVault(s.Vault), v.words.Statement(s)...)
}

func (v *verification) lookTerms(path string, text []byte) {
	if e, err := client.ReadExported(bytes.NewReader(text)); err == nil {
		v.exported = append(v.exported, exported{path, e})
		return
	}
	k, err := client.ReadTerms(bytes.NewReader(text))
	if err != nil {
		v.found(path, err)
		return
	}
	v.terms = append(v.terms, k)
	v.found(path, v.ofThisVault(k.Vault.String()), v.kept(k)...)
}

var errOtherVault = errors.New("it is of another vault than the one on your card")

func (v *verification) ofThisVault(id string) error {
	if v.vault != "" && v.vault != id {
		return errOtherVault
	}
	return nil
}

// check is for what can be said only after all files have been seen.
func (v *verification) check() {
	for _, path := range v.sealed {
		v.checkSealed(path)
	}
	for _, e := range v.exported {
		v.checkExported(e)
	}
	for _, r := range v.receipts {
		v.checkReceipt(r)
	}
	for _, r := range v.ended {
		v.checkRevocation(r)
	}
}
