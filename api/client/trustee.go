package client

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
)

// Trust is a policy that names this account a trustee, by its maker's signed word.
type Trust struct {
	ID        api.ID
	From      api.Account // who trusts this account
	Testimony api.ID
	Reader    api.Account // whom the trustees would let in
	Threshold int         // how many of them it takes
	Trustees  []api.Account
	Silence   int // days without a word of hers; 0 where it plays no part
	Wait      int // days after that
	Note      string
	Answer    api.TrusteeAnswer // the vault's word
	Open      bool              // whether the vote is, now: the vault's word, within what was signed
	ReleaseAt int64             // when the vote opens if she stays silent, Unix seconds
	Err       error             // everything but ID is then empty

	statement *statement.Statement
	share     secret.Bytes
}

// Trusts lists the policies that name this account. Each was held against its
// maker's statement, and the share in it is the one that was signed for. One that
// fails carries the error.
func (c *Client) Trusts(ctx context.Context) ([]*Trust, error) {
	all, err := c.claimedTrusts(ctx)
	if err != nil {
		return nil, err
	}
	var out []*Trust
	for _, a := range all {
		t, err := c.verifyTrust(a)
		if err != nil {
			t = &Trust{ID: a.Policy, Err: err}
		}
		out = append(out, t)
	}
	return out, nil
}

// claimedTrusts is what the vault says of policies that name this account.
func (c *Client) claimedTrusts(ctx context.Context) (all []api.Trust, err error) {
	if c.keys == nil {
		return nil, fmt.Errorf("list whom you are trusted by: %w", ErrNoKeys)
	}
	err = pages(ctx, c, "/v1/trusts", func(page api.Trusts) int {
		all = append(all, page.Trusts...)
		return len(page.Trusts)
	})
	if err != nil {
		return nil, fmt.Errorf("list whom you are trusted by: %w", err)
	}
	return all, nil
}

func (c *Client) verifyTrust(a api.Trust) (*Trust, error) {
	t, body, err := c.namedIn(a)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(body.Trustees, func(s statement.Share) bool { return s.Account == c.Account() })
	mine := &body.Trustees[i]
	if mine.RecipientSHA256 != sharedkey.Digest([]byte(c.keys.Recipient)) {
		return nil, ErrOldShare
	}
	return t, c.openShare(t, body, mine, a.Share)
}

// namedIn is a policy that names this account, by its maker's statement alone.
func (c *Client) namedIn(a api.Trust) (*Trust, *statement.Policy, error) {
	s, err := c.foreign(a.Statement)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrTrustForged, err)
	}
	body, ok := s.Body.(*statement.Policy)
	if !ok || s.ID != a.Policy {
		return nil, nil, fmt.Errorf("%w: its statement is of something else", ErrTrustForged)
	}
	_, from, err := author(s, a.Rekeys)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrTrustForged, err)
	}
	t := &Trust{ID: s.ID, From: from, Testimony: body.Testimony, Reader: body.Grantee, Threshold: int(body.Threshold),
		Silence: int(body.Silence / statement.Day), Wait: int(body.Wait / statement.Day), Answer: a.Answer, Open: a.Open, statement: s}
	if a.Silence != nil {
		t.ReleaseAt = a.Silence.ReleaseAt
	}
	for _, share := range body.Trustees {
		t.Trustees = append(t.Trustees, share.Account)
	}
	if !slices.Contains(t.Trustees, c.Account()) {
		return nil, nil, fmt.Errorf("%w: it names somebody else", ErrTrustForged)
	}
	return t, body, nil
}

// openShare opens the trustee's own share: the file must be the one signed for,
// and what is in it, too, or else it would be worth nothing when it is needed.
func (c *Client) openShare(t *Trust, body *statement.Policy, mine *statement.Share, file []byte) error {
	if sharedkey.Digest(file) != mine.SealedSHA256 {
		return ErrShareSwapped
	}
	card, err := sharedkey.OpenFile(file, c.keys)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTrustForged, err)
	}
	if card.Threshold != body.Threshold || card.Of != int64(len(body.Trustees)) {
		return fmt.Errorf("%w: the card beside the share says otherwise", ErrTrustForged)
	}
	if err := sharedkey.CheckShare(card.Share, mine.ShareSHA256); err != nil {
		return fmt.Errorf("%w: %w", ErrTrustForged, err)
	}
	t.Note, t.share = printable(card.Note), card.Share
	return nil
}

// trust finds one policy that names this account, as check finds it.
func (c *Client) trust(ctx context.Context, policy api.ID, check func(api.Trust) (*Trust, error)) (*Trust, error) {
	all, err := c.claimedTrusts(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.Policy == policy {
			return check(a)
		}
	}
	return nil, fmt.Errorf("policy %s: %w", policy, ErrNotFound)
}

// Agree tells her that this account will act as her trustee. The share has been
// found right.
func (c *Client) Agree(ctx context.Context, policy api.ID) error {
	return c.answerTrust(ctx, policy, statement.Agreed, c.verifyTrust)
}

// Decline tells her that it will not; a vote that was given before is taken back.
// It needs no share: whoever cannot open the one there is, because the words were
// changed or the vault gives another, has the more reason to say so.
func (c *Client) Decline(ctx context.Context, policy api.ID) error {
	return c.answerTrust(ctx, policy, statement.Declined, func(a api.Trust) (*Trust, error) {
		t, _, err := c.namedIn(a)
		return t, err
	})
}

func (c *Client) answerTrust(ctx context.Context, policy api.ID, answer string, check func(api.Trust) (*Trust, error)) error {
	t, err := c.trust(ctx, policy, check)
	if err == nil {
		_, err = c.sayOne(ctx, trustPath(policy)+"/answers", one(func(*history) (statement.Body, error) {
			return statement.Trust{Of: t.ID, OfSHA256: hashText(t.statement), Answer: answer}, nil
		}))
	}
	if err != nil {
		return fmt.Errorf("answer her: %w", err)
	}
	return nil
}

func trustPath(policy api.ID) string { return "/v1/trusts/" + string(policy) }

// Release is this trustee's vote to let the reader in: the share, sealed anew to
// the reader. agree is shown what it is about before anything is sealed; an error
// stops it. A vault that opens the vote before she can have been silent for as
// long as she set is refused (ErrTooEarly).
func (c *Client) Release(ctx context.Context, policy api.ID, agree func(*Trust) error) error {
	if err := c.release(ctx, policy, agree); err != nil {
		return fmt.Errorf("let the reader in: %w", err)
	}
	return nil
}

func (c *Client) release(ctx context.Context, policy api.ID, agree func(*Trust) error) error {
	t, err := c.trust(ctx, policy, c.verifyTrust)
	if err != nil {
		return err
	}
	if err := c.mayVote(t); err != nil {
		return err
	}
	if agree != nil {
		if err := agree(t); err != nil {
			return err
		}
	}
	reader, err := c.readerNamed(ctx, t.Reader)
	if err != nil {
		return err
	}
	file, err := sharedkey.SealFile(sharedkey.Card{Share: t.share, Threshold: int64(t.Threshold), Of: int64(len(t.Trustees))}, reader)
	if err != nil {
		return err
	}
	_, err = c.sayWith(ctx, one(func(*history) (statement.Body, error) {
		return statement.Release{Of: t.ID, OfSHA256: hashText(t.statement), SealedSHA256: sharedkey.Digest(file)}, nil
	}), func(signed string, a *api.Accepted) error {
		return c.post(ctx, trustPath(policy)+"/releases", api.NewRelease{Statement: signed, Share: file}, a)
	})
	return err
}

// readerNamed is the recipient of the account that her statement names, by that
// account's own signature.
func (c *Client) readerNamed(ctx context.Context, who api.Account) (string, error) {
	record, err := c.researcherRecord(ctx, who)
	if err != nil {
		return "", err
	}
	s, err := c.keyOf(who, statement.Researcher, record.Key)
	if err != nil {
		return "", err
	}
	key, _ := s.Body.(*statement.Key)
	_, err = postQuantum(key.Recipient)
	return key.Recipient, err
}

// Introduce lets whoever knows this account ask the vault for its key, or ends
// that: those who want to name it a trustee need it once. Nobody else learns that
// the account is there.
func (c *Client) Introduce(ctx context.Context, open bool) error {
	if c.keys == nil {
		return fmt.Errorf("introduce yourself: %w", ErrNoKeys)
	}
	if _, err := c.history(ctx); err != nil { // says whose account these keys are: after a change of words it is not theirs
		return fmt.Errorf("introduce yourself: %w", err)
	}
	var answer api.Introduction
	err := c.json(ctx, call{method: http.MethodPut, path: "/v1/introduction", body: api.Introduction{Open: open}, signed: true, repeat: true}, &answer)
	if err == nil && answer.Open != open {
		err = ErrNonsense
	}
	if err != nil {
		return fmt.Errorf("introduce yourself: %w", err)
	}
	return nil
}

// mayVote says why this trustee cannot vote now. Her policy statement is itself an
// act of hers, so whatever the vault says, silence counts from its day at the
// earliest.
func (c *Client) mayVote(t *Trust) error {
	if t.Answer == api.TrusteeDeclined {
		return refused("you have declined; agree first if you have changed your mind")
	}
	body, _ := t.statement.Body.(*statement.Policy)
	earliest := t.statement.IssuedAt + statement.Day + body.Silence + body.Wait
	if t.Open && body.Silence > 0 && c.time().Unix() < earliest {
		return ErrTooEarly
	}
	if !t.Open {
		return refused("the vote is not open: she has not been silent for as long as she set, or everything is paused")
	}
	return nil
}
