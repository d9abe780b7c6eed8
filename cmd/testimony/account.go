package main

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func accountCommand() command {
	return command{
		name: "account", brief: "show what holds for everything you have",
		about: `Shows what is paused and by whom, whether a pause code is good, and what has
happened to your account as a whole. Days, not hours, are kept.`,
		make: func() action { return new(standing) },
	}
}

type standing struct{ connection }

func (a *standing) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		s, err := c.Standing(ctx)
		if err != nil {
			return err
		}
		return p.tell(s, func(out *screen) { showStanding(out, s) })
	})
}

func showStanding(out *screen, s *api.Standing) {
	if len(s.Pauses) == 0 {
		out.sayf("Nothing is paused.\n")
	}
	sayPauses(out, s.Pauses)
	if s.PauseCode {
		out.sayf("There is a pause code: whoever has it can pause everything.\n")
	} else {
		out.sayf("There is no pause code.\n")
	}
	for _, n := range s.Silences {
		out.sayf("Your silence is noticed: policy %s opens testimony %s from %s. To say no: testimony check-in\n", n.Policy, n.Testimony, moment(n.ReleaseAt))
	}
	for _, n := range s.Notices {
		out.sayf("  %s: %s%s\n", day(n.Day), noticeWords(n.Kind), timesWords(n.Times))
	}
}

// sayPauses says what is paused and how to end it.
func sayPauses(out *screen, pauses []api.Pause) {
	for _, p := range pauses {
		by := "you"
		if p.ByCode {
			by = "somebody with your code"
		}
		if p.Testimony == "" {
			out.sayf("Everything is paused, by %s. To end it: testimony lift\n", by)
			continue
		}
		out.sayf("Testimony %s is paused, by %s. To end it: testimony lift %s\n", p.Testimony, by, p.Testimony)
	}
}

func noticeWords(k api.NoticeKind) string {
	switch k {
	case api.NoticePaused:
		return "you paused everything"
	case api.NoticePausedByCode:
		return "somebody used your code to pause everything"
	case api.NoticeLifted:
		return "you lifted the pause of everything"
	case api.NoticeClaimed:
		return "somebody said that this account is theirs, and their words lost"
	case api.NoticeRecovered:
		return "your trustees gave your words to somebody who claimed this account: if it was not you, change them now, testimony rekey"
	case api.NoticeClosing, api.NoticeMoving:
		return endsNotice(k)
	}
	return string(k)
}

func timesWords(n int64) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(", %d times", n)
}
