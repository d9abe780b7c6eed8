package nodetest

import (
	"crypto/rand"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/statement"
)

// Door is where people come in: a node of a vault that the test knows.
type Door struct {
	T       testing.TB
	Origin  string
	Vault   api.Hash
	Steward client.Secret    // of the practice vault's one steward
	HTTP    *http.Client     // nil: the client's own
	Now     func() time.Time // nil: the machine's clock
}

// Door is the way in at this node.
func (n *Node) Door() *Door {
	return &Door{T: n.t, Origin: n.Origin, Vault: n.Vault.ID, Steward: n.Vault.steward}
}

// Person is somebody with keys who comes by a door. The same person at two doors
// is two clients of one account.
type Person struct {
	*client.Client
	Keys   *client.Keys
	Secret client.Secret

	door *Door
}

func (d *Door) must(err error) {
	d.T.Helper()
	if err != nil {
		d.T.Fatal(err)
	}
}

// Stranger is somebody new who has not enrolled.
func (d *Door) Stranger() *Person {
	d.T.Helper()
	s, err := client.NewSecret(rand.Reader)
	d.must(err)
	return d.With(s)
}

// With is whoever has the secret.
func (d *Door) With(s client.Secret) *Person {
	d.T.Helper()
	keys, err := client.KeysFor(s, d.Vault)
	d.must(err)
	return d.as(s, keys)
}

func (d *Door) as(s client.Secret, keys *client.Keys) *Person {
	d.T.Helper()
	c, err := client.New(client.Config{Server: d.Origin, Vault: d.Vault, Keys: keys, HTTP: d.HTTP, Now: d.Now})
	d.must(err)
	return &Person{c, keys, s, d}
}

// At is the same person at another door.
func (p *Person) At(d *Door) *Person { d.T.Helper(); return d.as(p.Secret, p.Keys) }

// Enrolled is somebody new with an account.
func (d *Door) Enrolled(role api.Role) *Person {
	d.T.Helper()
	p := d.Stranger()
	d.must(p.Enrol(d.T.Context(), role, ""))
	return p
}

// Guard is the steward, enrolled.
func (d *Door) Guard() *Person {
	d.T.Helper()
	keys, err := client.StewardKeys(d.Steward)
	d.must(err)
	p := d.as(d.Steward, keys)
	d.must(p.Enrol(d.T.Context(), statement.Steward, ""))
	return p
}

// Researcher is somebody new whom the steward has accredited.
func (d *Door) Researcher() *Person {
	d.T.Helper()
	p := d.Enrolled(statement.Researcher)
	d.must(p.Apply(d.T.Context(), "Dr. Oksana", "Archive of Voices", "listening"))
	_, err := d.Guard().Accredit(d.T.Context(), p.Account(), 300)
	d.must(err)
	return p
}

// Request is a signed request, for attacks that the client would not make.
func (p *Person) Request(method, path string, body io.Reader) *http.Request {
	d := p.door
	d.T.Helper()
	req, err := http.NewRequestWithContext(d.T.Context(), method, d.Origin+path, body)
	d.must(err)
	p.Authorize(req)
	return req
}

// Authorize signs a request.
func (p *Person) Authorize(req *http.Request) {
	d := p.door
	d.T.Helper()
	// Any answer brings a fresh nonce along.
	_, err := p.Vault(d.T.Context())
	d.must(err)
	token, err := p.Token(d.T.Context())
	d.must(err)
	proof, err := token.Proof(rand.Reader, p.Time().Unix(), req.Method, req.URL.String(), "")
	d.must(err)
	req.Header.Set("Authorization", "DPoP "+token.Access())
	req.Header.Set(api.HeaderDPoP, proof)
}

// Says makes the statement that comes next in the person's chain.
func (p *Person) Says(act statement.Act, body statement.Body) string {
	d := p.door
	d.T.Helper()
	text, err := canonical.Encode(body)
	d.must(err)
	signed, err := p.Sign(d.T.Context(), string(act), text)
	d.must(err)
	return signed
}
