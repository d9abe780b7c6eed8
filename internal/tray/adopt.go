package tray

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray/traydb"
)

// Adopt makes an item a part of a testimony of the caller's: she has opened it, and
// signs what it is and by which note it came. The payload moves; note and assurance
// stay with the part. What the item replaces in a collection is destroyed in the
// same transaction, once all of that testimony's parts have been adopted: the
// testimony that went is named, or empty.
func (t *Trays) Adopt(ctx context.Context, caller account.Caller, item id.ID, compact string, commit account.Commit[Adopted]) (Adopted, error) {
	s, body, err := ledger.Take[*statement.Adopt](t.Ledger, caller.Signer(), compact)
	if err != nil {
		return Adopted{}, err
	}
	out := Adopted{Accepted: s.Accepted()}
	err = t.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		var err error
		if out.Destroyed, err = t.adopt(ctx, tx, caller, item, s, body); err != nil {
			return err
		}
		return commit.Do(ctx, tx, out)
	})
	if err != nil {
		return Adopted{}, err
	}
	return out, t.Finish(ctx, out)
}

// Adopted is what became of an adoption.
type Adopted struct {
	ledger.Accepted
	Destroyed id.ID // testimony of a collection that this item was the last of
}

// Finish does what follows the commit of an adoption. It may be repeated.
func (t *Trays) Finish(ctx context.Context, a Adopted) error {
	// The item's own key went with the commit, and what is left of it on the disk goes
	// with the next erasure, which scrubs the same table.
	if a.Destroyed == "" {
		return nil
	}
	return errors.Join(t.Vault.Finish(ctx, a.Destroyed), t.Vault.Scrub(ctx))
}

func (t *Trays) adopt(ctx context.Context, tx store.Tx, caller account.Caller, item id.ID, s *ledger.Taken, body *statement.Adopt) (id.ID, error) {
	w, err := t.own(ctx, tx, caller, item)
	if err != nil {
		return "", err
	}
	b := testimony.Brought{Binding: w.binding(), Note: sha256.Sum256([]byte(w.papers.Note)), Header: w.header, Payload: w.payload,
		Blob: id.ID(w.Blob.String), Arrived: !w.note.Assurance.ByClient(), Detail: string(w.note.Assurance)}
	key, err := t.Vault.TakeIn(ctx, tx, caller, s, body, b)
	if err != nil {
		return "", err
	}
	sealed, err := sealPapers(key, papers{Note: w.papers.Note})
	if err != nil {
		return "", err
	}
	if err := q(tx).AddPapers(ctx, traydb.AddPapersParams{Testimony: string(body.Testimony), N: body.N, Papers: sealed}); err != nil {
		return "", fmt.Errorf("keep delivery note: %w", err)
	}
	if err := t.leave(ctx, tx, item, Taken, keepPayload); err != nil {
		return "", err
	}
	if err := t.countWith(ctx, tx, item, body.Testimony); err != nil {
		return "", err
	}
	return t.claim(ctx, tx, w)
}

// claim destroys what was sealed anew, when nothing of it is left that she has not
// adopted. Before that, and where she refuses, nothing of it goes.
func (t *Trays) claim(ctx context.Context, tx store.Tx, w *waiting) (id.ID, error) {
	replaced := w.note.Replaces.Testimony
	if replaced == "" {
		return "", nil
	}
	left, err := q(tx).Unclaimed(ctx, string(replaced))
	if err != nil {
		return "", fmt.Errorf("count what is left of a claim: %w", err)
	}
	if left > 0 {
		return "", nil
	}
	return t.Vault.EraseClaimed(ctx, tx, w.papers.Erasure)
}

// checkClaim makes sure that what an item replaces is a part of a collection of the
// same partner, and that the collection itself has signed its erasure.
func (t *Trays) checkClaim(ctx context.Context, tx store.Tx, n *delivery.Note, erasure string) error {
	if n.Replaces.Testimony == "" {
		return nil
	}
	row, err := q(tx).OwnerOf(ctx, string(n.Replaces.Testimony))
	if err := found("find what is claimed", err); err != nil || row.Erased != 0 {
		return claimErr(err)
	}
	partner, err := t.Partners.Collection(ctx, tx, id.Thumbprint(row.Owner))
	if err != nil || partner != n.Partner {
		return claimErr(err)
	}
	there, err := q(tx).HasPart(ctx, traydb.HasPartParams{Testimony: string(n.Replaces.Testimony), N: n.Replaces.N})
	if err != nil || there == 0 {
		return claimErr(err)
	}
	s, err := statement.Parse(erasure)
	if err != nil {
		return ErrClaim
	}
	body, ok := s.Body.(*statement.Erase)
	if !ok || body.Testimony != n.Replaces.Testimony || string(s.Issuer) != row.Owner || s.Vault != t.Ledger.Vault {
		return ErrClaim
	}
	return nil
}

// claimErr is ErrClaim for whatever only says that there is nothing of the kind.
func claimErr(err error) error {
	if err == nil || missing(err) {
		return ErrClaim
	}
	return err
}

// Refuse destroys an item of the caller's. Refusing what is gone is ErrNotFound.
func (t *Trays) Refuse(ctx context.Context, caller account.Caller, item id.ID) error {
	err := t.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		_, err := q(tx).Item(ctx, traydb.ItemParams{ID: string(item), Account: string(caller.ID), Today: t.today()})
		if err := found("find item", err); err != nil {
			return err
		}
		return t.end(ctx, tx, item, Refused)
	})
	if err != nil {
		return err
	}
	t.Payloads.Reap(ctx)
	return t.Vault.Scrub(ctx)
}

// end destroys an item that nobody takes.
func (t *Trays) end(ctx context.Context, tx store.Tx, item id.ID, as State) error {
	return t.leave(ctx, tx, item, as, doomPayload)
}

// Whether the payload of an item that leaves goes with it.
const (
	keepPayload = false
	doomPayload = true
)

// leave takes an item out of its tray, with its shred key.
func (t *Trays) leave(ctx context.Context, tx store.Tx, item id.ID, as State, doom bool) error {
	row, err := q(tx).Leaving(ctx, string(item))
	if err := found("find item", err); err != nil {
		return err
	}
	if doom && row.Blob.Valid {
		if err := payload.Doom(ctx, tx, id.ID(row.Blob.String)); err != nil {
			return err
		}
	}
	if err := q(tx).DropItem(ctx, string(item)); err != nil {
		return fmt.Errorf("drop item: %w", err)
	}
	if err := q(tx).Empty(ctx, traydb.EmptyParams{Length: row.Length, ID: row.Tray}); err != nil {
		return fmt.Errorf("empty tray: %w", err)
	}
	if err := t.Keys.Destroy(ctx, tx, item); err != nil {
		return err
	}
	return t.become(ctx, tx, item, Waiting, as)
}
