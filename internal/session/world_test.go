package session_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/serverkeys"
	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/migrations"
)

const (
	origin = "https://vault.example"
	onion  = "http://vaultvaultvault.onion"
)

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is two nodes over one database and one folder of keys.
type world struct {
	*session.Service
	other *session.Service
	clock *clock
	vault string
	cfg   session.Config
}

func newWorld(t testing.TB, change ...func(*session.Config)) *world {
	t.Helper()
	dir := t.TempDir()
	db, err := store.Open(t.Context(), store.Config{
		Engine: store.SQLite, Path: filepath.Join(dir, "db", "vault.db"), Migrations: migrations.Files, AutoMigrate: true, Volatile: true,
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	keys, err := serverkeys.Open(filepath.Join(dir, "keys"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{clock: &clock{at: time.Date(2026, 3, 4, 15, 16, 17, 0, time.UTC)}, vault: hash("vault")}
	cfg := session.Config{Vault: w.vault, Origins: []string{origin, onion}, Keys: keys, DB: db, Now: w.clock.now, Rand: rand.Reader}
	for _, f := range change {
		f(&cfg)
	}
	w.cfg = cfg
	w.Service, w.other = w.node(t), w.node(t)
	return w
}

// node is one more server of the vault, which has seen nothing yet.
func (w *world) node(t testing.TB) *session.Service {
	t.Helper()
	s, err := session.New(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// members are the members of a JSON object; nil as a value leaves one out.
type members map[string]any

// but gives the members with some of them changed.
func (m members) but(changes members) members {
	out := maps.Clone(m)
	maps.Copy(out, changes)
	for k, v := range out {
		if v == nil {
			delete(out, k)
		}
	}
	return out
}

// phone is a client: an account's key and a session's key.
type phone struct {
	account ed25519.PrivateKey
	dpop    *ecdsa.PrivateKey
	token   string
	proofs  int
}

func newPhone(t testing.TB) *phone {
	t.Helper()
	_, account, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	dpop, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &phone{account: account, dpop: dpop}
}

func (p *phone) thumbprint() id.Thumbprint { return id.Of(p.account.Public().(ed25519.PublicKey)) }

func (p *phone) jwk(t testing.TB) members {
	t.Helper()
	b, err := p.dpop.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return members{"kty": "EC", "crv": "P-256", "x": b64(b[1:33]), "y": b64(b[33:])}
}

func (p *phone) jkt(t testing.TB) string {
	k := p.jwk(t)
	return hash(fmt.Sprintf(`{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}`, k["x"], k["y"]))
}

func (p *phone) loginHeader() members {
	x := b64(p.account.Public().(ed25519.PublicKey))
	return members{"alg": "EdDSA", "typ": session.LoginType, "jwk": members{"kty": "OKP", "crv": "Ed25519", "x": x}}
}

func (p *phone) loginClaims(t testing.TB, c session.Challenge) members {
	return members{"iss": string(p.thumbprint()), "aud": origin, "nonce": c.Nonce, "iat": c.Time.Unix(), "cnf": members{"jkt": p.jkt(t)}}
}

func (p *phone) login(t testing.TB, header, claims members) string {
	t.Helper()
	text := b64(encode(t, header)) + "." + b64(encode(t, claims))
	return text + "." + b64(ed25519.Sign(p.account, []byte(text)))
}

func (p *phone) proofHeader(t testing.TB) members {
	return members{"alg": "ES256", "typ": session.ProofType, "jwk": p.jwk(t)}
}

func (p *phone) proofClaims(w *world, method, path string) members {
	p.proofs++
	m := members{"jti": fmt.Sprintf("%p-%d", p, p.proofs), "htm": method, "htu": origin + path, "iat": 1, "nonce": w.Nonce()}
	if p.token != "" {
		m["ath"] = hash(p.token)
	}
	return m
}

func (p *phone) proof(t testing.TB, header, claims members) string {
	t.Helper()
	text := b64(encode(t, header)) + "." + b64(encode(t, claims))
	sig, err := jwt.SigningMethodES256.Sign(text, p.dpop)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(sig)
}

// signIn opens a session in the ordinary way.
func (p *phone) signIn(t testing.TB, w *world) {
	t.Helper()
	c, err := w.Challenge()
	if err != nil {
		t.Fatal(err)
	}
	token, err := w.SignIn(t.Context(), p.login(t, p.loginHeader(), p.loginClaims(t, c)), p.signInRequest(t, w))
	if err != nil {
		t.Fatal(err)
	}
	p.token = token.Access
}

func (p *phone) signInRequest(t testing.TB, w *world) session.Request {
	p.token = ""
	proof := p.proof(t, p.proofHeader(t), p.proofClaims(w, "POST", "/v1/session"))
	return session.Request{Method: "POST", Path: "/v1/session", Proof: proof}
}

// request is an ordinary request with changes to its proof.
func (p *phone) request(t testing.TB, w *world, header, claims members) session.Request {
	t.Helper()
	proof := p.proof(t, p.proofHeader(t).but(header), p.proofClaims(w, "GET", "/v1/feed").but(claims))
	return session.Request{Method: "GET", Path: "/v1/feed", Proof: proof, Token: p.token}
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return b64(sum[:])
}
