package main

import (
	"flag"
	"strings"

	"github.com/relatingfield/vault/internal/id"
)

// parse reads flags wherever they stand and gives the other words. Behind -- there
// are no flags. Accounts and keys are words also where they begin with a hyphen,
// as one in sixty-four does.
func parse(f *flag.FlagSet, args []string) (words []string, err error) {
	for len(args) > 0 {
		if args[0] == "--" {
			return append(words, args[1:]...), nil
		}
		n := flagLength(f, args)
		if n == 0 {
			words, args = append(words, args[0]), args[1:]
			continue
		}
		if err := f.Parse(args[:n]); err != nil {
			return nil, err
		}
		args = args[n:]
	}
	return words, nil
}

// flagLength is how many arguments the flag at the beginning takes, itself
// included; 0 if it is none.
func flagLength(f *flag.FlagSet, args []string) int {
	if len(args[0]) < 2 || args[0][0] != '-' || isKey(args[0]) {
		return 0
	}
	name, _, whole := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
	known := f.Lookup(name)
	if whole || known == nil || len(args) == 1 {
		return 1 // what is unknown or lacks its value is for the flag package to refuse
	}
	if b, ok := known.Value.(interface{ IsBoolFlag() bool }); ok && b.IsBoolFlag() {
		return 1
	}
	return 2
}

// isKey says whether a word is spelled like an account, a key or a vault id.
func isKey(word string) bool {
	_, err := id.ParseThumbprint(word)
	return err == nil
}
