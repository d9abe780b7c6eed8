package main

import (
	"context"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// ofGrant is a grant of hers as it is typed: [TESTIMONY] GRANT.
type ofGrant struct{ testimony, grant api.ID }

func grantOf(args []string) (g ofGrant, err error) {
	if err := takes(args, 1, 2); err != nil {
		return g, err
	}
	if g.grant, err = grantID(args[len(args)-1]); err != nil || len(args) == 1 {
		return g, err
	}
	g.testimony, err = testimonyID(args[0])
	return g, err
}

// find looks the testimony up in her own statements where it was not typed.
func (g ofGrant) find(ctx context.Context, c *client.Client) (testimony, grant api.ID, err error) {
	if g.testimony == "" {
		g.testimony, err = c.GrantedOn(ctx, g.grant)
	}
	return g.testimony, g.grant, err
}
