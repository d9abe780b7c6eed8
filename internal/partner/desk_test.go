package partner_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/serverkeys"
	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/session/sessiontest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

const (
	origin = "https://vault.example"
	year   = 365 * 24 * time.Hour
)

type members = sessiontest.Members

// desk is a vault with stewards, two officers of an organisation, and two nodes
// where programs come.
type desk struct {
	*accounttest.World
	reg      *partner.Registry
	other    *partner.Registry // the second node
	officers [3]*accounttest.Person
	id       id.ID
}

func newDesk(t *testing.T, db *store.DB, stewards, threshold int) *desk {
	t.Helper()
	d := &desk{World: accounttest.New(t, db, stewards, threshold)}
	keys, err := serverkeys.Open(filepath.Join(t.TempDir(), "keys"), rand.Reader, nil)
	d.must(err)
	node := func() *partner.Registry {
		s, err := session.New(session.Config{Vault: d.Vault, Origins: []string{origin, "http://other.onion"}, Keys: keys, DB: db, Now: d.Clock.Now, Rand: rand.Reader})
		d.must(err)
		return &partner.Registry{DB: db, Ledger: d.Ledger, Book: d.Book, Sessions: s, Origins: []string{origin, "http://other.onion"}, Now: d.Clock.Now}
	}
	d.reg, d.other = node(), node()
	for i := range d.officers {
		d.officers[i] = d.Enrolled(statement.Partner)
	}
	d.id = d.draw()
	return d
}

func (d *desk) must(err error) {
	d.T.Helper()
	if err != nil {
		d.T.Fatal(err)
	}
}

func (d *desk) draw() id.ID {
	d.T.Helper()
	v, err := id.New(rand.Reader)
	d.must(err)
	return v
}

// body is an agreement for a year, with the first two officers.
func (d *desk) body(scopes ...partner.Scope) statement.Agree {
	if len(scopes) == 0 {
		scopes = statement.Scopes()
	}
	now := d.Clock.Now()
	return statement.Agree{Partner: d.id, Name: "Women for Memory", Officers: ids(d.officers[0], d.officers[1]), Scopes: scopes,
		From: now.Unix(), Until: now.Add(year).Unix()}
}

func ids(list ...*accounttest.Person) (out []id.Thumbprint) {
	for _, p := range list {
		out = append(out, p.ID)
	}
	slices.Sort(out)
	return out
}

func (d *desk) agree(steward *accounttest.Person, body statement.Agree) (partner.Outcome, error) {
	d.T.Helper()
	return d.reg.Agree(d.T.Context(), steward.Caller, steward.Sign(body).Compact(), nil)
}

// effective agrees by some stewards, the last of whom makes it count.
func (d *desk) effective(body statement.Agree, stewards ...*accounttest.Person) partner.Hash {
	d.T.Helper()
	var out partner.Outcome
	for _, s := range stewards {
		var err error
		out, err = d.agree(s, body)
		d.must(err)
	}
	if !out.Effective {
		d.T.Fatalf("not effective: %+v", out)
	}
	return out.Name
}

func (d *desk) halt(steward *accounttest.Person, name partner.Hash) (partner.Outcome, error) {
	d.T.Helper()
	s := steward.Sign(statement.Halt{Partner: d.id, Agreement: statement.B64(name[:])})
	return d.reg.Halt(d.T.Context(), steward.Caller, s.Compact(), nil)
}

// inForce is the agreement that counts, or the zero name.
func (d *desk) inForce() (name partner.Hash) {
	d.T.Helper()
	d.View(func(ctx context.Context, tx store.Tx) error {
		p, err := d.reg.InForce(ctx, tx, d.id)
		if err == account.ErrNotFound {
			return nil
		}
		name = p.Agreement
		return err
	})
	return name
}

// program is a client with a key.
type program struct {
	desk   *desk
	id     id.ID
	key    crypto.Signer
	public *clientkey.Key
	phone  *sessiontest.Phone // makes its proofs
}

func (d *desk) program() *program {
	d.T.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	d.must(err)
	return d.keyed(d.draw(), key)
}

func (d *desk) keyed(name id.ID, key crypto.Signer) *program {
	d.T.Helper()
	public, err := clientkey.Of(key.Public())
	d.must(err)
	return &program{desk: d, id: name, key: key, public: public, phone: sessiontest.New(d.T, origin)}
}

// registration is a key's for ninety days.
func (g *program) registration(scopes ...partner.Scope) statement.Client {
	if len(scopes) == 0 {
		scopes = statement.Scopes()
	}
	now := g.desk.Clock.Now()
	return statement.Client{Partner: g.desk.id, Client: g.id, JWK: g.public.JWK(), Scopes: scopes, From: now.Unix(), Until: now.Add(90 * 24 * time.Hour).Unix()}
}

func (d *desk) register(officer *accounttest.Person, body statement.Client) (partner.Outcome, error) {
	d.T.Helper()
	return d.reg.Register(d.T.Context(), officer.Caller, officer.Sign(body).Compact(), nil)
}

// registered is a program whose key the first two officers signed for.
func (d *desk) registered(scopes ...partner.Scope) *program {
	d.T.Helper()
	g := d.program()
	for _, o := range d.officers[:2] {
		_, err := d.register(o, g.registration(scopes...))
		d.must(err)
	}
	return g
}

func (d *desk) retire(officer *accounttest.Person, g *program) error {
	d.T.Helper()
	s := officer.Sign(statement.Retire{Partner: d.id, Client: g.id, Key: g.public.Thumbprint()})
	_, err := d.reg.Retire(d.T.Context(), officer.Caller, s.Compact(), nil)
	return err
}

// claims are those of a good assertion.
func (g *program) claims() members {
	return members{"iss": string(g.id), "sub": string(g.id), "aud": origin + "/v1/token", "jti": string(g.desk.draw()), "exp": g.desk.Clock.Now().Unix() + 60}
}

// assertion signs claims with changes, under the header of the key with changes.
func (g *program) assertion(header, claims members) string {
	g.desk.T.Helper()
	return signed(g.desk.T, g.key, members{"alg": g.public.Alg(), "typ": "JWT"}.But(header), g.claims().But(claims))
}

// request is a good request for a token.
func (g *program) request(assertion string, scopes ...string) partner.TokenRequest {
	g.phone.Token, g.phone.Nonce = "", g.desk.reg.Sessions.Nonce()
	return partner.TokenRequest{Assertion: assertion, Scopes: scopes, Request: session.Request{
		Method: "POST", Path: partner.TokenPath, Proof: g.phone.Proof("POST", partner.TokenPath, nil, nil),
	}}
}

func (g *program) token(at *partner.Registry, scopes ...string) (partner.Token, error) {
	return at.Token(g.desk.T.Context(), g.request(g.assertion(nil, nil), scopes...))
}

// in signs the program in.
func (g *program) in(scopes ...string) *program {
	g.desk.T.Helper()
	token, err := g.token(g.desk.reg, scopes...)
	g.desk.must(err)
	g.phone.Token = token.Access
	return g
}

// calls sends a request with the program's token at a node.
func (g *program) calls(at *partner.Registry) (partner.Caller, error) {
	g.phone.Nonce = at.Sessions.Nonce()
	return at.Authenticate(g.desk.T.Context(), session.Request{
		Method: "GET", Path: "/v1/partner", Proof: g.phone.Proof("GET", "/v1/partner", nil, nil), Token: g.phone.Token,
	})
}
