package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// store brings one content into a testimony. What is stored already is not sent
// again, and what an earlier try has begun is gone on with.
func (a *add) store(ctx context.Context, p *program, c *client.Client, t api.ID, content client.Content) (int64, error) {
	switch {
	case a.onArrival:
		return c.AddOnArrival(ctx, t, content)
	case a.beside:
		return c.AddPart(ctx, t, content)
	}
	n, err := c.FindStored(ctx, t, content)
	if n > 0 {
		p.err.sayf("This file is stored already, as part %d: nothing was sent. To store it once more: --beside\n", n)
	}
	if n > 0 || err != nil {
		return n, err
	}
	r, err := c.FindUnfinished(ctx, t, content)
	if err != nil {
		return 0, otherFile(err)
	}
	if r == nil {
		return c.AddPart(ctx, t, content)
	}
	p.goingOn(r.Unfinished)
	return c.Resume(ctx, r)
}

// goingOn says before a byte is sent what is going to be sent.
func (p *program) goingOn(u client.Unfinished) {
	switch {
	case !u.Known():
		p.err.sayf("An earlier try had hardly begun. It begins again as part %d.\n", u.N)
	case u.Received == u.Length:
		p.err.sayf("An earlier try of this very file has arrived whole. Nothing has to be sent again.\n")
	default:
		p.err.sayf("Going on where an earlier try of this very file ended: %s of %s are there, as part %d of testimony %s.\n",
			size(u.Received), size(u.Length), u.N, u.Testimony)
	}
}

// otherFile says what to do with a file that looks like one under way and is not.
func otherFile(err error) error {
	var other *client.OtherContent
	if !errors.As(err, &other) {
		return err
	}
	u := other.Begun
	return mistake{exitRefused, fmt.Sprintf("this is not the file whose upload was begun under this name (part %d of testimony %s), or it was changed since: "+
		"nothing of it was sent. What has arrived is safe%s. To go on with it, give the file as it was. "+
		"To store this file as a part of its own: add --beside. To give the other one up: testimony abandon %s %d",
		u.N, u.Testimony, keptUntil(", kept to the end of", u.Until), u.Testimony, u.N)}
}

// begunBefore looks whether a new testimony was begun with one of these contents
// and is not finished: then it is gone on with, in the place of a second one.
func (a *add) begunBefore(ctx context.Context, p *program, c *client.Client, contents []toAdd) (api.ID, error) {
	if a.onArrival || a.beside {
		return "", nil
	}
	for i, content := range contents {
		r, err := c.FindUnfinished(ctx, "", content.after(int64(i)))
		if errors.As(err, new(*client.OtherContent)) {
			continue // a new testimony may hold another file of that name
		}
		if err != nil || r == nil || !r.Known() {
			if err != nil {
				return "", err
			}
			continue
		}
		p.err.sayf("Testimony %s was begun with this very file and is not finished. Going on there, so that there are not two of it.\n"+
			"Its title and all that was said of it stay. To begin another one all the same: --beside\n", r.Testimony)
		return r.Testimony, nil
	}
	return "", nil
}
