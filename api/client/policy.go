package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
)

// PolicyTerms say what has to happen before one reader may open what she grants
// under them: so many of the people she trusts agree, or she has been silent for
// so long, or both, one after the other.
type PolicyTerms struct {
	Testimony api.ID
	To        api.Account // the reader
	// Trustees are accounts that she was told by these people themselves: typed or
	// scanned, never taken from a list of the vault's. Threshold of them are needed.
	Trustees  []api.Account
	Threshold int
	// Silence is for how many days she signs nothing, and Wait for how many more she
	// can still say no. Both 0: silence plays no part.
	Silence, Wait int
	// Note is for the trustees, in her words; sealed with each share.
	Note string
}

// Policy is a release policy by her own word, with what trustees have answered and
// when her silence counts by the vault's.
type Policy struct {
	ID        api.ID
	Testimony api.ID
	To        api.Account
	Threshold int
	Trustees  []api.Trustee
	Silence   int // days; 0 where it plays no part
	Wait      int
	NoticeAt  int64 // Unix seconds
	ReleaseAt int64

	recipient string // of the shared key
}

// SetPolicy makes a policy. It lets nobody in by itself: Grant with Offer.Policy
// does. The key that its grants are sealed to is made here, shared among the
// trustees and forgotten: nobody has it, she neither.
func (c *Client) SetPolicy(ctx context.Context, p PolicyTerms) (*Policy, error) {
	made, err := c.setPolicy(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("set a policy: %w", err)
	}
	return made, nil
}

func (c *Client) setPolicy(ctx context.Context, p PolicyTerms) (*Policy, error) {
	body, request, err := c.preparePolicy(ctx, p)
	if err != nil {
		return nil, err
	}
	s, err := c.sayWith(ctx, one(func(h *history) (statement.Body, error) {
		_, err := h.state(p.Testimony)
		return body, err
	}), func(signed string, a *api.Accepted) error {
		request.Statement = signed
		return c.post(ctx, pathOf(p.Testimony)+"/policies", request, a)
	})
	if err != nil {
		return nil, err
	}
	made := policyOf(s.ID, &body)
	made.recipient = request.Recipient
	for _, t := range body.Trustees {
		made.Trustees = append(made.Trustees, api.Trustee{Account: t.Account, Answer: api.TrusteeNone})
	}
	return &made, nil
}

func policyOf(id api.ID, body *statement.Policy) Policy {
	return Policy{ID: id, Testimony: body.Testimony, To: body.Grantee, Threshold: int(body.Threshold),
		Silence: int(body.Silence / statement.Day), Wait: int(body.Wait / statement.Day)}
}

// preparePolicy makes the shared key, gives each trustee a share, and keeps none.
func (c *Client) preparePolicy(ctx context.Context, p PolicyTerms) (body statement.Policy, request api.NewPolicy, err error) {
	body = statement.Policy{Testimony: p.Testimony, Grantee: p.To, Threshold: int64(p.Threshold), Trustees: []statement.Share{},
		Silence: int64(p.Silence) * statement.Day, Wait: int64(p.Wait) * statement.Day}
	request.Shares = []api.Bytes{}
	if len(p.Trustees) == 0 {
		return body, request, nil
	}
	people, err := c.trustees(ctx, p)
	if err != nil {
		return body, request, err
	}
	key, err := sharedkey.New(c.rand)
	if err != nil {
		return body, request, err
	}
	defer key.Wipe()
	shares, err := key.Split(c.rand, len(people), p.Threshold)
	if err != nil {
		return body, request, refused("as many trustees as are needed, and at least two: " + err.Error())
	}
	request.Recipient, body.RecipientSHA256 = key.Recipient, sharedkey.Digest([]byte(key.Recipient))
	for i, who := range people {
		share, file, err := who.entrust(shares[i], p, len(people))
		if err != nil {
			return body, request, err
		}
		body.Trustees, request.Shares = append(body.Trustees, share), append(request.Shares, file)
	}
	return body, request, nil
}

// known is somebody whose key was held against an account that she was told.
type known struct {
	account   api.Account
	recipient string
}

// trustees looks up whom she named, by account. She herself, or one of them twice,
// would make fewer people enough than she thinks.
func (c *Client) trustees(ctx context.Context, p PolicyTerms) ([]known, error) {
	people := slices.SortedFunc(slices.Values(p.Trustees), cmp.Compare[api.Account])
	if len(slices.Compact(slices.Clone(people))) != len(people) || slices.Contains(people, c.Account()) {
		return nil, refused("name each trustee once, and not yourself")
	}
	var out []known
	for _, who := range people {
		k, err := c.knownAs(ctx, who)
		if err != nil {
			return nil, fmt.Errorf("trustee %s: %w", who, err)
		}
		out = append(out, k)
	}
	return out, nil
}

// knownAs asks the vault for the key of an account and believes it only if that
// account signed it: the account is the fingerprint of the key that signs. Nothing
// is sealed on the vault's word alone.
func (c *Client) knownAs(ctx context.Context, who api.Account) (known, error) {
	var answer api.AccountKey
	if err := c.get(ctx, "/v1/introductions/"+string(who), &answer); err != nil {
		return known{}, err
	}
	s, err := c.foreign(answer.Key)
	if err != nil {
		return known{}, fmt.Errorf("%w: %w", ErrRecipientSwapped, err)
	}
	_, from, err := author(s, answer.Rekeys)
	key, ok := s.Body.(*statement.Key)
	if err != nil || !ok || from != who || s.Issuer != who {
		return known{}, ErrRecipientSwapped
	}
	recipient, err := newestRecipient(key, answer.Rekeys)
	if err != nil {
		return known{}, fmt.Errorf("%w: %w", ErrRecipientSwapped, err)
	}
	if _, err := postQuantum(recipient); err != nil {
		return known{}, err
	}
	return known{who, recipient}, nil
}

// newestRecipient is where to seal to after the rekey statements, which author has
// verified. That the newest of them is withheld cannot be seen: the share would then
// be sealed to a key whose holder has given it up, and the vault refuses that.
func newestRecipient(key *statement.Key, rekeys []string) (string, error) {
	if len(rekeys) == 0 {
		return key.Recipient, nil
	}
	s, err := statement.Parse(rekeys[len(rekeys)-1])
	if err != nil {
		return "", err
	}
	body, ok := s.Body.(*statement.Rekey)
	if !ok {
		return "", ErrRecipientSwapped
	}
	return body.Recipient, nil
}

// entrust seals a share to a trustee.
func (k known) entrust(share secret.Bytes, p PolicyTerms, of int) (statement.Share, api.Bytes, error) {
	defer share.Wipe()
	sha := sharedkey.Digest(share.Reveal())
	file, err := sharedkey.SealFile(sharedkey.Card{Share: share, Threshold: int64(p.Threshold), Of: int64(of), Note: p.Note}, k.recipient)
	if errors.Is(err, sharedkey.ErrFile) {
		return statement.Share{}, nil, refused(err.Error())
	}
	return statement.Share{Account: k.account, RecipientSHA256: sharedkey.Digest([]byte(k.recipient)), ShareSHA256: sha,
		SealedSHA256: sharedkey.Digest(file)}, file, err
}

// Policies lists the policies on a testimony, oldest first. What trustees have
// answered and when is the vault's word; everything else was held against what
// she signed.
func (c *Client) Policies(ctx context.Context, t api.ID) ([]Policy, error) {
	var out []Policy
	err := c.surely(ctx, func(h *history) (err error) {
		out, err = c.policies(ctx, h, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the policies: %w", err)
	}
	return out, nil
}

func (c *Client) policies(ctx context.Context, h *history, t api.ID) ([]Policy, error) {
	state, err := h.state(t)
	if err != nil {
		return nil, err
	}
	var claimed []api.Policy
	err = pages(ctx, c, pathOf(t)+"/policies", func(page api.Policies) int {
		claimed = append(claimed, page.Policies...)
		return len(page.Policies)
	})
	if err != nil {
		return nil, err
	}
	var out []Policy
	for _, p := range claimed {
		one, err := verifyPolicy(state, p)
		if err != nil {
			return nil, fmt.Errorf("policy %s: %w", p.Policy, err)
		}
		out = append(out, one)
	}
	for id := range state.Policies {
		if !slices.ContainsFunc(out, func(p Policy) bool { return p.ID == id }) {
			return nil, fmt.Errorf("policy %s: %w", id, ErrWithheld)
		}
	}
	return out, nil
}

// verifyPolicy holds the vault's word for a policy against hers.
func verifyPolicy(state *statement.State, p api.Policy) (Policy, error) {
	hers := state.Policies[p.Policy]
	if hers == nil {
		return Policy{}, ErrPlanted
	}
	out := policyOf(p.Policy, hers)
	if hers.Threshold > 0 && sharedkey.Digest([]byte(p.Recipient)) != hers.RecipientSHA256 {
		return out, ErrRecipientSwapped
	}
	same := func(a api.Trustee, b statement.Share) bool { return a.Account == b.Account }
	if !slices.EqualFunc(p.Trustees, hers.Trustees, same) {
		return out, fmt.Errorf("%w: its trustees are not those you named", ErrPlanted)
	}
	out.Trustees, out.recipient = p.Trustees, p.Recipient
	if p.Silence != nil {
		out.NoticeAt, out.ReleaseAt = p.Silence.NoticeAt, p.Silence.ReleaseAt
	}
	return out, nil
}

// policy finds one policy of hers.
func (c *Client) policy(ctx context.Context, t, id api.ID) (Policy, error) {
	list, err := c.Policies(ctx, t)
	if err != nil {
		return Policy{}, err
	}
	for _, p := range list {
		if p.ID == id {
			return p, nil
		}
	}
	return Policy{}, fmt.Errorf("policy %s: %w", id, ErrNotFound)
}

// underPolicy is where grants under a policy are sealed to: the shared key or,
// where silence alone decides, the reader's own. reader is used in the latter case
// only; to is who may be granted to.
func (c *Client) underPolicy(ctx context.Context, t, id api.ID, to api.Account, reader string) (string, error) {
	if id == "" {
		return reader, nil
	}
	p, err := c.policy(ctx, t, id)
	if err != nil {
		return "", err
	}
	if p.To != to {
		return "", refused("this policy is for another reader")
	}
	if p.Threshold == 0 {
		return reader, nil
	}
	return p.recipient, nil
}
