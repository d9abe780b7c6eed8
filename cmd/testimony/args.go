package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/id"
)

var (
	errTooFew  = mistake{exitUsage, "something is missing"}
	errTooMany = mistake{exitUsage, "there is a word too many"}
)

// spelled adds to a miscounted call how the command is given.
func (c command) spelled(err error) error {
	if err != errTooFew && err != errTooMany {
		return err
	}
	form := strings.TrimSpace("testimony " + c.name + " " + c.args)
	return usage("%s: nothing was done. It is given as: %s (see testimony help %s)", err, form, c.name)
}

// takes checks how many words a command was given besides its flags.
func takes(args []string, least, most int) error {
	switch {
	case len(args) < least:
		return errTooFew
	case most >= 0 && len(args) > most:
		return errTooMany
	}
	return nil
}

func testimonyID(text string) (api.ID, error) {
	t, err := id.Parse(text)
	if err != nil {
		return "", usage("%q is not the id of a testimony: testimony list shows them", text)
	}
	return t, nil
}

func grantID(text string) (api.ID, error) {
	g, err := id.Parse(text)
	if err != nil {
		return "", usage("%q is not the id of a grant: it has 26 letters and digits", text)
	}
	return g, nil
}

func policyID(text string) (api.ID, error) {
	p, err := id.Parse(text)
	if err != nil {
		return "", usage("%q is not the id of a policy: testimony policy list or testimony trustee list shows them", text)
	}
	return p, nil
}

func accountOf(text string) (api.Account, error) {
	a, err := id.ParseThumbprint(text)
	if err != nil {
		return "", usage("%q is not an account: it has 43 letters and digits", text)
	}
	return a, nil
}

func partNumber(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, usage("%q is not the number of a part: they count from 1", text)
	}
	return n, nil
}

// partNumbers reads 1,2,5.
func partNumbers(text string) ([]int64, error) {
	var out []int64
	for _, t := range strings.Split(text, ",") {
		n, err := partNumber(strings.TrimSpace(t))
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// list is a flag that can be given several times.
type list []string

func (l *list) String() string { return strings.Join(*l, ", ") }

// Set adds one.
func (l *list) Set(text string) error {
	*l = append(*l, text)
	return nil
}
