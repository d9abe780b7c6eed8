package main

import (
	"context"
	"errors"
	"strings"
)

// agree asks a question that is answered with yes or no, and takes nothing but a
// yes for one. yes is the flag that answers it beforehand.
func (p *program) agree(ctx context.Context, yes bool, question string) error {
	if yes {
		return nil
	}
	answer, err := p.ask(ctx, question+" [yes/no] ")
	if err != nil {
		return err
	}
	switch strings.ToLower(answer) {
	case "y", "yes":
		return nil
	}
	return errDeclined
}

// agreeByWord asks for a word, so that nobody destroys anything by habit.
func (p *program) agreeByWord(ctx context.Context, yes bool, word string) error {
	if yes {
		return nil
	}
	answer, err := p.ask(ctx, "Type "+word+" to go on: ")
	if err != nil {
		return err
	}
	if answer != word {
		return errDeclined
	}
	return nil
}

func (p *program) ask(ctx context.Context, question string) (string, error) {
	p.err.write(question)
	answer, err := p.in.line(ctx)
	if p.in.terminal == nil {
		p.err.write("\n")
	}
	if errors.Is(err, errNoAnswer) {
		return "", errDeclined
	}
	return strings.TrimSpace(answer), err
}
