package partner

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/partner/partnerdb"
	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/store"
)

// What a program that asks for a token can be told. The text behind ErrClient is
// for tests and never for the wire.
var (
	// ErrClient: nobody vouches for this program, or not any more, or its assertion
	// is not good. All of these look the same.
	ErrClient = errors.New("the client is refused")
	// ErrScopes: it asks for a scope that there is not, or that it does not have.
	ErrScopes = errors.New("the client does not have these scopes")
)

// TokenRequest is a program's request for a token.
type TokenRequest struct {
	Assertion string   // compact JWS
	ClientID  string   // beside it; may be empty, and must else be the same
	Scopes    []string // asked for; none: all it has
	session.Request
}

// Token is what it gets.
type Token struct {
	session.Token
	Scopes []Scope
}

// Token opens a session for a program that signs with a registered key, bound to the
// key of its proof. Errors are ErrClient, ErrScopes, *Exceeded, those of session.Prove,
// or from the database.
//
// The assertion's jti is used up last, in the database, so that it is good once on
// whichever node, and only by whoever has the client's key.
func (r *Registry) Token(ctx context.Context, req TokenRequest) (Token, error) {
	a, err := parse(req.Assertion, r.Origins, r.Now())
	if err != nil {
		return Token{}, refused(err)
	}
	if req.ClientID != "" && req.ClientID != string(a.Client) {
		return Token{}, refused(errors.New("client_id is another client"))
	}
	bound, err := r.Sessions.Prove(req.Request)
	if err != nil {
		return Token{}, err
	}
	if slices.ContainsFunc(a.origins, func(o string) bool { return o != bound.Origin }) {
		return Token{}, refused(errors.New("its aud is another origin than the proof's"))
	}
	caller, err := r.vouched(ctx, a)
	if err != nil {
		return Token{}, err
	}
	scopes, err := narrowed(caller.Scopes, req.Scopes)
	if err != nil {
		return Token{}, err
	}
	// Asking for tokens counts, since each leaves a row until it is forgotten.
	if _, err := r.Limit.Take(caller.Client); err != nil {
		return Token{}, err
	}
	fresh, err := r.Sessions.Once(ctx, "assertion\n"+string(a.Client)+"\n"+a.jti, a.expires.Add(forgetAfter))
	if err != nil {
		return Token{}, err
	}
	if !fresh {
		return Token{}, refused(errors.New("its jti has been used"))
	}
	token, err := r.Sessions.Issue(session.Client{ID: caller.Client, Key: caller.Key, Scope: spell(scopes)}, bound)
	return Token{token, scopes}, err
}

// vouched finds the key that signed the assertion, among those that count now.
func (r *Registry) vouched(ctx context.Context, a *assertion) (Caller, error) {
	var keys []key
	err := r.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		keys, err = r.keys(ctx, tx, a.Client)
		return err
	})
	if err != nil && !errors.Is(err, account.ErrNotFound) {
		return Caller{}, err
	}
	for _, k := range keys {
		if a.token.Verify(k.public) == nil {
			return merged(keys, k.Key), nil
		}
	}
	return Caller{}, refused(errors.New("no key of this client that counts has signed it"))
}

// Authenticate tells which program sends a request, by what holds at this moment.
// Errors are those of session.Client, or *Exceeded; a program that nobody vouches for any more is
// session.ErrRefused, as if its token were none.
func (r *Registry) Authenticate(ctx context.Context, req session.Request) (Caller, error) {
	told, err := r.Sessions.Client(req)
	if err != nil {
		return Caller{}, err
	}
	var keys []key
	err = r.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		keys, err = r.keys(ctx, tx, told.ID)
		return err
	})
	if err != nil && !errors.Is(err, account.ErrNotFound) {
		return Caller{}, err
	}
	caller := merged(keys, told.Key)
	if caller.Client == "" {
		return Caller{}, fmt.Errorf("%w: nobody vouches for this client's key now", session.ErrRefused)
	}
	caller.Scopes = common(caller.Scopes, read(told.Scope))
	caller.Rate, err = r.Limit.Take(caller.Client)
	return caller, err
}

// key is a registration that counts now.
type key struct {
	Caller
	public *clientkey.Key
}

// keys are the registrations of a client that count now: agreement in force, two of
// its officers, not retired, in term. Without any: account.ErrNotFound or none.
func (r *Registry) keys(ctx context.Context, tx store.Tx, client id.ID) ([]key, error) {
	q := partnerdb.New(tx)
	owner, err := q.ClientPartner(ctx, string(client))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, account.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read client: %w", err)
	}
	of, err := r.InForce(ctx, tx, id.ID(owner))
	if err != nil {
		return nil, err
	}
	rows, err := q.Keys(ctx, partnerdb.KeysParams{Client: string(client), Now: r.Now().Unix()})
	if err != nil {
		return nil, fmt.Errorf("read a client's keys: %w", err)
	}
	var out []key
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(o partnerdb.KeysRow) bool { return string(o.ID) != string(rows[0].ID) })
		if n < 0 {
			n = len(rows)
		}
		k, ok, err := of.key(client, rows[:n])
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, k)
		}
		rows = rows[n:]
	}
	return out, nil
}

// key makes one of the rows of one registration, if enough of them are by officers.
func (p Partner) key(client id.ID, rows []partnerdb.KeysRow) (key, bool, error) {
	var voices []id.Thumbprint
	for _, row := range rows {
		voices = append(voices, id.Thumbprint(row.Officer))
	}
	if p.count(voices) < OfficersNeeded {
		return key{}, false, nil
	}
	var jwk clientkey.JWK
	if err := canonical.Decode([]byte(rows[0].Jwk), &jwk); err != nil {
		return key{}, false, fmt.Errorf("read a client's key: %w", err)
	}
	public, err := jwk.Parse()
	if err != nil {
		return key{}, false, fmt.Errorf("read a client's key: %w", err)
	}
	return key{public: public, Caller: Caller{
		Partner: p.ID, Client: client, Key: public.Thumbprint(),
		Scopes: common(read(rows[0].Scopes), p.Scopes), Until: min(rows[0].UntilS, p.Until),
	}}, true, nil
}

// merged joins the registrations of one key: an officer's renewal of it overlaps
// with what it renews. Without any it is zero.
func merged(keys []key, of id.Thumbprint) Caller {
	var out Caller
	for _, k := range keys {
		switch {
		case k.Key != of:
		case out.Client == "":
			out = k.Caller
		default:
			out.Scopes = slices.Compact(slices.Sorted(slices.Values(slices.Concat(out.Scopes, k.Scopes))))
			out.Until = max(out.Until, k.Until)
		}
	}
	return out
}

// narrowed gives what was asked for. More than the client has is refused, not cut:
// a program that believes to have what it has not fails later and less clearly.
func narrowed(has []Scope, asked []string) ([]Scope, error) {
	if len(asked) == 0 {
		return has, nil
	}
	var out []Scope
	for _, w := range asked {
		if !slices.Contains(has, Scope(w)) || slices.Contains(out, Scope(w)) {
			return nil, ErrScopes
		}
		out = append(out, Scope(w))
	}
	slices.Sort(out)
	return out, nil
}

func refused(err error) error { return fmt.Errorf("%w: %w", ErrClient, err) }
