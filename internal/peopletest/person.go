// Package peopletest is people who come to a vault over HTTP, for tests of whole
// servers: with the product's own client, and with signed requests of their own
// making where the client would refuse.
//
// Promises: whoever a function returns is what it says (enrolled, accredited)
// or the test has failed. Assumes: a vault that enrols everybody, as a practice
// vault does. Does not: start one; packages vaulttest and nodetest do.
package peopletest

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/statement"
)

// Door is where people come in.
type Door struct {
	T       testing.TB
	Origin  string // http://127.0.0.1:PORT
	Vault   api.Hash
	Steward client.Secret    // of a practice vault's one steward
	HTTP    *http.Client     // nil: the client's own
	Now     func() time.Time // nil: the machine's clock
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

// With is somebody whose client was made elsewhere: an officer of a partner, or its
// program, which has no keys to sign statements with.
func (d *Door) With(c *client.Client, keys *client.Keys) *Person {
	return &Person{Client: c, Keys: keys, door: d}
}

// Participant is somebody new with an account for her testimonies.
func (d *Door) Participant() *Person { d.T.Helper(); return d.enrolled(statement.Participant) }

// Applicant is a researcher who has applied and waits for the steward.
func (d *Door) Applicant(institution string) *Person {
	d.T.Helper()
	p := d.enrolled(statement.Researcher)
	d.must(p.Apply(d.T.Context(), "Dr. Oksana", institution, "listening"))
	return p
}

func (d *Door) enrolled(role api.Role) *Person {
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

// Researcher is somebody new whom the steward has accredited for so many days.
func (d *Door) Researcher(days int) *Person {
	d.T.Helper()
	p := d.Applicant("Archive of Voices")
	_, err := d.Guard().Accredit(d.T.Context(), p.Account(), days)
	d.must(err)
	return p
}

// Request is a signed request, for what the client would not send.
func (p *Person) Request(method, path string, body io.Reader) *http.Request {
	p.door.T.Helper()
	req, err := http.NewRequestWithContext(p.door.T.Context(), method, p.door.Origin+path, body)
	p.door.must(err)
	p.Authorize(req)
	return req
}

// Authorize signs a request with the person's session.
func (p *Person) Authorize(req *http.Request) {
	p.door.T.Helper()
	_, err := p.Vault(req.Context()) // any answer brings a fresh nonce along
	p.door.must(err)
	token, err := p.Token(req.Context())
	p.door.must(err)
	proof, err := token.Proof(rand.Reader, p.Time().Unix(), req.Method, req.URL.String(), "")
	p.door.must(err)
	req.Header.Set("Authorization", api.SchemeDPoP+" "+token.Access())
	req.Header.Set(api.HeaderDPoP, proof)
}

// Says makes the statement that comes next in the person's chain.
func (p *Person) Says(act statement.Act, body statement.Body) string {
	p.door.T.Helper()
	text, err := canonical.Encode(body)
	p.door.must(err)
	signed, err := p.Sign(p.door.T.Context(), string(act), text)
	p.door.must(err)
	return signed
}

// IdempotencyKey is a new one, as it stands in its header.
func (d *Door) IdempotencyKey() string {
	d.T.Helper()
	b := make([]byte, 16)
	rand.Read(b) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf(`"%x-%x-%x-%x-%x"`, b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
