package main

import (
	"context"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

func checkInCommand() command {
	return command{
		name: "check-in", brief: "say that you are there",
		about: `Ends a silence, however long it has lasted, and does nothing else. Everything else
that you sign does so, too. When this returns, nothing is given out any more because
of your silence; what had been opened before stays with the reader, and stands in
testimony feed.`,
		make: func() action { return new(checkIn) },
	}
}

type checkIn struct{ connection }

func (a *checkIn) run(ctx context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	return a.account(ctx, p, func(ctx context.Context, c *client.Client) error {
		if err := c.CheckIn(ctx); err != nil {
			return err
		}
		return p.tell(map[string]any{"heard": true}, func(out *screen) {
			out.sayf("You have been heard. Your silence is counted anew from the end of today, and whoever\nclaimed your account gets nothing.\n")
		})
	})
}

// remind says at every sign-in what her silence leads to: there is no other way to
// reach her. That it cannot be found out now is no reason to stop: it is asked
// again the next time.
func (p *program) remind(ctx context.Context, c *client.Client) {
	list, err := c.Silences(ctx)
	if err != nil {
		return
	}
	for _, n := range list {
		p.err.sayf("%s", silenceWords(n, c.Time().Unix()))
	}
}

func silenceWords(n api.SilenceNotice, now int64) string {
	if now >= n.ReleaseAt {
		return "NOTICE: you have signed nothing for so long that testimony " + string(n.Testimony) + " is open by policy " + string(n.Policy) +
			", since " + moment(n.ReleaseAt) + ".\nTo close it: testimony check-in\n"
	}
	return "NOTICE: you have signed nothing since before " + moment(n.NoticeAt) + ". If you stay silent, testimony " + string(n.Testimony) +
		" opens by policy " + string(n.Policy) + " on " + moment(n.ReleaseAt) + ".\nTo say no: testimony check-in\n"
}
