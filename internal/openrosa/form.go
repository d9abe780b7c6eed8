package openrosa

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/openrosa/openrosadb"
	"github.com/relatingfield/vault/internal/openrosa/xform"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tray"
)

// Blank is a form that phones can get.
type Blank struct {
	ID       id.ID
	Tray     id.ID
	Form     xform.Form
	AddedDay int64
	Over     bool // withdrawn, or another version took its place
}

// AddForm hands out a form to the phones of the collection whose tray has this code.
// One with the same id of its own is withdrawn.
func (i *Intake) AddForm(ctx context.Context, by tray.Bringer, code string, doc []byte, commit account.Commit[Blank]) (Blank, error) {
	form, err := xform.Check(doc)
	if err != nil {
		return Blank{}, err
	}
	name, err := i.id()
	if err != nil {
		return Blank{}, err
	}
	var out Blank
	err = i.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		at, err := i.place(ctx, tx, by.Partner, code)
		if err != nil {
			return err
		}
		out = Blank{ID: name, Tray: at, Form: form, AddedDay: i.today()}
		if err := i.supersede(ctx, tx, at, form.ID); err != nil {
			return err
		}
		n, err := q(tx).CountForms(ctx, string(by.Partner))
		if err != nil {
			return fmt.Errorf("count forms: %w", err)
		}
		if n >= i.Limits.Forms {
			return &account.Quota{Of: "forms that are handed out", Limit: i.Limits.Forms}
		}
		err = q(tx).AddForm(ctx, openrosadb.AddFormParams{ID: string(name), Partner: string(by.Partner), Tray: string(at),
			FormSha256: formHash(at, form.ID), Document: doc, AddedDay: i.today()})
		if err != nil {
			return fmt.Errorf("add form: %w", err)
		}
		return commit.Do(ctx, tx, out)
	})
	return out, err
}

func formHash(at id.ID, form string) []byte { return named("form", string(at), form) }

// supersede withdraws what a new version takes the place of.
func (i *Intake) supersede(ctx context.Context, tx store.Tx, at id.ID, form string) error {
	old, err := q(tx).Supersede(ctx, openrosadb.SupersedeParams{Day: i.today(), Tray: string(at), FormSha256: formHash(at, form)})
	if err != nil {
		return fmt.Errorf("withdraw the version before: %w", err)
	}
	var entries []journal.Entry
	for _, o := range old {
		entries = append(entries, journal.Entry{Kind: journal.FormWithdrawn, ID: id.ID(o)})
	}
	return i.Journal.Write(ctx, tx, entries...)
}

// Withdraw stops handing out a form. Phones that have it can still fill it in and
// send it: what is encrypted is taken. Doing it twice is doing it once.
func (i *Intake) Withdraw(ctx context.Context, by tray.Bringer, form id.ID) error {
	return i.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		n, err := q(tx).Withdraw(ctx, openrosadb.WithdrawParams{Day: i.today(), ID: string(form), Partner: string(by.Partner)})
		if err != nil {
			return fmt.Errorf("withdraw form: %w", err)
		}
		if n > 0 {
			return i.Journal.Write(ctx, tx, journal.Entry{Kind: journal.FormWithdrawn, ID: form})
		}
		has, err := q(tx).HasForm(ctx, openrosadb.HasFormParams{ID: string(form), Partner: string(by.Partner)})
		if err != nil {
			return fmt.Errorf("find form: %w", err)
		}
		if has == 0 {
			return ErrNotFound
		}
		return nil
	})
}

// Forms lists at most limit of a partner's behind one.
func (i *Intake) Forms(ctx context.Context, by tray.Bringer, after id.ID, limit int64) (out []Blank, err error) {
	err = i.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := q(tx).Forms(ctx, openrosadb.FormsParams{Partner: string(by.Partner), After: string(after), Page: limit})
		if err != nil {
			return fmt.Errorf("list forms: %w", err)
		}
		out = nil
		for _, r := range rows {
			f, err := xform.Check(r.Document)
			if err != nil {
				return fmt.Errorf("read a stored form: %w", err)
			}
			out = append(out, Blank{ID: id.ID(r.ID), Tray: id.ID(r.Tray), Form: f, AddedDay: r.AddedDay, Over: r.WithdrawnDay != 0})
		}
		return nil
	})
	return out, err
}

// Offered lists what a phone with this token can get, or the one of that id.
func (i *Intake) Offered(ctx context.Context, token, formID string) (out []Blank, err error) {
	err = i.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		s, err := i.sender(ctx, tx, token)
		if err != nil {
			return err
		}
		rows, err := q(tx).Offered(ctx, string(s.tray))
		if err != nil {
			return fmt.Errorf("list forms: %w", err)
		}
		out = nil
		for _, r := range rows {
			f, err := xform.Check(r.Document)
			if err != nil {
				return fmt.Errorf("read a stored form: %w", err)
			}
			if formID == "" || f.ID == formID {
				out = append(out, Blank{ID: id.ID(r.ID), Tray: s.tray, Form: f})
			}
		}
		return nil
	})
	return out, err
}

// Document gives a form to a phone with this token.
func (i *Intake) Document(ctx context.Context, token string, form id.ID) (doc []byte, err error) {
	err = i.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		s, err := i.sender(ctx, tx, token)
		if err != nil {
			return err
		}
		doc, err = q(tx).Form(ctx, openrosadb.FormParams{ID: string(form), Tray: string(s.tray)})
		return found("find form", err, ErrNotFound)
	})
	return doc, err
}
