package httpapi_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/httpapi"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/serverkeys"
	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/session/sessiontest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/watch"
)

// gathering is a founded vault with its people, met over HTTP.
type gathering struct {
	*accounttest.World
	web    *world
	phones map[id.Thumbprint]*sessiontest.Phone
	keys   int // idempotency keys given out
}

func newGathering(t *testing.T, db *store.DB, stewards, threshold int) *gathering {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	g := &gathering{World: accounttest.New(t, db, stewards, threshold), phones: map[id.Thumbprint]*sessiontest.Phone{}}
	g.web = &world{t: t, addr: l.Addr().String(), origin: "http://" + l.Addr().String(), log: &record{news: make(chan struct{}, 1)}}
	keys, err := serverkeys.Open(filepath.Join(t.TempDir(), "keys"), rand.Reader, nil)
	must(t, err)
	sessions, err := session.New(session.Config{
		Vault: g.Vault, Origins: []string{g.web.origin}, Keys: keys, DB: db, Now: g.Clock.Now, Rand: rand.Reader,
	})
	must(t, err)
	people := &httpapi.People{DB: db, Ledger: g.Ledger, Book: g.Book, Accounts: g.Accounts, Accreditations: g.Accreditations, WorkBits: 4}
	g.web.Server, err = httpapi.New(httpapi.Deps{
		Watch:    watch.New("test"),
		Sessions: sessions, Answers: idempotency.New(db, g.Clock.Now, rand.Reader), Accounts: g.Accounts,
		Vault: func() api.Vault { return api.Vault{} }, Ready: func(context.Context) error { return nil },
		Limits: usualLimits(), Rand: rand.Reader, Log: slog.New(slog.NewTextHandler(g.web.log, nil)),
	}, people.Routes()...)
	must(t, err)
	g.web.start(l)
	return g
}

// key is a fresh idempotency key.
func (g *gathering) key() string {
	g.keys++
	return fmt.Sprintf(`"00000000-0000-4000-8000-%012d"`, g.keys)
}

// by makes a request of somebody, who signs in first if need be; nobody (nil)
// does not sign in. Bodies go with the idempotency key.
func (g *gathering) by(p *accounttest.Person, method, path, key string, body any) answer {
	g.T.Helper()
	headers := []string{}
	if p != nil {
		bare, _, _ := strings.Cut(path, "?")
		headers = as(g.phone(p), method, bare)
	}
	text := ""
	if body != nil {
		b, err := json.Marshal(body)
		must(g.web.t, err)
		text = string(b)
		headers = append(headers, "Content-Type", api.MediaJSON, api.HeaderIdempotencyKey, key)
	}
	return g.web.do(method, path, text, headers...)
}

func (g *gathering) phone(p *accounttest.Person) *sessiontest.Phone {
	g.T.Helper()
	if g.phones[p.ID] == nil {
		phone := sessiontest.With(g.T, g.web.origin, p.PrivateKey())
		if a := g.web.signIn(phone); a.StatusCode != 200 {
			g.T.Fatalf("sign in: %d %s", a.StatusCode, a.body)
		}
		g.phones[p.ID] = phone
	}
	return g.phones[p.ID]
}

// get reads what somebody may read.
func get[T any](g *gathering, p *accounttest.Person, path string) T {
	g.T.Helper()
	return read[T](g, g.by(p, "GET", path, "", nil), 200)
}

// post does what somebody may do.
func post[T any](g *gathering, p *accounttest.Person, path string, status int, body any) T {
	g.T.Helper()
	return read[T](g, g.by(p, "POST", path, g.key(), body), status)
}

func read[T any](g *gathering, a answer, status int) (out T) {
	g.T.Helper()
	if a.StatusCode != status {
		g.T.Fatalf("%s %s: %d %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, a.body)
	}
	must(g.web.t, json.Unmarshal([]byte(a.body), &out))
	return out
}

// signed is the body of a request that is one statement.
func signed(p *accounttest.Person, body statement.Body) api.Signed {
	return api.Signed{Statement: p.Sign(body).Compact()}
}

func (g *gathering) application(p *accounttest.Person, name string) statement.Apply {
	key := p.Statement(1).Hash()
	return statement.Apply{KeySHA256: statement.B64(key[:]), Name: name, Institution: "Institute", Purpose: "Peace"}
}

// accreditation is what a steward signs after reading an application.
func (g *gathering) accreditation(p *accounttest.Person, application string) statement.Accredit {
	g.T.Helper()
	s, err := statement.Parse(application)
	must(g.web.t, err)
	said, hash, now := s.Body.(*statement.Apply), s.Hash(), g.Clock.Now().Unix()
	return statement.Accredit{Account: p.ID, KeySHA256: said.KeySHA256, ApplySHA256: statement.B64(hash[:]),
		Name: said.Name, Institution: said.Institution, Purpose: said.Purpose, From: now, Until: now + 1000}
}

func change(document []byte, seq int64) statement.RosterChange {
	sum := sha256.Sum256(document)
	return statement.RosterChange{DocumentSHA256: statement.B64(sum[:]), RosterSeq: seq}
}
