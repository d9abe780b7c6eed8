package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
)

// SharedKey is the key of a grant that trustees had to release, made again from
// their shares. It prints as [redacted].
type SharedKey = sharedkey.Key

// Shared is a shared key, and who gave it.
type Shared struct {
	Key      *SharedKey
	Trustees []api.Account // whose shares were right
	False    []api.Account // whose shares were not what she had given them
}

// SharedKey makes the key of a grant whose policy is fulfilled. Each share is held
// against the digest in her policy statement, so one false share neither spoils
// the key nor stays unknown; with too few right ones it is a FalseShares. Wipe the
// key after use: with it, stock age opens the parts of the grant.
func (c *Client) SharedKey(ctx context.Context, grant api.ID) (*Shared, error) {
	r, err := c.inboxGrant(ctx, grant)
	if err != nil {
		return nil, fmt.Errorf("make the shared key: %w", err)
	}
	s, err := c.sharedKey(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("make the shared key: %w", err)
	}
	return s, nil
}

func (c *Client) sharedKey(ctx context.Context, r *Received) (*Shared, error) {
	if r.Policy == "" || r.shared == "" {
		return nil, refused("this grant is sealed to your own key")
	}
	var answer api.Shares
	err := c.get(ctx, "/v1/inbox/"+string(r.ID)+"/shares", &answer)
	if errors.Is(err, ErrNotFound) {
		return nil, ErrNotReleased
	}
	if err != nil {
		return nil, err
	}
	policy, err := c.policyOf(r, answer.Policy)
	if err != nil {
		return nil, err
	}
	return c.combine(policy, answer.Shares)
}

// policyOf checks that a statement is the policy that the grant names, made by
// the one who granted, for this reader and this key.
func (c *Client) policyOf(r *Received, text string) (*statement.Statement, error) {
	s, err := c.foreign(text)
	if err != nil {
		return nil, fmt.Errorf("%w: policy: %w", ErrGrantForged, err)
	}
	body, ok := s.Body.(*statement.Policy)
	if from, err := r.lineage.Author(s); err != nil || from != r.From {
		return nil, fmt.Errorf("%w: its policy is somebody else's", ErrGrantForged)
	}
	if !ok || s.ID != r.Policy || body.Testimony != r.Testimony || body.Grantee != c.Account() || body.RecipientSHA256 != r.shared {
		return nil, fmt.Errorf("%w: its policy is another one", ErrGrantForged)
	}
	return s, nil
}

// combine takes the right shares and names who gave others.
func (c *Client) combine(policy *statement.Statement, votes []api.ReleasedShare) (*Shared, error) {
	body, _ := policy.Body.(*statement.Policy)
	out := new(Shared)
	var shares []secret.Bytes
	for _, v := range votes {
		i := slices.IndexFunc(body.Trustees, func(t statement.Share) bool { return t.Account == v.Account })
		if i < 0 || slices.Contains(out.Trustees, v.Account) || slices.Contains(out.False, v.Account) {
			return nil, ErrShareSwapped
		}
		if err := c.checkVote(policy, v); err != nil {
			return nil, err
		}
		card, err := sharedkey.OpenFile(v.Share, c.keys)
		if err == nil {
			err = sharedkey.CheckShare(card.Share, body.Trustees[i].ShareSHA256)
		}
		if err != nil { // what the trustee signed for is no share, or another one
			out.False = append(out.False, v.Account)
			continue
		}
		out.Trustees, shares = append(out.Trustees, v.Account), append(shares, card.Share)
	}
	if int64(len(shares)) < body.Threshold {
		return nil, &FalseShares{Accounts: out.False, Missing: int(body.Threshold) - len(shares)}
	}
	var err error
	out.Key, err = sharedkey.Combine(shares[:body.Threshold], body.RecipientSHA256)
	return out, err
}

// checkVote makes sure that the file is the one that this trustee signed for, on
// this policy or claim: what
// is wrong with it is then the trustee's doing and not the vault's.
func (c *Client) checkVote(on *statement.Statement, v api.ReleasedShare) error {
	s, err := c.foreign(v.Statement)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrShareSwapped, err)
	}
	_, from, err := author(s, v.Rekeys)
	body, ok := s.Body.(*statement.Release)
	if err != nil || !ok || from != v.Account || body.Of != on.ID || body.OfSHA256 != hashText(on) || body.SealedSHA256 != sharedkey.Digest(v.Share) {
		return ErrShareSwapped
	}
	return nil
}

// wanted is what was signed for a part of a grant and where it is, with the key
// that opens it where that is not the reader's own. The caller forgets it.
func (c *Client) wanted(ctx context.Context, r *Received, n int64) (from origin, want expected, err error) {
	from, want, err = r.part(n)
	if err != nil || r.shared == "" {
		return from, want, err
	}
	s, err := c.sharedKey(ctx, r)
	if err != nil {
		return from, want, err
	}
	want.with = s.Key
	return from, want, nil
}

// forget wipes a key that was made for this one opening.
func (e expected) forget() {
	if e.with != nil {
		e.with.Wipe()
	}
}
