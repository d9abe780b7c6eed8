package main

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/report"
)

func (p program) register(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: say register add or list", errUsage)
	}
	switch name, rest := args[0], args[1:]; name {
	case "add":
		return p.registerAdd(rest)
	case "list":
		return p.registerList(rest)
	default:
		return fmt.Errorf("%w: there is no command \"register %s\"", errUsage, name)
	}
}

func (p program) registerAdd(args []string) error {
	var e report.Entry
	set, sources := p.flags("register add")
	file := register(set)
	set.StringVar(&e.Day, "day", "", "the day on which it came, as in 2026-11-23 (default today)")
	set.StringVar(&e.Kind, "kind", "", "one of "+strings.Join(report.Kinds, ", "))
	set.StringVar(&e.Country, "country", "ZZ", "of whoever demands: two capital letters")
	set.StringVar(&e.Authority, "authority", "none", "one of "+strings.Join(report.Authorities, ", "))
	set.StringVar(&e.Answer, "answer", "pending", "one of "+strings.Join(report.Answers, ", "))
	set.Int64Var(&e.Accounts, "accounts", 0, "how many accounts it asks for, or concerns")
	set.Int64Var(&e.Replaces, "replaces", 0, "the number of the entry that this one puts right")
	if err := parse(set, args); err != nil {
		return err
	}
	cfg, err := sources.Load()
	if err != nil {
		return err
	}
	today := time.Now().UTC()
	if e.Day == "" {
		e.Day = today.Format(time.DateOnly)
	}
	e, err = file(cfg).Add(e, today)
	if err != nil {
		return usageIf(err, report.ErrEntry)
	}
	_, err = fmt.Fprintf(p.out, "Entry %d. It stays: what is wrong is put right by another one, with --replaces %d.\n", e.N, e.N)
	return err
}

func (p program) registerList(args []string) error {
	set, sources := p.flags("register list")
	file := register(set)
	if err := parse(set, args); err != nil {
		return err
	}
	cfg, err := sources.Load()
	if err != nil {
		return err
	}
	list, err := file(cfg).Read()
	for _, e := range list {
		fmt.Fprintf(p.out, "%4d  %s  %-8s %s %-12s %-16s %d accounts%s\n", e.N, e.Day, e.Kind, e.Country, e.Authority, e.Answer, e.Accounts, instead(e))
	}
	return err
}

func instead(e report.Entry) string {
	if e.Replaces == 0 {
		return ""
	}
	return fmt.Sprintf(", instead of entry %d", e.Replaces)
}

// usage makes a fault of flags one that ends with code 2.
func usage(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	return fmt.Errorf("%w: %w", errUsage, err)
}

func usageIf(err, target error) error {
	if errors.Is(err, target) {
		return usage(err)
	}
	return err
}
