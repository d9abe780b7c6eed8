package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/shamir"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
)

// ErrOldClaim: a claim by a key that the claimant has given up since. It is an
// ErrRefused.
const ErrOldClaim = refused("it was made before you changed your words, and shares for it are sealed to the old ones: claim anew, with words that are new")

// Recovered makes the lost secret from what trustees released. It is ErrNotFound
// until the wait is over and enough of them have. Each share is held against what
// its trustee signed for and the digest that she signed, and the secret against the
// key that she signed with: a false share names its trustee, who cannot blame the
// vault, nor the vault the trustee (FalseShares), and enough right ones do. Change
// the words at once (Rekey): whoever found the old ones has them too.
func (c *Client) Recovered(ctx context.Context, claim api.ID, account api.Account) (Secret, error) {
	s, err := c.recovered(ctx, claim, account)
	if err != nil {
		return Secret{}, fmt.Errorf("recover the words: %w", err)
	}
	return s, nil
}

func (c *Client) recovered(ctx context.Context, claim api.ID, account api.Account) (Secret, error) {
	mine, err := c.claimOf(ctx, claim, account)
	if err != nil {
		return Secret{}, err
	}
	var answer api.RecoveredShares
	if err := c.get(ctx, "/v1/claims/"+string(claim)+"/shares", &answer); err != nil {
		return Secret{}, err
	}
	s, from, body, err := c.recoveryOf(answer.Recovery, answer.Rekeys)
	if err != nil || from != account || answer.Account != account {
		return Secret{}, errors.Join(ErrRecoveryForged, err)
	}
	shares, err := c.sharesFor(mine, body, answer.Shares)
	if err != nil {
		return Secret{}, err
	}
	bits, err := shamir.Combine(shares)
	if err != nil {
		return Secret{}, err
	}
	lost, err := phrase.FromBytes(bits)
	if err != nil {
		return Secret{}, fmt.Errorf("%w: %w", ErrRecoveryForged, err)
	}
	if keys, err := KeysFor(lost, c.vault); err != nil || keys.ID != s.Issuer {
		return Secret{}, errors.Join(ErrRecoveryForged, err)
	}
	return lost, nil
}

// claimOf is this account's own claim, by its own chain.
func (c *Client) claimOf(ctx context.Context, claim api.ID, account api.Account) (*statement.Statement, error) {
	if c.keys == nil {
		return nil, ErrNoKeys
	}
	h, err := c.refresh(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range h.chain.Statements {
		body, ok := s.Body.(*statement.Claim)
		if !ok || s.ID != claim || body.Account != account {
			continue
		}
		if s.Issuer != c.keys.ID {
			return nil, ErrOldClaim
		}
		return s, nil
	}
	return nil, fmt.Errorf("claim %s: %w", claim, ErrNotFound)
}

// sharesFor takes the right shares and names who gave others.
func (c *Client) sharesFor(claim *statement.Statement, body *statement.Recovery, given []api.ReleasedShare) ([]secret.Bytes, error) {
	var good []secret.Bytes
	var seen, bad []api.Account
	for _, g := range given {
		i := slices.IndexFunc(body.Trustees, func(t statement.Share) bool { return t.Account == g.Account })
		if i < 0 || slices.Contains(seen, g.Account) {
			return nil, ErrShareSwapped
		}
		if err := c.checkVote(claim, g); err != nil {
			return nil, err
		}
		seen = append(seen, g.Account)
		card, err := sharedkey.OpenFile(g.Share, c.keys)
		if err == nil {
			err = sharedkey.CheckShare(card.Share, body.Trustees[i].ShareSHA256)
		}
		if err != nil { // what the trustee signed for is no share, or another one
			bad = append(bad, g.Account)
			continue
		}
		good = append(good, card.Share)
	}
	if int64(len(good)) < body.Threshold {
		return nil, &FalseShares{Accounts: bad, Missing: int(body.Threshold) - len(good)}
	}
	return good[:body.Threshold], nil
}
