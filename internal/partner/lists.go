package partner

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/partner/partnerdb"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Record is what the vault has about one partner, in the stewards' signed words:
// whoever reads it verifies it. InForce and Halted are the vault's own word.
type Record struct {
	Partner id.ID
	Agrees  []string // by the beginning of their agreements
	Halts   []string
	InForce *Hash // the agreement that counts, if one does
	Halted  []Hash
}

// ClientRecord is the same about one program, in its officers' words.
type ClientRecord struct {
	Client  id.ID
	Clients []string // registrations, by their beginning
	Retires []string
	Retired []id.Thumbprint // keys; of those that only the journal knew there is no statement
	Live    []id.Thumbprint // keys that count now, by the vault's own word
}

// List gives a steward at most limit partners behind after, and an officer her own.
// Others get account.ErrNotFound.
func (r *Registry) List(ctx context.Context, caller account.Caller, after id.ID, limit int) ([]Record, error) {
	var out []Record
	err := r.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		partners, err := r.listed(ctx, tx, caller, after, limit)
		if err != nil {
			return err
		}
		for _, p := range partners {
			record, err := r.record(ctx, tx, id.ID(p))
			if err != nil {
				return err
			}
			out = append(out, record)
		}
		return nil
	})
	return out, err
}

func (r *Registry) listed(ctx context.Context, tx store.Tx, caller account.Caller, after id.ID, limit int) ([]string, error) {
	steward, err := r.isSteward(ctx, tx, caller)
	if err != nil {
		return nil, err
	}
	if steward {
		return partnerdb.New(tx).Partners(ctx, partnerdb.PartnersParams{After: string(after), Page: int64(limit)})
	}
	of, err := r.Officer(ctx, tx, caller.ID)
	if err != nil || string(of.ID) <= string(after) {
		return nil, err
	}
	return []string{string(of.ID)}, nil
}

// One gives one partner to anybody enrolled, once it has had an agreement; before
// that to stewards.
func (r *Registry) One(ctx context.Context, caller account.Caller, partner id.ID) (Record, error) {
	var out Record
	err := r.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		if err = r.known(ctx, tx, caller, partner); err == nil {
			out, err = r.record(ctx, tx, partner)
		}
		return err
	})
	return out, err
}

// known answers account.ErrNotFound to whoever may not know of a partner.
func (r *Registry) known(ctx context.Context, tx store.Tx, caller account.Caller, partner id.ID) error {
	if caller.Role == "" {
		return account.ErrNotFound
	}
	all, current, err := r.agreements(ctx, tx, partner)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.reached || a.effective(current) {
			return nil
		}
	}
	steward, err := r.isSteward(ctx, tx, caller)
	if err == nil && (!steward || len(all) == 0) {
		err = account.ErrNotFound
	}
	return err
}

// ForSteward answers account.ErrNotFound to whoever is no steward of today's roster.
func (r *Registry) ForSteward(ctx context.Context, tx store.Tx, caller account.Caller) error {
	_, err := r.steward(ctx, tx, caller.ID)
	return err
}

func (r *Registry) isSteward(ctx context.Context, tx store.Tx, caller account.Caller) (bool, error) {
	_, err := r.steward(ctx, tx, caller.ID)
	if errors.Is(err, account.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (r *Registry) record(ctx context.Context, tx store.Tx, partner id.ID) (Record, error) {
	out := Record{Partner: partner}
	all, current, err := r.agreements(ctx, tx, partner)
	if err != nil {
		return Record{}, err
	}
	if a := newest(all, current, r.Now().Unix()); a != nil {
		out.InForce = &a.Agreement
	}
	for _, a := range all {
		if a.halted {
			out.Halted = append(out.Halted, a.Agreement)
		}
	}
	rows, err := partnerdb.New(tx).Statements(ctx, string(partner))
	if err != nil {
		return Record{}, fmt.Errorf("read agreements: %w", err)
	}
	for _, row := range rows {
		if row.Act == string(statement.ActHalt) {
			out.Halts = append(out.Halts, row.Statement)
			continue
		}
		out.Agrees = append(out.Agrees, row.Statement)
	}
	return out, nil
}

// Clients gives an officer of the partner, and stewards, at most limit of its
// programs behind after. Others get account.ErrNotFound.
func (r *Registry) Clients(ctx context.Context, caller account.Caller, partner, after id.ID, limit int) ([]ClientRecord, error) {
	var out []ClientRecord
	err := r.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		steward, err := r.isSteward(ctx, tx, caller)
		if err != nil {
			return err
		}
		if steward {
			err = r.known(ctx, tx, caller, partner)
		} else {
			_, err = r.officer(ctx, tx, caller, partner)
		}
		if err != nil {
			return err
		}
		list, err := partnerdb.New(tx).Clients(ctx, partnerdb.ClientsParams{Partner: string(partner), After: string(after), Page: int64(limit)})
		if err != nil {
			return fmt.Errorf("list clients: %w", err)
		}
		for _, c := range list {
			record, err := r.clientRecord(ctx, tx, id.ID(c))
			if err != nil {
				return err
			}
			out = append(out, record)
		}
		return nil
	})
	return out, err
}

// Client gives one program of a partner to whoever may know of the partner, so that
// they can check what it signed.
func (r *Registry) Client(ctx context.Context, caller account.Caller, partner, client id.ID) (ClientRecord, error) {
	var out ClientRecord
	err := r.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := r.known(ctx, tx, caller, partner); err != nil {
			return err
		}
		owner, err := partnerdb.New(tx).ClientPartner(ctx, string(client))
		if errors.Is(err, sql.ErrNoRows) || err == nil && owner != string(partner) {
			return account.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("read client: %w", err)
		}
		out, err = r.clientRecord(ctx, tx, client)
		return err
	})
	return out, err
}

func (r *Registry) clientRecord(ctx context.Context, tx store.Tx, client id.ID) (ClientRecord, error) {
	out := ClientRecord{Client: client}
	q := partnerdb.New(tx)
	var err error
	if out.Clients, err = q.ClientStatements(ctx, string(client)); err != nil {
		return ClientRecord{}, fmt.Errorf("read registrations: %w", err)
	}
	retired, err := q.Retirements(ctx, string(client))
	if err != nil {
		return ClientRecord{}, fmt.Errorf("read retirements: %w", err)
	}
	for _, row := range retired {
		out.Retired = append(out.Retired, id.Thumbprint(row.Thumbprint))
		if row.Statement != "" {
			out.Retires = append(out.Retires, row.Statement)
		}
	}
	keys, err := r.keys(ctx, tx, client)
	if err != nil && !errors.Is(err, account.ErrNotFound) {
		return ClientRecord{}, err
	}
	for _, k := range keys {
		if !slices.Contains(out.Live, k.Key) {
			out.Live = append(out.Live, k.Key)
		}
	}
	return out, nil
}
