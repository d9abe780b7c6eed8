package partnertest_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

const someKey = `"3f2504e0-4f89-41d3-9a0c-0305e82c3301"`

// raw sends one request with a token at a node; it is not repeated.
func raw(t *testing.T, v *vaulttest.Vault, token *client.Token, method, path, body string, headers ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, v.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if token != nil {
		proof, err := token.Proof(rand.Reader, v.Clock.Now().Unix(), method, strings.SplitN(v.URL+path, "?", 2)[0], nonce(t, v))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "DPoP "+token.Access())
		req.Header.Set("DPoP", proof)
	}
	line := &http.Transport{}
	t.Cleanup(line.CloseIdleConnections)
	resp, err := apitest.Transport(line, func(err error) { t.Error(err) }).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(b))
	return resp
}

func nonce(t *testing.T, v *vaulttest.Vault) string {
	t.Helper()
	return raw(t, v, nil, "GET", "/v1/vault", "").Header.Get(api.HeaderDPoPNonce)
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func tokenOf(t *testing.T, c *client.Client) *client.Token {
	t.Helper()
	token, err := c.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// forPrograms are the operations that the contract gives to partners' programs, with
// something in the place of each parameter.
func forPrograms(t *testing.T) (out []apitest.Operation) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct{ Security []map[string][]string }
	}
	if err := yaml.Unmarshal(api.OpenAPI, &doc); err != nil {
		t.Fatal(err)
	}
	some := regexp.MustCompile(`\{[a-z]+\}`)
	for path, methods := range doc.Paths {
		for method, op := range methods {
			for _, s := range op.Security {
				if _, program := s["clientToken"]; program {
					out = append(out, apitest.Operation{Method: strings.ToUpper(method), Path: some.ReplaceAllString(path, strings.Repeat("a", 26))})
				}
			}
		}
	}
	if len(out) < 2 {
		t.Fatal("the contract gives nothing to programs")
	}
	return out
}

// A halt at one node stops every route for the partner's programs at every node, at
// the next request, whatever tokens they have; so does a retirement.
func TestAHaltAtOneNodeStopsEveryRouteAtTheOther(t *testing.T) {
	one := vaulttest.New(t, vaulttest.On(store.PostgreSQL))
	two := one.Node()
	w := partnertest.New(one)
	p, q := w.Partner(), w.Partner()
	halted, retired := p.Program(), q.Program()
	for _, g := range []*partnertest.Program{halted, retired} {
		token := tokenOf(t, g.At(two))
		for _, v := range []*vaulttest.Vault{one, two} {
			if resp := raw(t, v, token, "GET", "/v1/partner", ""); resp.StatusCode != 200 {
				t.Fatalf("%d %s", resp.StatusCode, text(t, resp))
			}
		}
		if g == halted {
			p.Halt()
		} else {
			q.Retire(retired)
		}
		for _, o := range forPrograms(t) {
			for _, v := range []*vaulttest.Vault{one, two} {
				if resp := raw(t, v, token, o.Method, o.Path, ""); resp.StatusCode != 401 {
					t.Errorf("%s %s: %d", o.Method, o.Path, resp.StatusCode)
				}
			}
		}
	}
}

// Nobody but a program comes in by a program's route, and no program by another.
func TestTokensOpenTheirOwnRoutesOnly(t *testing.T) {
	v := vaulttest.New(t)
	w := partnertest.New(v)
	p := w.Partner(partner.Deliver)
	g := p.Program()
	for _, o := range forPrograms(t) {
		if resp := raw(t, v, tokenOf(t, p.Officers[0]), o.Method, o.Path, ""); resp.StatusCode != 401 {
			t.Errorf("an officer, %s %s: %d", o.Method, o.Path, resp.StatusCode)
		}
		if resp := raw(t, v, nil, o.Method, o.Path, ""); resp.StatusCode != 401 {
			t.Errorf("nobody, %s %s: %d", o.Method, o.Path, resp.StatusCode)
		}
	}
	for _, path := range []string{"/v1/testimonies", "/v1/statements", "/v1/inbox", "/v1/partners"} {
		if resp := raw(t, v, tokenOf(t, g.Client), "GET", path, ""); resp.StatusCode != 401 {
			t.Errorf("a program, GET %s: %d", path, resp.StatusCode)
		}
	}
	resp := raw(t, v, tokenOf(t, g.Client), "POST", "/v1/partner/invitations", "{}", "Content-Type", api.MediaJSON, api.HeaderIdempotencyKey, someKey)
	if resp.StatusCode != 403 || !strings.Contains(resp.Header.Get("WWW-Authenticate"), `scope="register"`) || !strings.Contains(text(t, resp), `"scope":"register"`) {
		t.Errorf("without the scope: %d %s %s", resp.StatusCode, resp.Header.Get("WWW-Authenticate"), text(t, resp))
	}
}

// A program invites who is present; what it invited is void with it.
func TestAnInvitationIsVoidWhenThePartnerIsHalted(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) {
			v := vaulttest.New(t, vaulttest.On(engine), vaulttest.With(func(c *config.Config) { c.Enrolment.Mode = config.Partners }))
			w := partnertest.New(v)
			p := w.Partner(partner.Register)
			g := p.Program()
			var codes []string
			for range 2 {
				inv, err := g.InvitePresent(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, inv.Invitation)
			}
			if err := v.Client(v.Keys()).Enrol(t.Context(), statement.Researcher, codes[0]); err == nil {
				t.Error("a researcher enrolled with a participant's invitation")
			}
			if err := v.Client(v.Keys()).Enrol(t.Context(), statement.Participant, codes[0]); err != nil {
				t.Errorf("who is present: %v", err)
			}
			p.Halt()
			if err := v.Client(v.Keys()).Enrol(t.Context(), statement.Participant, codes[1]); err == nil {
				t.Error("with an invitation of a halted partner")
			}
			if _, err := g.InvitePresent(t.Context()); !errors.Is(err, client.ErrProgram) {
				t.Errorf("a halted partner invites: %v", err)
			}
		})
	}
}

// A repeated request of a program gets the first answer; the same key of another
// program is another key.
func TestIdempotencyKeysAreAProgramsOwn(t *testing.T) {
	v := vaulttest.New(t)
	p := partnertest.New(v).Partner()
	one, two := tokenOf(t, p.Program().Client), tokenOf(t, p.Program().Client)
	invite := func(token *client.Token) string {
		resp := raw(t, v, token, "POST", "/v1/partner/invitations", "{}", "Content-Type", api.MediaJSON, api.HeaderIdempotencyKey, someKey)
		if resp.StatusCode != 201 {
			t.Fatalf("%d %s", resp.StatusCode, text(t, resp))
		}
		return text(t, resp)
	}
	first, other := invite(one), invite(two)
	if again := invite(one); again != first || first == other {
		t.Errorf("first %s, again %s, another program %s", first, again, other)
	}
}

// What a program or officer holds a copy of is not sent again, and is when it changed.
func TestAnswersThatAreHeldAreNotSentAgain(t *testing.T) {
	v := vaulttest.New(t)
	w := partnertest.New(v)
	p := w.Partner()
	g := p.Program()
	officer, program := tokenOf(t, p.Officers[0]), tokenOf(t, g.Client)
	clients := "/v1/partners/" + string(p.ID) + "/clients"
	for path, token := range map[string]*client.Token{"/v1/partner": program, "/v1/partners": officer, clients: officer, "/v1/partners/" + string(p.ID): officer, clients + "/" + string(g.ID): officer} {
		first := raw(t, v, token, "GET", path, "")
		tag := first.Header.Get("ETag")
		if first.StatusCode != 200 || tag == "" || first.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: %d %q", path, first.StatusCode, tag)
		}
		for _, held := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
			if resp := raw(t, v, token, "GET", path, "", "If-None-Match", held); resp.StatusCode != 304 || text(t, resp) != "" || resp.Header.Get("ETag") != tag {
				t.Errorf("%s with %s: %d", path, held, resp.StatusCode)
			}
		}
		if resp := raw(t, v, token, "GET", path, "", "If-None-Match", `"x"`); resp.StatusCode != 200 {
			t.Errorf("%s with another tag: %d", path, resp.StatusCode)
		}
	}
	before := raw(t, v, officer, "GET", clients, "").Header.Get("ETag")
	p.Program()
	if resp := raw(t, v, officer, "GET", clients, "", "If-None-Match", before); resp.StatusCode != 200 {
		t.Errorf("after a change: %d", resp.StatusCode)
	}
}

// Every answer says how much is left; who asks too often is told when to come back,
// and others are not touched.
func TestAProgramIsToldHowMuchIsLeft(t *testing.T) {
	v := vaulttest.New(t, vaulttest.With(func(c *config.Config) { c.Programs.Requests = 10 }))
	p := partnertest.New(v).Partner()
	one, two := tokenOf(t, p.Program().Client), tokenOf(t, p.Program().Client)
	said := regexp.MustCompile(`^"burst";r=([0-9]+);t=([0-9]+)$`)
	for left := 8; left >= 0; left-- { // the token was one
		resp := raw(t, v, one, "GET", "/v1/partner", "")
		m := said.FindStringSubmatch(resp.Header.Get(api.HeaderRateLimit))
		if resp.StatusCode != 200 || m == nil || m[1] != string(rune('0'+left)) || resp.Header.Get(api.HeaderRateLimitPolicy) != `"burst";q=10;w=60` {
			t.Fatalf("%d, %v, want %d left", resp.StatusCode, resp.Header, left)
		}
	}
	resp := raw(t, v, one, "GET", "/v1/partner", "")
	m := said.FindStringSubmatch(resp.Header.Get(api.HeaderRateLimit))
	if resp.StatusCode != 429 || m == nil || m[1] != "0" || resp.Header.Get("Retry-After") != m[2] {
		t.Errorf("%d, %v", resp.StatusCode, resp.Header)
	}
	if resp := raw(t, v, two, "GET", "/v1/partner", ""); resp.StatusCode != 200 {
		t.Errorf("another program: %d", resp.StatusCode)
	}
	if resp := raw(t, v, tokenOf(t, p.Officers[0]), "GET", "/v1/partners", ""); resp.StatusCode != 200 || resp.Header.Get(api.HeaderRateLimit) != "" {
		t.Errorf("an account: %d, %v", resp.StatusCode, resp.Header)
	}
}

// Refusals of the token endpoint are what OAuth libraries read, and all that is wrong
// with a client is one answer.
func TestTokenRefusalsAreThoseOfOAuth(t *testing.T) {
	v := vaulttest.New(t)
	w := partnertest.New(v)
	w.Partner().Program()
	const form = "grant_type=client_credentials&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion="
	var clients []string
	for name, c := range map[string]struct {
		body   string
		header []string
		status int
		code   string
	}{
		"no form":        {"{}", nil, 400, "invalid_request"},
		"another grant":  {"grant_type=password", nil, 400, "unsupported_grant_type"},
		"basic as well":  {form + "a.b.c", []string{"Authorization", "Basic eDp5"}, 400, "invalid_request"},
		"no JWS":         {form + "abc", nil, 401, "invalid_client"},
		"an unknown one": {form + "eyJhbGciOiJFZERTQSJ9.e30.AA", nil, 401, "invalid_client"},
	} {
		resp := raw(t, v, nil, "POST", "/v1/token", c.body, append(c.header, "Content-Type", api.MediaForm)...)
		var said api.TokenError
		body := text(t, resp)
		if err := json.Unmarshal([]byte(body), &said); err != nil || resp.StatusCode != c.status || said.Error != c.code || said.Description == "" || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s, %v", name, resp.StatusCode, body, err)
		}
		if c.status == 401 {
			clients = append(clients, body)
		}
	}
	if len(slices.Compact(clients)) != 1 {
		t.Errorf("refusals of clients differ: %q", clients)
	}
	if resp := raw(t, v, nil, "POST", "/v1/token", "{}", "Content-Type", api.MediaJSON); resp.StatusCode != 415 || resp.Header.Get("Content-Type") != api.MediaProblem {
		t.Errorf("JSON: %d %v", resp.StatusCode, resp.Header)
	}
	meta := raw(t, v, nil, "GET", "/.well-known/oauth-authorization-server", "")
	var said api.OAuthServer
	if err := json.Unmarshal([]byte(text(t, meta)), &said); err != nil || said.Issuer != v.URL || said.TokenEndpoint != v.URL+"/v1/token" {
		t.Errorf("%+v, %v", said, err)
	}
}

// A backup from before a halt, a retirement or a newer agreement does not bring back
// what they took away.
func TestARestoredBackupUndoesNoHalt(t *testing.T) {
	v := vaulttest.New(t)
	w := partnertest.New(v)
	halted, retired, narrowed := w.Partner(), w.Partner(), w.Partner()
	programs := map[string]*partnertest.Program{"halted": halted.Program(), "retired": retired.Program(), "narrowed": narrowed.Program()}
	whole := w.Partner().Program()
	v.Stop()
	backup, err := os.ReadFile(v.Config.Store.Path)
	if err != nil {
		t.Fatal(err)
	}
	v.Start()
	w.Steward = v.StewardClient()
	for _, p := range []*partnertest.Partner{halted, retired, narrowed} {
		p.Renew()
	}
	halted.Halt()
	retired.Retire(programs["retired"])
	a := narrowed.Agreement
	a.From, a.Scopes = a.From+1, []api.Scope{partner.Follow}
	narrowed.Agree(a)
	v.Stop()
	for _, rest := range []string{"-wal", "-shm"} {
		if err := os.Remove(v.Config.Store.Path + rest); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(v.Config.Store.Path, backup, 0o600); err != nil {
		t.Fatal(err)
	}
	v.Start()
	v.Clock.Forward(2 * time.Second)
	for what, g := range programs {
		if said, err := g.At(v).Partner(t.Context()); !errors.Is(err, client.ErrProgram) {
			t.Errorf("%s: %+v, %v", what, said, err)
		}
	}
	if _, err := whole.At(v).Partner(t.Context()); err != nil {
		t.Errorf("a partner from which nothing was taken: %v", err)
	}
}
