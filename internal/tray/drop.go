package tray

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray/traydb"
)

// Dropped is something that the vault itself seals to the owner of a tray as it
// streams in: plaintext, with assurance ByVault, or a form that is encrypted to
// somebody already and wrapped once more, with assurance FieldForm.
type Dropped struct {
	By           Bringer // Client is empty where a collector of forms brought it
	Code         string  // of the tray; or
	Tray         id.ID   // the tray itself, for a caller inside the vault
	Item         id.ID   // drawn by the caller
	Assurance    delivery.Assurance
	Info         envelope.PartInfo
	Consultation id.ID
	Length       int64 // of Body, exactly
	Body         io.Reader
}

// Drop seals an item and puts it into a tray. commit is called last in the
// transaction, with what the one who brought it is told. Plaintext and file key are
// in memory only, while the body streams; of a body that ends early nothing stays.
func (t *Trays) Drop(ctx context.Context, d Dropped, commit account.Commit[Brought]) (Brought, error) {
	if d.Assurance.ByClient() {
		return Brought{}, fmt.Errorf("%w: what the vault seals has another assurance", delivery.ErrRefused)
	}
	at, recipient, err := t.dropPlace(ctx, d)
	if err != nil {
		return Brought{}, err
	}
	sealed, err := t.Vault.Seal(ctx, recipient, testimony.Arrival{Info: d.Info, Length: d.Length, Body: d.Body})
	if err != nil {
		return Brought{}, err
	}
	n, compact, err := t.note(d, recipient, sealed)
	if err != nil {
		return Brought{}, t.Payloads.Discard(ctx, sealed.Object, err)
	}
	out := Brought{Item: d.Item, Day: t.today(), Note: compact}
	a := arrival{tray: at, note: n, papers: papers{Note: compact}, header: sealed.Header, inline: sealed.Inline, object: sealed.Object}
	err = t.land(ctx, a, func(ctx context.Context, tx store.Tx) error { return commit.Do(ctx, tx, out) })
	return out, t.Payloads.Discard(ctx, sealed.Object, err)
}

// dropPlace finds the tray and who owns it, before a byte of the body is read.
func (t *Trays) dropPlace(ctx context.Context, d Dropped) (at place, recipient string, err error) {
	err = t.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		if at, err = t.named(ctx, tx, d); err != nil {
			return err
		}
		if err := t.live(ctx, tx, d.By.Partner); err != nil {
			return err
		}
		if recipient, err = t.Ledger.Recipient(ctx, tx, at.owner); errors.Is(err, ledger.ErrNotEnrolled) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := t.owes(ctx, tx, d.By.Partner); err != nil {
			return err
		}
		_, err := q(tx).Named(ctx, traydb.NamedParams{Partner: string(d.By.Partner), Named: string(d.Item)})
		if err == nil {
			return fmt.Errorf("item %s: %w", d.Item, testimony.ErrExists)
		}
		if err := found("find delivery", err); !errors.Is(err, ErrNotFound) {
			return err
		}
		return nil
	})
	return at, recipient, err
}

func (t *Trays) named(ctx context.Context, tx store.Tx, d Dropped) (place, error) {
	if d.Tray != "" {
		row, err := q(tx).ByID(ctx, traydb.ByIDParams{ID: string(d.Tray), Today: t.today()})
		return place{tray: id.ID(row.ID), owner: id.Thumbprint(row.Account)}, found("find tray", err)
	}
	row, err := q(tx).ByCode(ctx, traydb.ByCodeParams{CodeSha256: codeHash(d.By.Partner, d.Code), Today: t.today()})
	return place{tray: id.ID(row.ID), owner: id.Thumbprint(row.Account)}, found("find tray", err)
}

// note is the vault's own word for what it sealed.
func (t *Trays) note(d Dropped, recipient string, s testimony.SealedHere) (*delivery.Note, string, error) {
	n := &delivery.Note{Issuer: t.Ledger.Vault, Vault: t.Ledger.Vault, Partner: d.By.Partner, Client: d.By.Client, Item: d.Item,
		RecipientSHA256: sum([]byte(recipient)), Length: s.Binding.Length, PayloadSHA256: s.Binding.PayloadSHA256, Commit: s.Binding.Commit,
		HeaderSHA256: s.Binding.HeaderSHA256, Assurance: d.Assurance, Day: t.today(), Consultation: d.Consultation}
	compact, err := delivery.Sign(*n, t.ReceiptKey())
	return n, compact, err
}
