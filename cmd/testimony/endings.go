package main

import (
	"context"
	"errors"
	"flag"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

func endingsCommand() command {
	return command{
		name: "endings", brief: "show what was taken back from you, and what you owe for it",
		about: `Shows every grant to you that has ended by its giver's act: what you had fetched
under it, by when you owe an answer, and what you have answered. Answer with
testimony reply. While an answer is late, nobody can grant you anything.`,
		make: func() action { return new(endings) },
	}
}

type endings struct{ connection }

// taken is an ending as programs read it.
type taken struct {
	Grant     api.ID           `json:"grant"`
	From      api.Account      `json:"granted_by"`
	Testimony api.ID           `json:"testimony,omitempty"` // absent once it is erased
	Act       statement.Act    `json:"act,omitempty"`
	Parts     []int64          `json:"parts"`
	State     api.ClosureState `json:"state"`
	Day       int64            `json:"day"`
	Due       int64            `json:"due"`
	Fetched   []api.Opening    `json:"fetched"`
	Notes     int64            `json:"notes"` // parts of which the vault has destroyed the reader's notes
	Doubt     string           `json:"doubt,omitempty"`
}

func takenOf(list []client.Ending) (out []taken, doubts error) {
	out = []taken{}
	for _, e := range list {
		t := taken{e.Grant, e.From, e.Testimony, e.Act, e.Parts, e.State, e.Day, e.Due, inOrder(e.Fetched), e.Notes, ""}
		if e.Err != nil {
			t.Doubt, doubts = e.Err.Error(), errors.Join(doubts, e.Err)
		}
		out = append(out, t)
	}
	return out, doubts
}

func (a *endings) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		list, err := c.Endings(ctx)
		if err != nil {
			return err
		}
		answer, doubts := takenOf(list)
		err = p.tell(map[string]any{"endings": answer}, func(out *screen) {
			if len(answer) == 0 {
				out.sayf("Nothing was taken back from you.\n")
			}
			for _, t := range answer {
				showTaken(out, t)
			}
		})
		return errors.Join(doubts, err)
	})
}

func showTaken(out *screen, t taken) {
	if t.Doubt != "" {
		out.sayf("grant %s\n  Careful: %s\n", t.Grant, t.Doubt)
		return
	}
	of := "of a testimony that is erased"
	if t.Testimony != "" {
		of = "of testimony " + string(t.Testimony)
	}
	out.sayf("grant %s: %s %s, from %s, taken back on %s\n", t.Grant, partList(t.Parts), of, t.From, day(t.Day))
	for _, o := range t.Fetched {
		out.sayf("  %s\n", opening(o))
	}
	if len(t.Fetched) == 0 {
		out.sayf("  you had opened nothing of it\n")
	}
	if t.Notes > 0 {
		out.sayf("  the vault has destroyed your notes about %d parts: destroy what you have of them elsewhere, too\n", t.Notes)
	}
	out.sayf("  %s\n", owedWords(t))
}

// owedWords says how the end of a grant stands, for its reader.
func owedWords(t taken) string {
	switch t.State {
	case api.ClosureNotified:
		return "you owe an answer before " + day(t.Due)
	case api.ClosureAcknowledged:
		if len(t.Fetched) > 0 {
			return "you have said that you saw it, and owe word of your copies before " + day(t.Due)
		}
		return "you have said that you saw it: nothing more is owed"
	case api.ClosureDestroyed:
		return "you have said that every copy is destroyed"
	case api.ClosureKept:
		return "you have said that you keep it"
	case api.ClosureSilent:
		return "YOUR ANSWER IS LATE: until it is there nobody can grant you anything"
	}
	return string(t.State)
}

func replyCommand() command {
	return command{
		name: "reply", args: "GRANT --acknowledge | --destroyed | --kept REASON, or --all --acknowledge", brief: "answer to the end of a grant",
		about: `Signs your answer and sends it; she sees it.

  --acknowledge   you have seen that it was taken back. Where you had fetched
                  nothing, that is all you owe. With --all, of everything that you
                  have not answered to yet
  --destroyed     every copy is gone: files, age files, backups, prints, copies that
                  others got from you. Shows what you had fetched and asks you. With
                  --look DIR it looks for folders of the grant first, and refuses
                  while there is one
  --kept REASON   you keep it, and why. She is shown your reason

This program keeps no list of what it saved: only you know all copies.`,
		make: func() action { return new(reply) },
	}
}

type reply struct {
	connection
	acknowledge, destroyed, all, yes bool
	kept                             string
	look                             list
}

func (a *reply) flags(f *flag.FlagSet) {
	a.connection.flags(f)
	f.BoolVar(&a.acknowledge, "acknowledge", false, "you have seen that it was taken back")
	f.BoolVar(&a.destroyed, "destroyed", false, "every copy is gone")
	f.StringVar(&a.kept, "kept", "", "you keep it, for this `REASON`")
	f.Var(&a.look, "look", "a folder `DIR` to look for copies in; can be repeated")
	f.BoolVar(&a.all, "all", false, "with --acknowledge: all that you have not answered to")
	f.BoolVar(&a.yes, "yes", false, "do not ask")
}

func (a *reply) run(ctx context.Context, p *program, args []string) error {
	if a.all {
		return a.acknowledgeAll(ctx, p, args)
	}
	if err := takes(args, 1, 1); err != nil {
		return err
	}
	g, err := grantID(args[0])
	if err != nil {
		return err
	}
	answer, err := a.answer(g)
	if err != nil {
		return err
	}
	return a.account(ctx, p, func(limited context.Context, c *client.Client) error {
		if a.destroyed {
			answer.Confirm = func(list []client.Ending) error { return a.confirm(ctx, p, g, list) }
		}
		if err := c.Reply(limited, answer); err != nil {
			return err
		}
		return p.tell(map[string]any{"grant": g, "reply": answer.Say, "reason": answer.Reason}, func(out *screen) {
			out.sayf("Signed and sent: %s. She can see it.\n", map[string]string{
				statement.Acknowledged: "you have seen that grant " + string(g) + " was taken back",
				statement.Destroyed:    "every copy of what you had by grant " + string(g) + " is destroyed",
				statement.Kept:         "you keep what you had by grant " + string(g),
			}[answer.Say])
		})
	})
}

// acknowledgeAll says of everything unanswered that it was seen. An end that its
// giver did not sign is left out, and said.
func (a *reply) acknowledgeAll(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	if !a.acknowledge || a.destroyed || a.kept != "" {
		return usage("--all goes with --acknowledge alone: what became of copies is said for each grant")
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		list, err := c.Endings(ctx)
		if err != nil {
			return err
		}
		done, doubts := []api.ID{}, error(nil)
		for _, e := range list {
			if e.Err != nil || e.Reply != nil || slices.Contains(done, e.Grant) {
				doubts = errors.Join(doubts, e.Err)
				continue
			}
			if err := c.Reply(ctx, client.Answer{Grant: e.Grant, Say: statement.Acknowledged}); err != nil {
				return err
			}
			done = append(done, e.Grant)
		}
		err = p.tell(map[string]any{"acknowledged": done}, func(out *screen) {
			out.sayf("Signed and sent: you have seen what was taken back (grants: %d).\n", len(done))
		})
		return errors.Join(doubts, err)
	})
}

func (a *reply) answer(g api.ID) (client.Answer, error) {
	out, said := client.Answer{Grant: g, Reason: a.kept}, 0
	for say, is := range map[string]bool{statement.Acknowledged: a.acknowledge, statement.Destroyed: a.destroyed, statement.Kept: a.kept != ""} {
		if is {
			out.Say, said = say, said+1
		}
	}
	if said != 1 {
		return out, usage("say one of --acknowledge, --destroyed, --kept REASON")
	}
	return out, nil
}

// confirm shows what had been fetched and asks for the word of a person.
func (a *reply) confirm(ctx context.Context, p *program, g api.ID, list []client.Ending) error {
	found, err := copiesOf(g, a.look)
	if err != nil {
		return err
	}
	all, _ := takenOf(list)
	for _, t := range all {
		showTaken(p.err, t)
	}
	for _, dir := range found {
		p.err.sayf("  still there: %s\n", dir)
	}
	if len(found) > 0 {
		return mistake{exitRefused, "there are copies left: nothing was signed. Destroy them, and answer again"}
	}
	p.err.sayf("You are about to sign that nothing of this is left with you or with anybody who got it from you.\n")
	return p.agreeByWord(ctx, a.yes, "destroyed")
}
