package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// Transparency writes what the public is told about a time, from the register, as
// Markdown. An entry that another replaces does not count.
func Transparency(w io.Writer, list []Entry, from, until time.Time) error {
	replaced := map[int64]bool{}
	for _, e := range list {
		replaced[e.Replaces] = true
	}
	p := &printer{w: w}
	p.line("# Transparency report, %s to %s\n", from.Format(time.DateOnly), until.Format(time.DateOnly))
	counts, accounts, total := map[[4]string]int64{}, map[[4]string]int64{}, 0
	for _, e := range list {
		d, err := time.Parse(time.DateOnly, e.Day)
		if err != nil || d.Before(from) || d.After(until) || replaced[e.N] {
			continue
		}
		key := [4]string{e.Kind, e.Country, e.Authority, e.Answer}
		counts[key]++
		accounts[key] += e.Accounts
		total++
	}
	if total == 0 {
		p.line("Nobody demanded anything, nothing was seized, and no incident is known, as far as the register says.")
	} else {
		p.table(fmt.Sprintf("%d entries of the register.\n", total), []string{"Kind", "Country", "By whom", "Answer", "Times", "Accounts"}, lines(counts, accounts))
	}
	p.line("What could be handed over at all is ciphertext and the inventory of [demands](../docs/operate/demands.md): nothing that anybody here can read as testimony.")
	p.line("Silence about a demand that may not be spoken of looks like its absence. The stewards' [canary](../docs/operate/canary.md) is for that.")
	return p.err
}

func lines(counts, accounts map[[4]string]int64) (out [][]string) {
	order := func(a, b [4]string) int { return slices.Compare(a[:], b[:]) }
	for _, key := range slices.SortedFunc(maps.Keys(counts), order) {
		out = append(out, []string{key[0], key[1], key[2], key[3], fmt.Sprint(counts[key]), fmt.Sprint(accounts[key])})
	}
	return out
}
