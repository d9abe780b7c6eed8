package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api/client"
)

// retyped is how many words somebody types again, to show that they are written
// down.
const retyped = 3

// newWords makes the words of a new account.
type newWords struct {
	lang, out string
	yes       bool
}

func (w *newWords) flags(f *flag.FlagSet) {
	f.StringVar(&w.lang, "lang", "en", "language of the words, `en|fr`")
	f.StringVar(&w.out, "words-out", "", "write the words to a new `FILE` instead of showing them; for programs")
	f.BoolVar(&w.yes, "yes", false, "do not ask for some of the words again")
}

// make draws a secret and hands it to its owner, in whose hands it then is.
func (w *newWords) make(ctx context.Context, p *program) (client.Secret, error) {
	s, err := client.NewSecret(p.rand)
	if err != nil {
		return s, err
	}
	words, err := client.Words(s, w.lang)
	if err != nil {
		return s, usage("--lang: %s", err)
	}
	if w.out != "" {
		return s, keepWords(w.out, words)
	}
	if p.json {
		return s, usage("with --json the words go to a file: give --words-out")
	}
	p.showWords(s, words)
	if w.yes {
		return s, nil
	}
	return s, p.retype(ctx, s, words)
}

func (p *program) showWords(s client.Secret, words []string) {
	p.out.sayf("These twelve words are the only key to what you will store. Nobody can give you\n" +
		"them again: not the people who run the vault, and not we. Whoever else has them\n" +
		"is you. Write them on paper, in this order. Do not photograph them.\n\n")
	rows := len(words) / 3
	for i := range rows {
		for at := i; at < len(words); at += rows {
			p.out.sayf("  %2d %-12s", at+1, words[at])
		}
		p.out.sayf("\n")
	}
	p.out.sayf("\nThe same in digits, for keyboards with other letters:\n\n  %s\n\n", client.Digits(s))
}

// retype asks for some of the words, in their order.
func (p *program) retype(ctx context.Context, s client.Secret, words []string) error {
	at, err := p.pick(len(words), retyped)
	if err != nil {
		return err
	}
	p.err.sayf("Now type %d of them again, from your paper.\n", retyped)
	for _, i := range at {
		if err := p.retypeOne(ctx, s, words, i); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) retypeOne(ctx context.Context, s client.Secret, words []string, i int) error {
	for range maxTries {
		typed, err := p.ask(ctx, fmt.Sprintf("Word %d: ", i+1))
		if err != nil {
			return err
		}
		// Read like a card, so that accents and capitals do not matter.
		again := slices.Clone(words)
		again[i] = typed
		if same, err := client.ParseSecret(strings.Join(again, " ")); err == nil && same.Equal(s) {
			return nil
		}
		p.err.sayf("That is not word %d. Look at your paper.\n", i+1)
	}
	return mistake{exitWords, "the words are not written down yet: nothing was made; begin again"}
}

// pick draws n different places below total, in ascending order.
func (p *program) pick(total, n int) ([]int, error) {
	var out []int
	for len(out) < n {
		i, err := rand.Int(p.rand, big.NewInt(int64(total)))
		if err != nil {
			return nil, fmt.Errorf("choose words to ask for: %w", err)
		}
		if !slices.Contains(out, int(i.Int64())) {
			out = append(out, int(i.Int64()))
		}
	}
	slices.Sort(out)
	return out, nil
}

// newcomer opens an account.
type newcomer struct {
	connection
	newWords
	invitation string
	existing   bool
}

func (n *newcomer) flags(f *flag.FlagSet) {
	n.connection.flags(f)
	n.newWords.flags(f)
	f.StringVar(&n.invitation, "invitation", "", "`CODE` you were given, where the vault asks for one")
	f.BoolVar(&n.existing, "existing", false, "use words that you have already")
}

// enrol makes or asks for words and goes on with a client for them. The vault is
// looked at before anybody writes twelve words down.
func (n *newcomer) enrol(ctx context.Context, p *program, do use) error {
	cfg, err := n.config(ctx, p)
	if err != nil {
		return err
	}
	c, err := client.New(cfg)
	if err != nil {
		return usage("%s", err)
	}
	if err := n.reach(ctx, c); err != nil {
		return err
	}
	s, err := n.words(ctx, p)
	if err != nil {
		return err
	}
	defer s.Wipe()
	if cfg.Keys, err = client.KeysFor(s, cfg.Vault); err != nil {
		return err
	}
	if cfg.Kept, err = n.kept(cfg.Keys.ID); err != nil {
		return err
	}
	return n.with(ctx, p, cfg, do)
}

func (n *newcomer) reach(ctx context.Context, c *client.Client) error {
	ctx, cancel := n.limited(ctx)
	defer cancel()
	_, err := c.Roster(ctx)
	return err
}

func (n *newcomer) words(ctx context.Context, p *program) (client.Secret, error) {
	if n.existing {
		return p.secret(ctx)
	}
	return n.make(ctx, p)
}
