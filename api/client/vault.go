package client

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
)

// Roster is a verified roster: it follows from the vault id by changes that
// enough stewards approved.
type Roster = roster.Roster

// Vault asks the vault about itself and compares its id with the card's. Its
// figures are the vault's word; nothing of safety rests on them.
func (c *Client) Vault(ctx context.Context) (*api.Vault, error) {
	v := new(api.Vault)
	if err := c.json(ctx, call{method: http.MethodGet, path: "/v1/vault", repeat: true}, v); err != nil {
		return nil, fmt.Errorf("ask the vault: %w", err)
	}
	if v.VaultID != c.vault {
		return nil, fmt.Errorf("ask the vault: %w", ErrWrongVault)
	}
	keys, err := BelieveReceiptKeys(c.receiptKey, v)
	if err != nil {
		return nil, fmt.Errorf("ask the vault: %w", err)
	}
	v.ReceiptKeys = keys
	c.mu.Lock()
	defer c.mu.Unlock()
	c.info = v
	return v, nil
}

// vaultInfo is Vault, asked once.
func (c *Client) vaultInfo(ctx context.Context) (*api.Vault, error) {
	c.mu.Lock()
	v := c.info
	c.mu.Unlock()
	if v != nil {
		return v, nil
	}
	return c.Vault(ctx)
}

// Roster fetches the chain of rosters and verifies it from the vault id on. That
// the newest change is not withheld is more than one look can show.
func (c *Client) Roster(ctx context.Context) (*Roster, error) {
	stewards, err := c.stewards(ctx)
	if err != nil {
		return nil, err
	}
	return stewards.now, nil
}

// stewards are those of today and everybody who ever was one.
type stewards struct {
	now  *Roster
	ever map[api.Account]bool
}

func (c *Client) stewards(ctx context.Context) (*stewards, error) {
	s, _, err := c.rosters(ctx)
	return s, err
}

// rosters is stewards, with the documents that prove it.
func (c *Client) rosters(ctx context.Context) (*stewards, api.Roster, error) {
	var answer api.Roster
	if err := c.json(ctx, call{method: http.MethodGet, path: "/v1/roster", repeat: true}, &answer); err != nil {
		return nil, answer, fmt.Errorf("fetch the roster: %w", err)
	}
	s := &stewards{ever: map[api.Account]bool{}}
	for _, l := range answer.Links {
		link := roster.Link{Document: l.Document, Approvers: c.approvers(l)}
		if err := s.follow(c.vault, link); err != nil {
			return nil, answer, fmt.Errorf("verify the roster: %w", err)
		}
	}
	if s.now == nil {
		return nil, answer, fmt.Errorf("verify the roster: %w: it is empty", ErrRosterBroken)
	}
	return s, answer, nil
}

func (s *stewards) follow(vault api.Hash, l roster.Link) (err error) {
	if s.now == nil {
		s.now, err = roster.Verify(roster.VaultID(vault), []roster.Link{l})
	} else {
		s.now, err = s.now.Follow(l)
	}
	if errors.Is(err, roster.ErrOtherVault) {
		return fmt.Errorf("%w: %w", ErrWrongVault, err)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRosterBroken, err)
	}
	for _, st := range s.now.Stewards() {
		s.ever[st.Account()] = true
	}
	return nil
}

// approvers are the accounts with a good statement over exactly this document of
// this vault. Whether they may approve it is for package roster to say.
func (c *Client) approvers(l api.RosterLink) []api.Account {
	doc, err := roster.Parse(l.Document)
	if err != nil {
		return nil
	}
	want := statement.RosterChange{DocumentSHA256: api.HashOf(l.Document).String(), RosterSeq: int64(doc.Seq)}
	var out []api.Account
	for _, text := range l.Approvals {
		s, err := c.foreign(text)
		if err != nil {
			continue
		}
		if body, ok := s.Body.(*statement.RosterChange); ok && *body == want {
			out = append(out, s.Issuer)
		}
	}
	return out
}

// foreign parses a statement of anybody's in this vault.
func (c *Client) foreign(text string) (*statement.Statement, error) {
	s, err := statement.Parse(text)
	if err != nil {
		return nil, err
	}
	if s.Vault != c.vault.String() {
		return nil, errors.New("the statement was made for another vault")
	}
	return s, nil
}

// VerifyReceipt checks offline that the holder of key, one of Vault.ReceiptKeys,
// accepted the statement on the day it returns (Unix seconds).
func VerifyReceipt(signed, receipt string, key api.Bytes) (day int64, err error) {
	s, err := statement.Parse(signed)
	if err != nil {
		return 0, fmt.Errorf("verify the receipt: %w", err)
	}
	if len(key) != ed25519.PublicKeySize {
		return 0, fmt.Errorf("verify the receipt: %w: the key has the wrong length", ErrReceipt)
	}
	r, err := statement.CheckReceipt(receipt, ed25519.PublicKey(key), s)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	return r.Day, nil
}

// receipted checks the answer to a statement of her own.
func (c *Client) receipted(ctx context.Context, s *statement.Statement, a api.Accepted) error {
	if a.StatementSHA256 != s.Hash() || a.Seq != s.Seq {
		return fmt.Errorf("%w: it answers to another statement", ErrReceipt)
	}
	return c.underReceiptKey(ctx, ErrReceipt, func(key api.Bytes) error {
		_, err := VerifyReceipt(s.Compact(), a.Receipt, key)
		return err
	})
}

// underReceiptKey tries the receipt keys that the vault named when it was asked first,
// and then those that it names now: one may have come since.
func (c *Client) underReceiptKey(ctx context.Context, none error, try func(key api.Bytes) error) error {
	c.mu.Lock()
	v := c.info
	c.mu.Unlock()
	err := fmt.Errorf("%w: the vault names no receipt key", none)
	for ask := v == nil; ; ask = true {
		if ask {
			var asked error
			if v, asked = c.Vault(ctx); asked != nil {
				return asked
			}
		}
		for _, key := range v.ReceiptKeys {
			if err = try(key); err == nil {
				return nil
			}
		}
		if ask {
			return err
		}
	}
}
