package main

import (
	"context"
	"maps"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// shownCame is how a part came that a partner brought, as programs of readers get it.
type shownCame struct {
	Part      int64         `json:"part"`
	Assurance api.Assurance `json:"assurance"`
	Claimed   bool          `json:"claimed"`
	Readable  bool          `json:"partner_could_read"`
	Signed    bool          `json:"signed"`            // in the grant; else the vault's word
	Partner   api.ID        `json:"partner,omitempty"` // where she lets the reader see it
	Name      string        `json:"name,omitempty"`    // of the partner, as stewards signed it
	Day       int64         `json:"day,omitzero"`
	Doubt     string        `json:"doubt,omitempty"`
}

func cameOf(r *client.Received) (out []shownCame) {
	for _, n := range slices.Sorted(maps.Keys(r.Came)) {
		c := r.Came[n]
		out = append(out, shownCame{Part: n, Assurance: c.Assurance, Claimed: c.Claimed, Readable: c.Readable, Signed: c.Signed, Partner: c.Partner, Day: c.Day})
	}
	return out
}

// nameBringers asks the stewards' word for those whom she lets the reader see. A doubt
// is shown beside the partner's id; it changes nothing of what can be opened.
func nameBringers(ctx context.Context, c *client.Client, r *client.Received, all []shownCame) {
	for i, one := range all {
		if one.Partner == "" {
			continue
		}
		v, err := c.BroughtBy(ctx, r.Came[one.Part])
		switch {
		case err != nil:
			all[i].Doubt = err.Error()
		case v != nil:
			all[i].Name = v.Partner.Name
		}
	}
}

func showCame(out *screen, all []shownCame) {
	for _, c := range all {
		whose := ""
		if !c.Signed {
			whose = "By the vault's word: "
		}
		out.sayf("  Part %d was brought to her. %s%s\n", c.Part, whose, assuranceWords(c.Assurance, c.Claimed))
		if c.Partner != "" {
			out.sayf("    by %s (partner %s), on %s\n", first(c.Name, "a partner"), c.Partner, day(c.Day))
		}
		if c.Doubt != "" {
			out.sayf("    Careful: %s\n", c.Doubt)
		}
	}
}
