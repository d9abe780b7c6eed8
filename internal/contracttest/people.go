package contracttest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// Signer signs requests as somebody.
type Signer interface {
	// Authorize puts on a request what proves who sends it: for a method and an
	// address, which need not be the request's own, and with the nonce that an answer
	// of the vault gave last.
	Authorize(req *http.Request, method, url, nonce string) error
	// Sign makes a statement of an act.
	Sign(ctx context.Context, act string, body []byte) (string, error)
}

// People are those who send requests: nobody, somebody who has not enrolled, a
// steward, a reader whom she vouched for, and one who has told and granted.
type People struct {
	Log interface{ String() string }

	t      testing.TB
	origin string
	http   *http.Client
	nonce  string
	names  []string
	as     map[string]Signer
	known  map[string][]any
	signed map[string]*[2]int // statements by act: made, and not to be had
	tray   tray               // hers
}

// account signs as an account.
type account struct{ *client.Client }

func (a account) Authorize(req *http.Request, method, url, nonce string) error {
	token, err := a.Token(req.Context())
	if err != nil {
		return err
	}
	proof, err := token.Proof(rand.Reader, a.Time().Unix(), method, url, nonce)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", api.SchemeDPoP+" "+token.Access())
	req.Header.Set(api.HeaderDPoP, proof)
	return nil
}

// In makes the people of a vault.
func In(v *vaulttest.Vault) *People {
	v.T.Helper()
	line := &http.Transport{MaxIdleConnsPerHost: 4, DisableCompression: true}
	v.T.Cleanup(line.CloseIdleConnections)
	p := &People{
		Log: v.Log, t: v.T, origin: v.URL, as: map[string]Signer{}, known: map[string][]any{}, signed: map[string]*[2]int{},
		http: &http.Client{Transport: line, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	steward, reader, her := v.StewardClient(), v.Client(v.Keys()), v.Client(v.Keys())
	p.Add("nobody", nil)
	p.Add("stranger", account{v.Client(v.Keys())})
	p.Add("steward", account{steward})
	p.Add("reader", account{reader})
	p.Add("her", account{her})
	ctx := v.T.Context()
	w := partnertest.New(v) // whose steward is the vault's one, enrolled
	p.must(reader.Enrol(ctx, statement.Researcher, ""))
	p.must(reader.Apply(ctx, "Dr Salma Haddad", "Institute", "To listen"))
	_, err := steward.Accredit(ctx, reader.Account(), 300)
	p.must(err)
	p.must(her.Enrol(ctx, statement.Participant, ""))
	for _, c := range []*client.Client{steward, reader, her} {
		p.Knows("account", c.Account())
	}
	today := her.Time().Unix() / statement.Day * statement.Day
	p.Knows("from", today)
	p.Knows("threshold", 2)
	p.Knows("wait", 7*statement.Day)
	p.Knows("silence", 30*statement.Day)
	for _, days := range []int64{1, 30, 364} {
		p.Knows("until", today+days*statement.Day)
	}
	p.tells(her, reader)
	organisation := w.Partner()
	program := organisation.Program()
	p.Add("officer", account{organisation.Officers[0]})
	p.Add("program", account{program.Client})
	p.Knows("partner", organisation.ID)
	p.Knows("client", program.ID)
	p.Knows("officers", organisation.Officers[0].Account())
	p.opens(her, program.Client, organisation.ID)
	return p
}

// tells makes a testimony with a grant, and knows what is in them.
func (p *People) tells(her, reader *client.Client) {
	ctx := p.t.Context()
	tid, err := her.Create(ctx, client.Testimony{Title: "Winter", Language: "en", Parts: []client.Content{
		client.Bytes("a.txt", "", []byte("They took the men.")), client.Bytes("b.txt", "", bytes.Repeat([]byte("sound"), 40<<10)),
	}})
	p.must(err)
	g, err := her.Grant(ctx, client.Offer{Testimony: tid, Parts: []int64{1, 2}, To: reader.Account(), Terms: api.Terms{Access: statement.Download}})
	p.must(err)
	p.Knows("testimony", tid)
	p.Knows("grant", g.ID)
	var shown api.Testimony
	p.get("her", "/v1/testimonies/"+string(tid), &shown)
	for _, part := range shown.Parts {
		for name, v := range map[string]any{"n": part.N, "payload_sha256": part.PayloadSHA256, "commit": part.Commit, "header_sha256": part.HeaderSHA256, "length": part.Length} {
			p.Knows(name, v)
		}
	}
}

// get reads what somebody may.
func (p *People) get(who, path string, into any) {
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.origin+"/v1/vault", nil)
	p.must(err)
	_, _, err = p.do(req) // which brings a nonce
	p.must(err)
	req, err = http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.origin+path, nil)
	p.must(err)
	p.must(p.as[who].Authorize(req, req.Method, p.origin+path, p.nonce))
	_, body, err := p.do(req)
	p.must(err)
	p.must(json.Unmarshal(body, into))
}

func (p *People) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// Add lets one more person send requests; nil is somebody who does not sign in.
func (p *People) Add(name string, s Signer) {
	p.names = append(p.names, name)
	p.as[name] = s
}

// Knows lets requests name something real, where a parameter or member of this name
// is asked for.
func (p *People) Knows(name string, v any) { p.known[name] = append(p.known[name], v) }

// aliases are members that hold what another name is known by.
var aliases = map[string]string{"to": "account", "grantee": "account", "claimant": "account", "key_sha256": "header_sha256", "id": "testimony"}

// find gives something known by its name.
func (p *People) find(rnd *mrand.Rand, name string) (any, bool) {
	list := p.known[name]
	if len(list) == 0 {
		list = p.known[aliases[name]]
	}
	if len(list) == 0 {
		return nil, false
	}
	return list[rnd.IntN(len(list))], true
}

func (p *People) pick(rnd *mrand.Rand) string { return p.names[rnd.IntN(len(p.names))] }

// goesOn lets somebody sign one statement more.
func (p *People) goesOn(who string) {
	if a, ok := p.as[who].(account); ok && who != "program" {
		p.must(a.CheckIn(p.t.Context()))
	}
}

// do sends a request and reads the answer, which can be read again.
func (p *People) do(req *http.Request) (*http.Response, []byte, error) {
	resp, err := p.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, nil, fmt.Errorf("read the answer: %w", err)
	}
	if nonce := resp.Header.Get(api.HeaderDPoPNonce); nonce != "" {
		p.nonce = nonce
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, body, nil
}

// sign makes a statement of one of the acts by schema, or none where the schema says
// less about its body than the act needs.
func (p *People) sign(m *maker, s Signer) func(acts []string) (string, bool) {
	if s == nil {
		return nil
	}
	return func(acts []string) (string, bool) {
		if len(acts) == 0 {
			return "", false
		}
		act := acts[m.rnd.IntN(len(acts))]
		body, err := json.Marshal(m.of(m.values.acts["body-"+act], act))
		if err != nil {
			return "", false
		}
		signed, err := s.Sign(p.t.Context(), act, body)
		if p.signed[act] == nil {
			p.signed[act] = &[2]int{}
		}
		p.signed[act][map[bool]int{true: 0, false: 1}[err == nil]]++
		return signed, err == nil
	}
}
