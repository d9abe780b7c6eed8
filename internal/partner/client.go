package partner

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/partner/partnerdb"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Register records an officer's voice for a key of a client.
//
// account.ErrNotFound: the caller is no officer of that partner, or not with the
// key that the agreement names: whoever changed her key asks the stewards for a new
// agreement, since others check her voice against the old one. ErrSpoken,
// ErrRetired, ErrTaken as they say. statement.ErrRefused: its term is over, or it
// asks for more than the agreement gives.
func (r *Registry) Register(ctx context.Context, caller account.Caller, compact string, commit account.Commit[Outcome]) (Outcome, error) {
	s, body, err := ledger.Take[*statement.Client](r.Ledger, caller.Signer(), compact)
	if err != nil {
		return Outcome{}, err
	}
	name := s.BodyHash()
	var out Outcome
	return out, r.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		of, err := r.officer(ctx, tx, caller, body.Partner)
		if err != nil {
			return err
		}
		if caller.Signer() != caller.ID {
			return account.ErrNotFound
		}
		if err := r.registrable(ctx, tx, of, body, name); err != nil {
			return err
		}
		voices, err := r.say(ctx, tx, s, name)
		if err != nil {
			return err
		}
		out = of.outcome(s.Accepted(), name, voices)
		return commit.Do(ctx, tx, out)
	})
}

// officer gives the partner if the caller is its officer, account.ErrNotFound
// otherwise.
func (r *Registry) officer(ctx context.Context, tx store.Tx, caller account.Caller, partner id.ID) (Partner, error) {
	of, err := r.Officer(ctx, tx, caller.ID)
	if err == nil && of.ID != partner {
		return Partner{}, account.ErrNotFound
	}
	return of, err
}

// outcome counts the voices of those who are officers now.
func (p Partner) outcome(accepted ledger.Accepted, name Hash, voices []id.Thumbprint) Outcome {
	out := Outcome{Accepted: accepted, Name: name, Threshold: OfficersNeeded, Approvals: p.count(voices)}
	out.Effective = out.Approvals >= out.Threshold
	return out
}

func (p Partner) count(voices []id.Thumbprint) (n int) {
	for _, v := range voices {
		if slices.Contains(p.Officers, v) {
			n++
		}
	}
	return n
}

// registrable refuses what could not count, and gives a registration its row with
// its first voice.
func (r *Registry) registrable(ctx context.Context, tx store.Tx, of Partner, body *statement.Client, name Hash) error {
	switch {
	case r.Now().Unix() >= body.Until:
		return fmt.Errorf("%w: its term is over", statement.ErrRefused)
	case len(common(body.Scopes, of.Scopes)) != len(body.Scopes):
		return fmt.Errorf("%w: it asks for scopes that the agreement does not give", statement.ErrRefused)
	}
	key, err := body.JWK.Parse()
	if err != nil {
		return fmt.Errorf("%w: %w", statement.ErrRefused, err)
	}
	if err := claim(ctx, tx, body.Client, of.ID); err != nil {
		return err
	}
	q := partnerdb.New(tx)
	retired, err := q.IsRetired(ctx, partnerdb.IsRetiredParams{Client: string(body.Client), Thumbprint: string(key.Thumbprint())})
	if err != nil {
		return fmt.Errorf("look for retirement: %w", err)
	}
	if retired > 0 {
		return ErrRetired
	}
	text, err := canonical.Encode(key.JWK())
	if err != nil {
		return err
	}
	err = q.AddKey(ctx, partnerdb.AddKeyParams{
		ID: name[:], Client: string(body.Client), Thumbprint: string(key.Thumbprint()), Jwk: string(text),
		Scopes: spell(body.Scopes), FromS: body.From, UntilS: body.Until,
	})
	if err != nil {
		return fmt.Errorf("store a client's key: %w", err)
	}
	n, err := q.CountKeys(ctx, string(body.Client))
	if err == nil && n > MaxKeys {
		err = &account.Quota{Of: "keys of a client", Limit: MaxKeys}
	}
	return err
}

// claim makes a client the partner's, if it is nobody's yet. Its name is random: to
// take somebody else's one has to have been told it before it was registered.
func claim(ctx context.Context, tx store.Tx, client, partner id.ID) error {
	q := partnerdb.New(tx)
	owner, err := q.ClientPartner(ctx, string(client))
	switch {
	case err == nil && owner == string(partner):
		return nil
	case err == nil:
		return ErrTaken
	case !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("read client: %w", err)
	}
	n, err := q.CountClients(ctx, string(partner))
	if err != nil {
		return fmt.Errorf("count clients: %w", err)
	}
	if n >= MaxClients {
		return &account.Quota{Of: "clients", Limit: MaxClients}
	}
	if err := q.AddClient(ctx, partnerdb.AddClientParams{ID: string(client), Partner: string(partner)}); err != nil {
		return fmt.Errorf("store client: %w", err)
	}
	return nil
}

// say takes an officer's voice into her chain and onto the registration, once, and
// gives all voices on it.
func (r *Registry) say(ctx context.Context, tx store.Tx, s *ledger.Taken, name Hash) ([]id.Thumbprint, error) {
	q := partnerdb.New(tx)
	rows, err := q.ClientVoices(ctx, name[:])
	if err != nil {
		return nil, fmt.Errorf("read officers' voices: %w", err)
	}
	voices := []id.Thumbprint{s.Issuer}
	for _, v := range rows {
		voices = append(voices, id.Thumbprint(v))
	}
	if slices.Contains(voices[1:], s.Issuer) {
		return nil, ErrSpoken
	}
	if err := r.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
		return nil, err
	}
	err = q.AddClientVoice(ctx, partnerdb.AddClientVoiceParams{Registration: name[:], Officer: string(s.Issuer), Statement: s.Compact()})
	if err != nil {
		return nil, fmt.Errorf("store an officer's voice: %w", err)
	}
	return voices, nil
}

// Retire ends a key of a client by the word of any one officer, for good, with
// every token that it got. ErrSpoken: it was retired before.
func (r *Registry) Retire(ctx context.Context, caller account.Caller, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Retire](r.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	key, err := statement.Hash32(string(body.Key))
	if err != nil {
		return ledger.Accepted{}, fmt.Errorf("%w: key: %w", statement.ErrRefused, err)
	}
	return s.Accepted(), r.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		of, err := r.officer(ctx, tx, caller, body.Partner)
		if err != nil {
			return err
		}
		if err := r.retirable(ctx, tx, of, body); err != nil {
			return err
		}
		if err := r.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
			return err
		}
		n, err := partnerdb.New(tx).Retire(ctx, partnerdb.RetireParams{
			Client: string(body.Client), Thumbprint: string(body.Key), Day: statement.DayOf(r.Now()), Statement: s.Compact(),
		})
		if err != nil {
			return fmt.Errorf("retire: %w", err)
		}
		if n == 0 {
			return ErrSpoken
		}
		if err := r.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Retired, ID: body.Client, Hash: key[:]}); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
}

// retirable makes sure that there is such a key, and that it is the partner's.
func (r *Registry) retirable(ctx context.Context, tx store.Tx, of Partner, body *statement.Retire) error {
	q := partnerdb.New(tx)
	owner, err := q.ClientPartner(ctx, string(body.Client))
	if errors.Is(err, sql.ErrNoRows) || err == nil && owner != string(of.ID) {
		return account.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("read client: %w", err)
	}
	n, err := q.CountKeysNamed(ctx, partnerdb.CountKeysNamedParams{Client: string(body.Client), Thumbprint: string(body.Key)})
	if err != nil {
		return fmt.Errorf("read keys: %w", err)
	}
	if n == 0 {
		return account.ErrNotFound
	}
	return nil
}
