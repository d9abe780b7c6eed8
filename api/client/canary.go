package client

import (
	"context"
	"fmt"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/canary"
	"github.com/relatingfield/vault/internal/roster"
)

// Canary is how the stewards stand with their word that no demand came of which they
// may not speak.
type Canary = canary.Standing

// Canary verifies the stewards' words, which come with what the vault says of itself,
// against the roster. A vault can withhold all of them: then it looks like one whose
// stewards never spoke.
func (c *Client) Canary(ctx context.Context, r *Roster) (Canary, error) {
	v, err := c.vaultInfo(ctx)
	if err != nil {
		return Canary{}, err
	}
	return canary.Judge(v.Canary, r, c.latest(v)), nil
}

// latest is the later of the vault's clock and this device's: a vault that sets its
// clock back would make ended words fresh. A device whose clock is far ahead warns for
// nothing, and says how far the clocks are apart.
func (c *Client) latest(v *api.Vault) time.Time {
	if vault := time.Unix(v.Time, 0); vault.After(c.now()) {
		return vault
	}
	return c.now()
}

// SayCanary signs a steward's word for the coming days, for the operator to show. It
// sends nothing.
func (c *Client) SayCanary(days int) (word string, until time.Time, err error) {
	word, err = canary.Sign(roster.VaultID(c.vault), c.keys, c.Time(), days)
	if err != nil {
		return "", until, fmt.Errorf("say the steward's word: %w", err)
	}
	return word, c.Time().AddDate(0, 0, days).UTC().Truncate(24 * time.Hour), nil
}
