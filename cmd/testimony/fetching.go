package main

import (
	"context"
	"errors"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// fetching says what became of what was fetched so far, in a folder, of a grant or a
// testimony, when the line broke or the program was stopped.
func (p *program) fetching(ctx context.Context, folder string, of api.ID, err error) error {
	if (errors.Is(err, client.ErrUnavailable) || ctx.Err() != nil) && client.HasFetched(folder, of) {
		p.err.sayf("What has come is kept in %s, sealed. The same command goes on where it broke.\n", folder)
	}
	return err
}

// dropOf deletes what was fetched so far of a grant that is not there any more.
func dropOf(folder string, grant api.ID, err error) error {
	if folder == "" || !errors.Is(err, client.ErrNotFound) {
		return err
	}
	dropped, dropErr := client.DropFetched(folder, grant)
	if dropped > 0 {
		err = client.ErrTakenBack
	}
	return errors.Join(err, dropErr)
}

// countsAgain says, before it happens, that a fetch that goes on is another opening;
// somebody at a terminal can still say no.
func (p *program) countsAgain(ctx context.Context, _ api.ID, part int64) error {
	p.err.sayf("Part %d: the opening that was begun is over, or she has locked the part anew. To go on is another opening: it counts, and she will see it.\n", part)
	if p.in.terminal == nil {
		return nil
	}
	return p.agree(ctx, false, "Go on?")
}
