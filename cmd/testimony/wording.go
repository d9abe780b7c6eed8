package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// names finds the verified names of readers, each looked up once.
type names struct {
	c     *client.Client
	known map[api.Account]string
}

func newNames(c *client.Client) *names { return &names{c, map[api.Account]string{}} }

// of gives name and institution as stewards signed them, or nothing: what nobody
// vouches for is not shown.
func (n *names) of(ctx context.Context, account api.Account) string {
	name, ok := n.known[account]
	if !ok {
		if r, err := n.c.Researcher(ctx, account); err == nil {
			name = fmt.Sprintf("%s (%s)", r.Name, r.Institution)
		}
		n.known[account] = name
	}
	return name
}

// who names a reader; the account alone where no name is vouched for.
func who(name string, account api.Account) string {
	if name == "" {
		return fmt.Sprintf("account %s, for whom nobody vouches now", account)
	}
	return name
}

func parts(n int) string {
	if n == 1 {
		return "1 part"
	}
	return fmt.Sprintf("%d parts", n)
}

func testimonies(n int) string {
	if n == 1 {
		return "1 testimony"
	}
	return fmt.Sprintf("%d testimonies", n)
}

// partList writes part 1, parts 1 and 2, parts 1, 2 and 3.
func partList(numbers []int64) string {
	var texts []string
	for _, n := range numbers {
		texts = append(texts, fmt.Sprint(n))
	}
	switch len(texts) {
	case 0:
		return "no part"
	case 1:
		return "part " + texts[0]
	}
	last := len(texts) - 1
	return "parts " + strings.Join(texts[:last], ", ") + " and " + texts[last]
}

func stateWords(state api.GrantState, terms api.Terms) string {
	switch state {
	case api.GrantLive:
		return "open until the end of " + lastDay(terms.Until)
	case api.GrantWaiting:
		return "not before " + day(terms.From)
	case api.GrantEnded:
		return "ended with " + lastDay(terms.Until)
	case api.GrantSuspended:
		return "closed, because the stewards do not vouch for the reader now"
	case api.GrantRevoked:
		return "taken back"
	case api.GrantHeld:
		return "closed until it is renewed, because the vault was restored from an older backup"
	case api.GrantPaused:
		return "paused"
	case api.GrantWithheld:
		return "closed until what it depends on has happened"
	case api.GrantUsedUp:
		return fmt.Sprintf("opened as often as allowed, %s", timesEach(terms.MaxReads))
	}
	return string(state)
}

// timesEach is how often each part may be opened.
func timesEach(n int64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times each part", n)
}

// inOrder sorts openings by time, and those of one second by part.
func inOrder(all []api.Opening) []api.Opening {
	out := append([]api.Opening{}, all...)
	slices.SortFunc(out, func(a, b api.Opening) int { return cmp.Or(cmp.Compare(a.Opened, b.Opened), cmp.Compare(a.N, b.N)) })
	return out
}

// opening says what was fetched in one opening.
func opening(o api.Opening) string {
	act := "opened"
	if o.Export {
		act = "exported"
	}
	text := fmt.Sprintf("part %d was %s on %s: ", o.N, act, moment(o.Opened))
	if o.Complete {
		return text + "all of it was fetched"
	}
	return text + size(o.Bytes) + " of it were fetched"
}

func daysOf(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
