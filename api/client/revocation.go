package client

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// Revocation is what a revocation receipt says: what has ended of a grant, by
// which statement, and all that had left under it.
type Revocation = statement.Revocation

// VerifyRevocation checks offline that the holder of key, one of
// Vault.ReceiptKeys, signed a revocation receipt, and gives what it says. It says
// nothing of the statement that it names: see Revocation.Statement.
func VerifyRevocation(receipt string, key api.Bytes) (*Revocation, error) {
	if len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%w: the key has the wrong length", ErrRevocation)
	}
	r, err := statement.ParseRevocation(receipt, ed25519.PublicKey(key))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRevocation, err)
	}
	return r, nil
}

// revocation verifies a receipt with the keys that the vault names today.
func (c *Client) revocation(ctx context.Context, receipt string) (*Revocation, error) {
	var r *Revocation
	err := c.underReceiptKey(ctx, ErrRevocation, func(key api.Bytes) (err error) {
		r, err = VerifyRevocation(receipt, key)
		return err
	})
	return r, err
}

// end is what a statement of hers ends of one grant, by her own word.
type end struct {
	by        *statement.Statement
	account   api.Account // hers, whichever of her keys signed
	testimony api.ID
	grant     api.ID
	grantee   api.Account
	headers   map[int64]string // of the reader's headers, by part
}

// proves holds a receipt against what she signed: this statement, this grant,
// this reader, exactly these parts under exactly these headers.
func (e end) proves(r *Revocation) error {
	hash := e.by.Hash()
	switch {
	case r.Vault != e.by.Vault || r.Account != e.account || r.Statement != b64(hash[:]):
		return fmt.Errorf("%w: it is for another statement", ErrRevocation)
	case r.Testimony != e.testimony || r.Grant != e.grant || r.Grantee != e.grantee:
		return fmt.Errorf("%w: it is for another grant", ErrRevocation)
	case len(r.Parts) != len(e.headers):
		return fmt.Errorf("%w: it is for other parts", ErrRevocation)
	}
	for _, p := range r.Parts {
		if e.headers[p.N] != p.HeaderSHA256 {
			return fmt.Errorf("%w: it is for another header of part %d", ErrRevocation, p.N)
		}
	}
	return nil
}

// ends lists what statement s of hers ends, by the history before it.
func ends(account api.Account, book *statement.Book, s *statement.Statement) map[api.ID]end {
	out := map[api.ID]end{}
	for t, state := range book.Testimonies {
		for grant, g := range state.Grants {
			if n, hit := hits(s.Body, t, grant, g); hit {
				e := endOf(s, t, grant, g, n)
				e.account = account
				out[grant] = e
			}
		}
	}
	return out
}

// hits says whether a statement ends something of a grant that stands, and
// which part; 0 is all of it.
func hits(b statement.Body, t, grant api.ID, g *statement.GrantState) (n int64, hit bool) {
	if g.Revoked {
		return 0, false
	}
	switch b := b.(type) {
	case *statement.Revoke:
		return 0, b.Testimony == t && b.Grant == grant
	case *statement.Erase:
		return 0, b.Testimony == t
	case *statement.Withdraw:
		_, has := g.Parts[b.N]
		return b.N, (b.Testimony == "" || b.Testimony == t) && (b.Grantee == "" || b.Grantee == g.Grant.Grantee) && (b.N == 0 || has)
	}
	return 0, false
}

func endOf(s *statement.Statement, t, grant api.ID, g *statement.GrantState, n int64) end {
	e := end{by: s, testimony: t, grant: grant, grantee: g.Grant.Grantee, headers: map[int64]string{}}
	for number, p := range g.Parts {
		if n == 0 || n == number {
			e.headers[number] = p.HeaderSHA256
		}
	}
	return e
}

// endsAt is ends for a statement that stands in the chain already: nil when it is
// not there, because its testimony has been erased.
func (h *history) endsAt(seq int64) (map[api.ID]end, error) {
	i, found := slices.BinarySearchFunc(h.chain.Statements, seq, func(s *statement.Statement, seq int64) int { return int(s.Seq - seq) })
	if !found {
		return nil, nil
	}
	before := *h.chain
	before.Statements = h.chain.Statements[:i]
	book, err := before.Book()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChain, err)
	}
	return ends(h.chain.Account, book, h.chain.Statements[i]), nil
}
