package grant

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/relatingfield/vault/internal/closure"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/recent"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// checkLive refuses a reader whose accreditation does not count.
func (g *Grants) checkLive(ctx context.Context, tx store.Tx, body *statement.Grant) error {
	accreditation, err := statement.Hash32(body.Accreditation)
	if err != nil {
		return err
	}
	live, err := g.Reader.Live(ctx, tx, accreditation[:], body.Grantee, g.Now().Unix())
	if err == nil && !live {
		err = ErrUnaccredited
	}
	return err
}

// checkRecipient refuses headers for another recipient than the one that this reader
// opens with: the reader's own or, where trustees have a say, the key whose shares
// they hold.
func (g *Grants) checkRecipient(ctx context.Context, tx store.Tx, owner id.Thumbprint, body *statement.Grant) error {
	shared, err := g.sharedRecipient(ctx, tx, owner, body)
	if err != nil {
		return err
	}
	if shared != "" {
		return sameRecipient(shared, body)
	}
	own, err := g.ownRecipient(ctx, tx, body.Grantee)
	if err != nil {
		return err
	}
	return sameRecipient(own, body)
}

// ownRecipient is the SHA-256 of the recipient in a reader's first statement, which
// never changes: it is read and verified once and then remembered, from when it was
// certain to be there.
func (g *Grants) ownRecipient(ctx context.Context, tx store.Tx, reader id.Thumbprint) (string, error) {
	known := g.recipients.memory()
	if sha, ok := known.Get(reader); ok {
		return sha, nil
	}
	s, err := g.Ledger.Statement(ctx, tx, reader, 1)
	if err != nil {
		return "", err
	}
	key, ok := s.Body.(*statement.Key)
	if !ok {
		return "", ErrUnaccredited
	}
	sum := sha256.Sum256([]byte(key.Recipient))
	sha := statement.B64(sum[:])
	store.AtEnd(tx, func(err error) {
		if err == nil {
			known.Put(reader, sha)
		}
	})
	return sha, nil
}

// recipients remembers the recipients of readers.
type recipients struct {
	once  sync.Once
	known *recent.Memory[id.Thumbprint, string]
}

// maxRecipients bounds them: about 200 bytes each.
const maxRecipients = 4096

func (r *recipients) memory() *recent.Memory[id.Thumbprint, string] {
	r.once.Do(func() { r.known = recent.New[id.Thumbprint, string](maxRecipients) })
	return r.known
}

// checkAnswered refuses a reader who owes an answer past its day. Whatever lets a
// reader read longer asks it, in the transaction that does so.
func (g *Grants) checkAnswered(ctx context.Context, tx store.Tx, reader id.Thumbprint) error {
	silent, err := closure.IsSilent(ctx, tx, reader, g.Now().Unix())
	if err == nil && silent {
		err = ErrSilent
	}
	return err
}

func sameRecipient(sha string, body *statement.Grant) error {
	if sha != body.RecipientSHA256 {
		return ErrDigest
	}
	return nil
}

// sharedRecipient is the SHA-256 of the shared key that a grant's policy names,
// empty where no trustees have a say. A policy of another testimony, owner or
// reader is refused like one that is not there.
//
// Taking it in place of the reader's own recipient gives the vault no more power
// than it has: both are named in the grant statement, and the shared one in her
// policy statement as well. A header for it opens with threshold shares and
// nothing else, so the mistake this check is for, a header that the reader alone
// could open, would be caught by the reader's client, too.
func (g *Grants) sharedRecipient(ctx context.Context, tx store.Tx, owner id.Thumbprint, body *statement.Grant) (string, error) {
	if body.Conditions.Policy == "" {
		return "", nil
	}
	row, err := grantdb.New(tx).PolicyToName(ctx, string(body.Conditions.Policy))
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("find policy: %w", err)
	}
	if row.Testimony != string(body.Testimony) || row.Owner != string(owner) || row.Grantee != string(body.Grantee) {
		return "", ErrNotFound
	}
	if len(row.RecipientSha256) == 0 {
		return "", nil
	}
	return statement.B64(row.RecipientSha256), nil
}
