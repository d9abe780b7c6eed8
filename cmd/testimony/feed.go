package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

func feedCommand() command {
	return command{
		name: "feed", args: "TESTIMONY", brief: "show everything that happened to a testimony",
		about: `Shows, in order, what you did and what readers did, and apart from it the attempts
that were refused. It is the vault's word; a gap in it is noticed, a missing end
is not. Your own acts have a day, those of readers the minute.`,
		make: func() action { return new(feed) },
	}
}

type feed struct{ connection }

type happening struct {
	api.Event
	Words string `json:"words"`
}

func (a *feed) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	t, err := testimonyID(args[0])
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if _, err := c.Head(ctx); err != nil { // which account it is, the chain says
			return err
		}
		events, denied, err := c.Feed(ctx, t)
		if err != nil {
			return err
		}
		teller := teller{c.Account(), newNames(c)}
		doubt := holdHearings(ctx, c, t, events)
		answer := struct {
			Events []happening `json:"events"`
			Denied []happening `json:"denied"`
		}{teller.all(ctx, events), teller.all(ctx, denied)}
		err = p.tell(answer, func(out *screen) {
			for _, h := range answer.Events {
				out.sayf("%3d  %s\n", h.Seq, h.Words)
			}
			if len(answer.Denied) > 0 {
				out.sayf("Refused:\n")
			}
			for _, h := range answer.Denied {
				out.sayf("     %s\n", h.Words)
			}
		})
		return cmp.Or(doubt, err)
	})
}

// unsigned stands in place of a word that no reader signed.
const unsigned = "unsigned"

// holdHearings lets nobody tell her that she was heard but a reader who signed it: an
// event that says so is held against the reader's statement. What is not signed is
// shown as that, and the rest of the feed all the same.
func holdHearings(ctx context.Context, c *client.Client, t api.ID, events []api.Event) error {
	says := func(e api.Event) bool { return e.Kind == api.EventReplied && heardWords[e.Detail] != "" }
	if !slices.ContainsFunc(events, says) {
		return nil
	}
	grants, doubt := c.Grants(ctx, t)
	for i, e := range events {
		if !says(e) {
			continue
		}
		signed := func(g client.GrantDetail) bool {
			return g.ID == e.Grant && string(g.Grantee) == e.Actor && g.Heard == e.Detail
		}
		if !slices.ContainsFunc(grants, signed) {
			events[i].Detail = unsigned
			doubt = cmp.Or(doubt, error(client.ErrReplyForged))
		}
	}
	return doubt
}

// teller puts events into words, for the person they happened to.
type teller struct {
	me    api.Account
	names *names
}

func (t teller) all(ctx context.Context, events []api.Event) []happening {
	out := []happening{}
	for _, e := range events {
		out = append(out, happening{e, t.when(e) + ": " + t.actor(ctx, e) + " " + deed(e)})
	}
	return out
}

func (t teller) when(e api.Event) string {
	if e.Time != 0 {
		return moment(e.Time)
	}
	return day(e.Day)
}

func (t teller) actor(ctx context.Context, e api.Event) string {
	if e.Actor == string(t.me) {
		return "you"
	}
	if e.Actor == api.ActorVault {
		return "the vault"
	}
	account, err := accountOf(e.Actor)
	if err != nil {
		return e.Actor // a role
	}
	return who(t.names.of(ctx, account), account)
}

// deed is what was done, after the name of whoever did it.
func deed(e api.Event) string {
	switch e.Kind {
	case api.EventCreated:
		return "made this testimony"
	case api.EventCard:
		return "set its title and labels"
	case api.EventBegun:
		return fmt.Sprintf("began to store part %d", e.N)
	case api.EventAdded:
		return fmt.Sprintf("stored part %d", e.N)
	case api.EventReceived:
		return fmt.Sprintf("handed over part %d, which the vault sealed", e.N)
	case api.EventAdopted:
		return fmt.Sprintf("adopted part %d", e.N)
	case api.EventGranted:
		return fmt.Sprintf("let a reader in, by grant %s", e.Grant)
	case api.EventRenewed:
		return fmt.Sprintf("renewed grant %s", e.Grant)
	case api.EventNarrowed:
		return fmt.Sprintf("narrowed grant %s", e.Grant)
	case api.EventAnswered:
		return fmt.Sprintf("answered what was asked about grant %s", e.Grant)
	case api.EventRevoked:
		if e.N > 0 {
			return fmt.Sprintf("took back part %d from grant %s", e.N, e.Grant)
		}
		return fmt.Sprintf("took back grant %s", e.Grant)
	case api.EventReplied:
		return repliedWords(e)
	case api.EventRelocked:
		return fmt.Sprintf("sealed part %d anew", e.N)
	case api.EventRewrapped:
		return "changed the words that open it"
	case api.EventMode:
		return modeDeed(e.Detail)
	case api.EventOpened:
		if e.Detail == eventExport {
			return fmt.Sprintf("exported part %d, by grant %s: it left the vault's world", e.N, e.Grant)
		}
		return fmt.Sprintf("opened part %d, by grant %s", e.N, e.Grant)
	case api.EventPaused:
		return "paused it"
	case api.EventLifted:
		return "lifted the pause"
	case api.EventPolicy:
		return fmt.Sprintf("made policy %s", e.Policy)
	case api.EventAgreed:
		return fmt.Sprintf("agreed to be a trustee, by policy %s", e.Policy)
	case api.EventDeclined:
		return fmt.Sprintf("declined to be a trustee, by policy %s", e.Policy)
	case api.EventVoted:
		return fmt.Sprintf("gave a share to the reader, by policy %s", e.Policy)
	case api.EventReleased:
		return fmt.Sprintf("got the trustees' shares, for grant %s", e.Grant)
	case api.EventDenied:
		return refusal(e)
	}
	return found(e)
}

// found is what the vault found out by itself.
func found(e api.Event) string {
	switch e.Kind {
	case api.EventDamaged:
		return fmt.Sprintf("found that part %d is no longer what was stored, and has no good copy: if you have it, add it again", e.N)
	case api.EventHealed:
		return fmt.Sprintf("has healed part %d, which was no longer what was stored", e.N)
	}
	return string(e.Kind)
}

// repliedWords is what a reader answered to the end of a grant.
func repliedWords(e api.Event) string {
	switch e.Detail {
	case statement.Acknowledged:
		return fmt.Sprintf("has seen the end of grant %s", e.Grant)
	case statement.Destroyed:
		return fmt.Sprintf("says that every copy had by grant %s is destroyed", e.Grant)
	case statement.Kept:
		return fmt.Sprintf("says why what was had by grant %s is kept (testimony withdrawals)", e.Grant)
	}
	if e.Detail == unsigned {
		return fmt.Sprintf("has told you something, says the vault, and did not sign it: do not rely on it (grant %s)", e.Grant)
	}
	if words, ok := heardWords[e.Detail]; ok {
		return fmt.Sprintf("says: %s (grant %s)", words, e.Grant)
	}
	return fmt.Sprintf("answered to the end of grant %s", e.Grant)
}

func refusal(e api.Event) string {
	text := "tried to reach this testimony and got nothing"
	switch {
	case e.N > 0:
		text = fmt.Sprintf("tried to reach part %d and got nothing", e.N)
	case e.Grant != "":
		text = fmt.Sprintf("tried to use grant %s and got nothing", e.Grant)
	}
	switch e.Times {
	case 0, 1:
		return text
	case 2:
		return text + ", twice"
	}
	return fmt.Sprintf("%s, %d times", text, e.Times)
}
