package accreditation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accreditation/accreditationdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/store"
)

// Dossier is what the vault has about one researcher, in her own and the
// stewards' signed words: whoever reads it verifies it.
type Dossier struct {
	Account   id.Thumbprint
	Key       string   // key statement
	Apply     string   // her newest application
	Accredits []string // over that application
	Suspends  []string
}

// pageSize is how many applications are looked through at a time.
const pageSize = 100

// Waiting lists, for a steward, at most limit researchers behind after whose
// newest application is not accredited now, with the voices that can still
// become an accreditation. Others get account.ErrNotFound.
func (a *Accreditations) Waiting(ctx context.Context, caller account.Caller, after id.Thumbprint, limit int) ([]Dossier, error) {
	var out []Dossier
	err := a.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		current, err := a.steward(ctx, tx, caller.ID)
		if err != nil {
			return err
		}
		now := a.Now().Unix()
		out, err = a.list(ctx, tx, after, limit, func(of []*file) ([]*file, bool) {
			open := only(of, func(f *file) bool { return !f.suspended && !f.overtaken && now < f.until })
			return open, !anyLive(open, current, now)
		})
		return err
	})
	return out, err
}

// Researchers lists at most limit accredited researchers behind after. A key that
// has not enrolled sees none.
func (a *Accreditations) Researchers(ctx context.Context, caller account.Caller, after id.Thumbprint, limit int) ([]Dossier, error) {
	if caller.Role == "" {
		return nil, nil
	}
	var out []Dossier
	err := a.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		current, err := a.Book.Current(ctx, tx)
		if err != nil {
			return err
		}
		now := a.Now().Unix()
		out, err = a.list(ctx, tx, after, limit, func(of []*file) ([]*file, bool) {
			return only(of, func(f *file) bool { return !f.overtaken }), anyLive(of, current, now)
		})
		return err
	})
	return out, err
}

// Researcher gives one researcher to anybody enrolled, accredited or suspended,
// once a steward has vouched for her; before that to stewards and herself.
func (a *Accreditations) Researcher(ctx context.Context, caller account.Caller, who id.Thumbprint) (Dossier, error) {
	if caller.Role == "" {
		return Dossier{}, account.ErrNotFound
	}
	var out Dossier
	err := a.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		// Whoever has not applied costs the same questions as whoever has and is not to
		// be seen, so that a clock does not tell the two apart.
		row, missing := stored(ctx, tx, who)
		if missing != nil && !errors.Is(missing, account.ErrNotFound) {
			return missing
		}
		row.Account = string(who)
		of, err := filesOf(ctx, tx, []accreditationdb.Application{row})
		if err != nil {
			return err
		}
		current, err := a.Book.Current(ctx, tx)
		if err != nil || missing != nil {
			return errors.Join(err, missing)
		}
		kept := only(of[who], func(f *file) bool { return !f.overtaken })
		if _, steward := current.Steward(caller.ID); len(kept) == 0 && caller.ID != who && !steward {
			return account.ErrNotFound
		}
		out, err = a.dossier(ctx, tx, row, kept)
		return err
	})
	return out, err
}

func only(of []*file, keep func(*file) bool) []*file {
	var out []*file
	for _, f := range of {
		if keep(f) {
			out = append(out, f)
		}
	}
	return out
}

func anyLive(of []*file, r *roster.Roster, now int64) bool {
	return slices.ContainsFunc(of, func(f *file) bool { return f.live(r, now) })
}

// list walks the applications behind after, lets keep choose what to show and
// whether to, and stops at limit.
func (a *Accreditations) list(ctx context.Context, tx store.Tx, after id.Thumbprint, limit int, keep func([]*file) ([]*file, bool)) ([]Dossier, error) {
	var out []Dossier
	for {
		rows, err := accreditationdb.New(tx).Applications(ctx, accreditationdb.ApplicationsParams{After: string(after), Page: pageSize})
		if err != nil {
			return nil, fmt.Errorf("read applications: %w", err)
		}
		if len(rows) == 0 {
			return out, nil
		}
		of, err := filesOf(ctx, tx, rows)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			after = id.Thumbprint(row.Account)
			kept, show := keep(of[after])
			if !show {
				continue
			}
			if len(out) == limit {
				return out, nil
			}
			d, err := a.dossier(ctx, tx, row, kept)
			if err != nil {
				return nil, err
			}
			out = append(out, d)
		}
	}
}

// filesOf reads the files of the accounts of rows, which are in order.
func filesOf(ctx context.Context, tx store.Tx, rows []accreditationdb.Application) (map[id.Thumbprint][]*file, error) {
	voices, err := accreditationdb.New(tx).Voices(ctx, accreditationdb.VoicesParams{Low: rows[0].Account, High: rows[len(rows)-1].Account})
	if err != nil {
		return nil, fmt.Errorf("read accreditations: %w", err)
	}
	newest := map[string][]byte{}
	for _, r := range rows {
		newest[r.Account] = r.ApplySha256
	}
	return files(voices, newest), nil
}

func (a *Accreditations) dossier(ctx context.Context, tx store.Tx, row accreditationdb.Application, of []*file) (Dossier, error) {
	d := Dossier{Account: id.Thumbprint(row.Account), Apply: row.Statement}
	key, err := a.Ledger.Statement(ctx, tx, d.Account, 1)
	if err != nil {
		return Dossier{}, err
	}
	d.Key = key.Compact()
	for _, f := range of {
		d.Accredits = append(d.Accredits, f.accredits...)
		d.Suspends = append(d.Suspends, f.suspends...)
	}
	return d, nil
}
