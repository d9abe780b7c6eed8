package testimony

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// ErrRekey reports an account whose key was vouched for: stewards and accredited
// readers begin anew with a new key, because what others signed names the old one
// (a change of key voids a grant and asks her again).
var ErrRekey = errors.New("this key was vouched for and cannot be changed: enrol the new one, have it accredited, and ask for your grants again")

// Rekeying hands an account over to another key. Statements are the rekey
// statement and one rewrap statement for each of Testimonies, in their order.
type Rekeying struct {
	Statements  []string
	Testimonies []Rewrapped
}

// Rewrapped is what of a testimony is sealed to the new recipient: her card, and
// her own header of each part, in the order of the rewrap statement.
type Rewrapped struct {
	Testimony id.ID
	Card      []byte
	Headers   [][]byte
}

// handing is a rekeying that was checked as far as it goes without a database.
type handing struct {
	taken   []*ledger.Taken
	rewraps []rewrap
	next    id.Thumbprint // the new key
}

// rewrap is one testimony's share of it.
type rewrap struct {
	Rewrapped
	said *statement.Rewrap
}

// Rekey makes the new key the only one of the account and puts the new cards and
// headers in place of the old ones, in one transaction: before its commit nothing
// has changed, after it the old key opens nothing here, on no node (see
// account.Find). The testimonies named must be all there are with all their
// parts, or it is ErrChanged: nothing may be left that only the old key opens.
// Uploads under way end, since they were sealed to it.
func (v *Vault) Rekey(ctx context.Context, caller account.Caller, r Rekeying, commit ledger.Commit) ([]ledger.Accepted, error) {
	if caller.Role != "" && caller.Role != statement.Participant {
		return nil, ErrRekey
	}
	h, err := v.takeRekey(caller, r)
	if err != nil {
		return nil, err
	}
	err = v.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := v.rekey(ctx, tx, caller, h); err != nil {
			return err
		}
		return commit.Do(ctx, tx, h.taken...)
	})
	if err != nil {
		return nil, err
	}
	v.Payloads.Reap(ctx)
	return accepted(h.taken), nil
}

// takeRekey checks everything that can be checked before the transaction. The
// caller has signed in with the old key or, where a restore made that void, with
// the new one.
func (v *Vault) takeRekey(caller account.Caller, r Rekeying) (*handing, error) {
	if len(r.Statements) != len(r.Testimonies)+1 {
		return nil, fmt.Errorf("%w: one rekey statement and one for each testimony belong in this request", statement.ErrRefused)
	}
	old, next, err := hands(r.Statements[0])
	if err != nil {
		return nil, err
	}
	if caller.Signer() != old && caller.Signer() != next {
		return nil, fmt.Errorf("%w: it concerns other keys than the one signed in", statement.ErrRefused)
	}
	rekey, _, err := ledger.Take[*statement.Rekey](v.Ledger, old, r.Statements[0])
	if err != nil {
		return nil, err
	}
	h := &handing{taken: []*ledger.Taken{rekey}, next: next}
	for i, t := range r.Testimonies {
		s, body, err := ledger.Take[*statement.Rewrap](v.Ledger, next, r.Statements[i+1])
		if err == nil {
			err = checkRewrap(t, body)
		}
		if err != nil {
			return nil, fmt.Errorf("testimony %d of the request: %w", i+1, err)
		}
		h.taken, h.rewraps = append(h.taken, s), append(h.rewraps, rewrap{t, body})
	}
	return h, nil
}

// hands reads which key hands over to which, and that one can seal to the new one.
func hands(compact string) (old, next id.Thumbprint, err error) {
	s, err := statement.Parse(compact)
	if err != nil {
		return "", "", err
	}
	body, ok := s.Body.(*statement.Rekey)
	if !ok {
		return "", "", fmt.Errorf("%w: the first statement is no rekey", statement.ErrRefused)
	}
	if _, pq, err := envelope.ParseRecipient(body.Recipient); err != nil || !pq {
		return "", "", fmt.Errorf("%w: the new recipient is not a post-quantum age recipient (age1pq1…)", statement.ErrRefused)
	}
	next, err = body.NewKey()
	return s.Issuer, next, err
}

// checkRewrap holds cards and headers against what was signed.
func checkRewrap(r Rewrapped, said *statement.Rewrap) error {
	if said.Testimony != r.Testimony || len(said.Parts) != len(r.Headers) {
		return fmt.Errorf("%w: it names another testimony or another number of parts", statement.ErrRefused)
	}
	if said.CardSHA256 != sum(r.Card) {
		return fmt.Errorf("card: %w", ErrDigest)
	}
	if _, err := envelope.CheckCard(r.Card); err != nil {
		return fmt.Errorf("card: %w: %w", ErrSealed, err)
	}
	return nil
}

func (v *Vault) rekey(ctx context.Context, tx store.Tx, caller account.Caller, h *handing) error {
	said := make([]*statement.Statement, len(h.taken))
	for i, t := range h.taken {
		said[i] = t.Statement
	}
	keys := map[id.ID]*shred.Key{}
	// The chain comes first: a client that has not seen the newest statements is
	// told where the chain stands.
	err := v.Ledger.Rekey(ctx, tx, caller.Signer(), func(t id.ID) (*shred.Key, error) {
		_, key, err := v.own(ctx, tx, caller, t)
		keys[t] = key
		return key, err
	}, said...)
	if err != nil {
		return err
	}
	there, err := testimonydb.New(tx).Standing(ctx, string(caller.ID))
	if err != nil {
		return fmt.Errorf("list testimonies: %w", err)
	}
	// Each named one is hers and stands, so as many are all.
	if len(there) != len(keys) || len(there) != len(h.rewraps) {
		return ErrChanged
	}
	for _, r := range h.rewraps {
		if err := v.rewrap(ctx, tx, caller, keys[r.Testimony], r); err != nil {
			return fmt.Errorf("testimony %s: %w", r.Testimony, err)
		}
	}
	if v.Rekeyed != nil {
		if err := v.Rekeyed(ctx, tx, caller.ID); err != nil {
			return err
		}
	}
	return v.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Rekeyed, Account: caller.ID, Key: h.next, N: said[0].Seq})
}

// rewrap replaces the card and every own header of one testimony.
func (v *Vault) rewrap(ctx context.Context, tx store.Tx, caller account.Caller, key *shred.Key, r rewrap) error {
	q := testimonydb.New(tx)
	parts, err := q.Parts(ctx, string(r.Testimony))
	if err != nil {
		return fmt.Errorf("list parts: %w", err)
	}
	if len(parts) != len(r.Headers) {
		return ErrChanged
	}
	for i, p := range parts {
		if p.N != r.said.Parts[i].N {
			return ErrChanged
		}
		if err := grant.CheckHeader(r.Headers[i], r.said.Parts[i].HeaderSHA256, p.Classic == 0); err != nil {
			return fmt.Errorf("part %d: %w", p.N, err)
		}
		if err := setHeader(ctx, q, key, r.Testimony, p.N, r.Headers[i]); err != nil {
			return err
		}
	}
	if err := v.dropSlots(ctx, tx, caller.ID, r.Testimony); err != nil {
		return err
	}
	sealed, err := key.Seal(cardLabel, r.Card)
	if err != nil {
		return err
	}
	_, err = q.SetCard(ctx, testimonydb.SetCardParams{CardSha256: hash(r.said.CardSHA256), Card: sealed, ID: string(r.Testimony), Owner: string(caller.ID)})
	if err != nil {
		return fmt.Errorf("set card: %w", err)
	}
	return custody.Record(ctx, tx, r.Testimony, key, custody.Event{Kind: custody.Rewrapped, At: v.today(), Actor: caller.ID})
}

func setHeader(ctx context.Context, q *testimonydb.Queries, key *shred.Key, t id.ID, n int64, header []byte) error {
	headerSHA256 := hash(sum(header))
	sealed, err := key.Seal(headerLabel(headerSHA256), header)
	if err != nil {
		return err
	}
	if err := q.SetHeader(ctx, testimonydb.SetHeaderParams{HeaderSha256: headerSHA256, Header: sealed, Testimony: string(t), N: n}); err != nil {
		return fmt.Errorf("set header: %w", err)
	}
	return nil
}

func (v *Vault) dropSlots(ctx context.Context, tx store.Tx, owner id.Thumbprint, t id.ID) error {
	slots, err := testimonydb.New(tx).Slots(ctx, string(t))
	if err != nil {
		return fmt.Errorf("list uploads: %w", err)
	}
	for _, s := range slots {
		if err := v.dropSlot(ctx, tx, owner, t, s.N); err != nil {
			return err
		}
	}
	return nil
}
