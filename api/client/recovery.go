package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/shamir"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
)

// What can be wrong with a recovery.
const (
	// ErrRecoveryForged: a recovery or claim that is not what its signer signed.
	ErrRecoveryForged = distrust("the vault's word about this recovery is not what was signed: nothing was given or taken")
)

// RecoveryTerms are who can give her words back.
type RecoveryTerms struct {
	Trustees  []api.Account // by their fingerprints, which she was given by themselves
	Threshold int           // how many of them it takes
	Wait      int           // days between a claim and the shares, in which she can say no
	Note      string        // to the trustees
}

// SetRecovery lets trustees give the secret back, in place of an earlier recovery.
// s is the secret of the client's own keys: nothing else would be worth sharing.
// Stewards are refused, since nobody who guards the vault may hold a share.
func (c *Client) SetRecovery(ctx context.Context, s Secret, r RecoveryTerms) error {
	if err := c.setRecovery(ctx, s, r); err != nil {
		return fmt.Errorf("set the recovery: %w", err)
	}
	return nil
}

func (c *Client) setRecovery(ctx context.Context, s Secret, r RecoveryTerms) error {
	if keys, err := KeysFor(s, c.vault); err != nil || c.keys == nil || keys.ID != c.keys.ID {
		return errors.Join(ErrNoKeys, err)
	}
	trustees, err := c.recoverers(ctx, r)
	if err != nil {
		return err
	}
	shares, err := shamir.Split(c.rand, secret.Copy(s.Reveal()), len(trustees), r.Threshold)
	if err != nil {
		return refused(err.Error())
	}
	body := statement.Recovery{Threshold: int64(r.Threshold), Wait: int64(r.Wait) * statement.Day}
	request := api.NewRecovery{}
	for i, k := range trustees {
		named, file, err := k.entrust(shares[i], PolicyTerms{Threshold: r.Threshold, Note: r.Note}, len(trustees))
		if err != nil {
			return err
		}
		body.Trustees, request.Shares = append(body.Trustees, named), append(request.Shares, file)
	}
	return c.sayRecovery(ctx, body, request)
}

// recoverers are the trustees, by account.
func (c *Client) recoverers(ctx context.Context, r RecoveryTerms) ([]known, error) {
	if _, err := c.history(ctx); err != nil { // says whose account these keys are
		return nil, err
	}
	guards, err := c.stewards(ctx)
	if err != nil {
		return nil, err
	}
	list := slices.SortedFunc(slices.Values(r.Trustees), func(a, b api.Account) int { return cmp.Compare(a, b) })
	var out []known
	for _, who := range slices.Compact(list) {
		if guards.ever[who] || who == c.Account() {
			return nil, refused("a steward guards this vault, and you are yourself: choose people who are neither")
		}
		k, err := c.knownAs(ctx, who)
		if err != nil {
			return nil, fmt.Errorf("trustee %s: %w", who, err)
		}
		out = append(out, k)
	}
	return out, nil
}

// EndRecovery takes it back: no trustee can give anything any more.
func (c *Client) EndRecovery(ctx context.Context) error {
	if err := c.sayRecovery(ctx, statement.Recovery{Trustees: []statement.Share{}}, api.NewRecovery{Shares: []api.Bytes{}}); err != nil {
		return fmt.Errorf("end the recovery: %w", err)
	}
	return nil
}

func (c *Client) sayRecovery(ctx context.Context, body statement.Recovery, request api.NewRecovery) error {
	_, err := c.sayWith(ctx, one(func(*history) (statement.Body, error) { return body, nil }), func(signed string, a *api.Accepted) error {
		request.Statement = signed
		return c.post(ctx, "/v1/recoveries", request, a)
	})
	return err
}

// Recovery tells how the account's own recovery stands, and who claims the account
// now. It is the vault's word; any signed act ends every claim.
func (c *Client) Recovery(ctx context.Context) (*api.Recovery, error) {
	out := new(api.Recovery)
	if err := c.get(ctx, "/v1/recoveries", out); err != nil {
		return nil, fmt.Errorf("look at the recovery: %w", err)
	}
	return out, nil
}

// NamedRecovery is one that names this account a trustee, by its maker's word.
type NamedRecovery struct {
	ID        api.ID
	From      api.Account
	Threshold int
	Of        int
	Wait      int // days
	Note      string
	Answer    api.TrusteeAnswer
	Claims    []Claim
	Err       error // everything but ID is then empty

	statement *statement.Statement
	share     secret.Bytes
}

// Claim is somebody who says that an account is theirs. Whether it is true is for
// the trustees to find out, by voice or in person.
type Claim struct {
	ID       api.ID
	Claimant api.Account
	Opened   int64 // Unix seconds, a whole day
	GivesAt  int64
	Err      error // everything but ID is then empty: nothing can be given

	statement *statement.Statement
	recipient string
}

// NamedRecoveries lists those that name this account. Each share is held against
// what was signed. One that fails carries the error.
func (c *Client) NamedRecoveries(ctx context.Context) ([]*NamedRecovery, error) {
	return c.namedRecoveries(ctx, "/v1/recoveries/named")
}

func (c *Client) namedRecoveries(ctx context.Context, path string) ([]*NamedRecovery, error) {
	var answer api.NamedRecoveries
	if err := c.get(ctx, path, &answer); err != nil {
		return nil, fmt.Errorf("list recoveries: %w", err)
	}
	var out []*NamedRecovery
	for _, a := range answer.Recoveries {
		n, err := c.verifyRecovery(a)
		if err != nil {
			n = &NamedRecovery{ID: a.Recovery, Err: err}
		}
		out = append(out, n)
	}
	return out, nil
}

func (c *Client) verifyRecovery(a api.NamedRecovery) (*NamedRecovery, error) {
	n, mine, err := c.namedToRecover(a)
	if err != nil {
		return nil, err
	}
	if mine.RecipientSHA256 != sharedkey.Digest([]byte(c.keys.Recipient)) {
		return nil, ErrOldShare
	}
	if sharedkey.Digest(a.Share) != mine.SealedSHA256 {
		return nil, ErrRecoveryForged
	}
	card, err := sharedkey.OpenFile(a.Share, c.keys)
	if err == nil {
		err = sharedkey.CheckShare(card.Share, mine.ShareSHA256)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecoveryForged, err)
	}
	n.Note, n.share = printable(card.Note), card.Share
	for _, claimed := range a.Claims {
		one, err := c.verifyClaim(claimed, n.From)
		if err != nil { // a stranger's claim must not stand in the way of hers
			one = Claim{ID: claimed.Claim, Err: err}
		}
		n.Claims = append(n.Claims, one)
	}
	return n, nil
}

// recoveryOf reads a recovery statement and whose it is.
func (c *Client) recoveryOf(text string, rekeys []string) (*statement.Statement, api.Account, *statement.Recovery, error) {
	s, err := c.foreign(text)
	if err != nil {
		return nil, "", nil, err
	}
	body, ok := s.Body.(*statement.Recovery)
	if !ok {
		return nil, "", nil, ErrRecoveryForged
	}
	_, from, err := author(s, rekeys)
	return s, from, body, err
}

// verifyClaim holds a claim and its key against the claimant that it names: what is
// compared by voice is the fingerprint of the key that the share is sealed to.
func (c *Client) verifyClaim(a api.Claimed, account api.Account) (Claim, error) {
	s, err := c.foreign(a.Said)
	if err != nil {
		return Claim{}, fmt.Errorf("%w: %w", ErrRecoveryForged, err)
	}
	key, err := c.foreign(a.Key)
	if err != nil {
		return Claim{}, fmt.Errorf("%w: %w", ErrRecoveryForged, err)
	}
	body, ok := s.Body.(*statement.Claim)
	first, isKey := key.Body.(*statement.Key)
	if !ok || !isKey || s.ID != a.Claim || body.Account != account || s.Issuer != a.Claimant || key.Issuer != a.Claimant {
		return Claim{}, ErrRecoveryForged
	}
	return Claim{ID: a.Claim, Claimant: a.Claimant, Opened: a.Opened, GivesAt: a.GivesAt, statement: s, recipient: first.Recipient}, nil
}

// ReleaseTo gives this trustee's share to a claimant. claimant is the fingerprint
// that the person told by voice or in person, never what the vault shows: it is the
// only thing that keeps somebody else from getting the share.
func (c *Client) ReleaseTo(ctx context.Context, claim api.ID, claimant api.Account) error {
	if err := c.releaseTo(ctx, claim, claimant); err != nil {
		return fmt.Errorf("release the share: %w", err)
	}
	return nil
}

func (c *Client) releaseTo(ctx context.Context, claim api.ID, claimant api.Account) error {
	// Of this claimant alone first: anybody can claim, and a list has an end.
	for _, path := range []string{"/v1/recoveries/named?claimant=" + string(claimant), "/v1/recoveries/named"} {
		list, err := c.namedRecoveries(ctx, path)
		if err != nil {
			return err
		}
		if err := c.releaseOf(ctx, list, claim, claimant); !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return fmt.Errorf("claim %s: %w", claim, ErrNotFound)
}

// releaseOf finds the claim in a list and gives the share.
func (c *Client) releaseOf(ctx context.Context, list []*NamedRecovery, claim api.ID, claimant api.Account) error {
	for _, n := range list {
		i := slices.IndexFunc(n.Claims, func(c Claim) bool { return c.ID == claim })
		if i < 0 {
			continue
		}
		if err := n.Claims[i].Err; err != nil {
			return err
		}
		if n.Claims[i].Claimant != claimant {
			return refused("the fingerprint is not the claimant's: nothing was released; somebody else may be claiming her account")
		}
		return c.sealTo(ctx, n, n.Claims[i])
	}
	return ErrNotFound
}

func (c *Client) sealTo(ctx context.Context, n *NamedRecovery, to Claim) error {
	file, err := sharedkey.SealFile(sharedkey.Card{Share: n.share, Threshold: int64(n.Threshold), Of: int64(n.Of)}, to.recipient)
	if err != nil {
		return err
	}
	_, err = c.sayWith(ctx, one(func(*history) (statement.Body, error) {
		return statement.Release{Of: to.ID, OfSHA256: hashText(to.statement), SealedSHA256: sharedkey.Digest(file)}, nil
	}), func(signed string, a *api.Accepted) error {
		return c.post(ctx, "/v1/claims/"+string(to.ID)+"/releases", api.NewRelease{Statement: signed, Share: file}, a)
	})
	return err
}

// Claim says that an account whose words are lost is this person's, and gives the
// claim's id. What comes of it, the trustees decide.
func (c *Client) Claim(ctx context.Context, account api.Account) (api.ID, error) {
	s, err := c.sayOne(ctx, "/v1/claims", one(func(*history) (statement.Body, error) { return statement.Claim{Account: account}, nil }))
	if err != nil {
		return "", fmt.Errorf("claim the account: %w", err)
	}
	return s.ID, nil
}
