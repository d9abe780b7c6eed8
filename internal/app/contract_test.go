package app_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// witness is a line on which every exchange is held against the contract.
type witness struct {
	t    *testing.T
	v    *vaulttest.Vault
	base http.RoundTripper

	mu   sync.Mutex
	seen map[apitest.Operation]map[int]bool // statuses
}

func newWitness(t *testing.T) *witness {
	base := &http.Transport{}
	t.Cleanup(base.CloseIdleConnections)
	return &witness{t: t, v: vaulttest.New(t), base: base, seen: map[apitest.Operation]map[int]bool{}}
}

// RoundTrip implements [http.RoundTripper].
func (w *witness) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := apitest.Transport(w.base, func(err error) { w.t.Error(err) }).RoundTrip(req)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if o, ok := apitest.Find(req.Method, req.URL.Path); ok {
		if w.seen[o] == nil {
			w.seen[o] = map[int]bool{}
		}
		w.seen[o][resp.StatusCode] = true
	}
	return resp, nil
}

func (w *witness) client(keys *client.Keys) *client.Client {
	w.t.Helper()
	c, err := client.New(client.Config{Server: w.v.URL, Vault: w.v.ID, Keys: keys, HTTP: &http.Client{Transport: w}})
	w.must(err)
	return c
}

func (w *witness) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// raw sends what the client has no call for, as the client's account or, with
// none, as anybody. It wants a status.
func (w *witness) raw(as *client.Client, status int, method, path, body string, headers ...string) []byte {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.v.URL+path, strings.NewReader(body))
	w.must(err)
	if body != "" {
		req.Header.Set("Content-Type", api.MediaJSON)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if as != nil {
		token, err := as.Token(w.t.Context())
		w.must(err)
		address, _, _ := strings.Cut(w.v.URL+path, "?")
		proof, err := token.Proof(rand.Reader, as.Time().Unix(), method, address, w.nonce())
		w.must(err)
		req.Header.Set("Authorization", "DPoP "+token.Access())
		req.Header.Set("DPoP", proof)
	}
	resp, err := w.RoundTrip(req)
	w.must(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	w.must(err)
	if resp.StatusCode != status {
		w.t.Errorf("%s %s: %d %s, want %d", method, path, resp.StatusCode, b, status)
	}
	return b
}

func (w *witness) nonce() string {
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.v.URL+"/v1/vault", nil)
	w.must(err)
	resp, err := w.RoundTrip(req)
	w.must(err)
	defer resp.Body.Close()
	return resp.Header.Get("DPoP-Nonce")
}

func nowhere(client.PartInfo, int64) (io.Writer, error) { return io.Discard, nil }

// people are a steward, a reader whom she vouched for, and the one who tells.
type people struct{ steward, reader, her *client.Client }

func (w *witness) people() people {
	ctx := w.t.Context()
	keys, err := client.StewardKeys(w.v.Steward)
	w.must(err)
	p := people{w.client(keys), w.client(w.v.Keys()), w.client(w.v.Keys())}
	w.must(p.steward.Enrol(ctx, statement.Steward, ""))
	invitation, err := p.steward.Invite(ctx, statement.Researcher)
	w.must(err)
	w.must(p.reader.Enrol(ctx, statement.Researcher, invitation.Invitation))
	w.must(p.her.Enrol(ctx, statement.Participant, ""))
	w.must(p.reader.Apply(ctx, "Dr Salma Haddad", "Institute for Memory Studies", "How women describe safety after siege"))
	waiting, err := p.steward.Applications(ctx)
	if err != nil || len(waiting) != 1 {
		w.t.Fatalf("%v, %v", waiting, err)
	}
	_, err = p.steward.Accredit(ctx, p.reader.Account(), 365)
	w.must(err)
	listed, err := p.her.Researchers(ctx)
	if err != nil || len(listed) != 1 {
		w.t.Fatalf("%v, %v", listed, err)
	}
	return p
}

// tell makes a testimony of a small part, a large one and one that arrived.
func (w *witness) tell(her *client.Client) api.ID {
	ctx := w.t.Context()
	tid, err := her.Create(ctx, client.Testimony{Title: "Winter", Language: "en", Parts: []client.Content{
		client.Bytes("story.txt", "", []byte("They took the men at the bridge.")),
		client.Bytes("voice.ogg", "", bytes.Repeat([]byte("sound"), 60<<10)),
	}})
	w.must(err)
	_, err = her.AddPart(ctx, tid, client.Bytes("more.txt", "", []byte("I was carrying bread.")))
	w.must(err)
	n, err := her.AddOnArrival(ctx, tid, client.Bytes("letter.txt", "", []byte("A letter.")))
	w.must(err)
	_, err = her.Show(ctx, tid)
	w.must(err)
	w.must(her.Adopt(ctx, tid, n, client.SinkFunc(nowhere)))
	w.must(her.SetCard(ctx, tid, client.Card{Title: "Winter, and after", Language: "en"}))
	_, err = her.List(ctx)
	w.must(err)
	return tid
}

// read grants, opens, re-locks, lists and revokes.
func (w *witness) read(p people, tid api.ID) {
	ctx := w.t.Context()
	g, err := p.her.Grant(ctx, client.Offer{Testimony: tid, Parts: []int64{1, 2}, To: p.reader.Account(), Terms: api.Terms{Access: statement.Download}})
	w.must(err)
	one := "/v1/inbox/" + string(g.ID)
	w.raw(p.reader, 200, "GET", one, "")
	w.raw(p.reader, 206, "GET", one+"/parts/2/content", "", "Range", "bytes=0-99")
	w.raw(p.reader, 416, "GET", one+"/parts/2/content", "", "Range", "bytes=99999999-")
	w.raw(p.reader, 404, "GET", one+"/parts/3/content", "")
	w.doubt(p, tid, g.ID)
	_, err = p.her.Relock(ctx, tid, 1)
	w.must(err)
	if inbox, err := p.reader.Inbox(ctx); err != nil || len(inbox) != 1 {
		w.t.Fatalf("%v, %v", inbox, err)
	}
	for n := int64(1); n <= 2; n++ {
		_, err = p.reader.Open(ctx, g.ID, n, client.SinkFunc(nowhere))
		w.must(err)
	}
	w.talk(p, tid, g.ID)
	grants, err := p.her.Grants(ctx, tid)
	if err != nil || len(grants) != 1 || grants[0].Consent != api.ConsentRenewed {
		w.t.Fatalf("%v, %v", grants, err)
	}
	w.pause(p, tid, one)
	fetched, err := p.her.Revoke(ctx, tid, g.ID)
	if err != nil || len(fetched) < 2 {
		w.t.Fatalf("%v, %v", fetched, err)
	}
	w.raw(p.reader, 404, "GET", one+"/parts/1/content", "")
	_, _, err = p.her.Feed(ctx, tid)
	w.must(err)
}

// doubt has the vault look at what is whole.
func (w *witness) doubt(p people, tid, g api.ID) {
	for _, at := range []int64{0, 100_000} {
		if state, err := p.her.CheckOwn(w.t.Context(), tid, 2, at); err != nil || state != api.FixityIntact {
			w.t.Errorf("%s, %v", state, err)
		}
		if state, err := p.reader.CheckGranted(w.t.Context(), g, 2, at); err != nil || state != api.FixityIntact {
			w.t.Errorf("%s, %v", state, err)
		}
	}
	w.raw(p.reader, 404, "POST", "/v1/inbox/"+string(g)+"/parts/3/fixity", "{}")
	w.raw(p.her, 400, "POST", "/v1/testimonies/"+string(tid)+"/parts/2/fixity", `{"at":-1}`)
	w.raw(p.her, 404, "POST", "/v1/testimonies/"+string(tid)+"/parts/77/fixity", "{}")
}

// withdraw takes a part back, then everything, and the reader answers.
func (w *witness) withdraw(p people) {
	ctx := w.t.Context()
	tid, err := p.her.Create(ctx, client.Testimony{Title: "Spring", Parts: []client.Content{client.Bytes("a.txt", "", []byte("a")), client.Bytes("b.txt", "", []byte("b"))}})
	w.must(err)
	g, err := p.her.Grant(ctx, client.Offer{Testimony: tid, Parts: []int64{1, 2}, To: p.reader.Account()})
	w.must(err)
	_, err = p.reader.Open(ctx, g.ID, 1, client.SinkFunc(nowhere))
	w.must(err)
	for _, scope := range []client.Scope{{Testimony: tid, Part: 2}, {}} {
		if ended, err := p.her.Withdraw(ctx, scope); err != nil || len(ended) != 1 || !ended[0].Known {
			w.t.Fatalf("%+v, %v", ended, err)
		}
	}
	endings, err := p.reader.Endings(ctx)
	if err != nil || len(endings) != 2 {
		w.t.Fatalf("%+v, %v", endings, err)
	}
	w.must(p.reader.Reply(ctx, client.Answer{Grant: g.ID, Say: statement.Acknowledged}))
	_, _, err = p.her.Feed(ctx, tid)
	w.must(err)
	if ended, err := p.her.Withdrawn(ctx, g.ID); err != nil || len(ended) != 2 || ended[1].State != api.ClosureAcknowledged {
		w.t.Fatalf("%+v, %v", ended, err)
	}
	if all, err := p.her.Withdrawals(ctx); err != nil || len(all) != 2 {
		w.t.Fatalf("%+v, %v", all, err)
	}
	w.raw(p.her, 404, "GET", "/v1/withdrawals/"+string(tid), "")
	w.raw(p.her, 400, "GET", "/v1/withdrawals?after=x", "")
}

// pause stops reading, by her words and by a code, and lifts it.
func (w *witness) pause(p people, tid api.ID, grant string) {
	ctx := w.t.Context()
	code, err := p.her.NewPauseCode(ctx)
	w.must(err)
	w.must(p.her.Pause(ctx, tid))
	signed, err := p.her.Sign(ctx, "pause", []byte(`{"testimony":""}`))
	w.must(err)
	everything := `{"statement":"` + signed + `"}`
	key := strings.Replace(someKey, "3", "5", 1)
	first := w.raw(p.her, 200, "POST", "/v1/pauses", everything, api.HeaderIdempotencyKey, key)
	if again := w.raw(p.her, 200, "POST", "/v1/pauses", everything, api.HeaderIdempotencyKey, key); !bytes.Equal(again, first) {
		w.t.Errorf("repeated: %s, at first: %s", again, first)
	}
	w.must(p.her.Lift(ctx, ""))
	w.raw(p.reader, 404, "GET", grant+"/parts/1/content", "")
	w.must(w.client(nil).PauseByCode(ctx, code))
	w.must(p.her.Lift(ctx, tid))
	standing, err := p.her.Standing(ctx)
	if err != nil || !standing.PauseCode {
		w.t.Errorf("%v, %+v", err, standing)
	}
	w.must(p.her.EndPauseCode(ctx))
	w.raw(nil, 415, "POST", "/v1/pause", "", "Content-Type", "text/plain")
	w.raw(nil, 413, "POST", "/v1/pause", `{"code":"`+strings.Repeat("1", 2000)+`"}`)
}

// talk asks, answers, narrows and renews.
func (w *witness) talk(p people, tid, g api.ID) {
	w.note(p, g)
	ctx := w.t.Context()
	w.must(p.reader.AskToRenew(ctx, g, nil, 0))
	grants, err := p.her.Grants(ctx, tid)
	if err != nil || len(grants) != 1 || grants[0].Asked == nil || grants[0].Consent != api.ConsentRequested {
		w.t.Fatalf("%+v, %v", grants, err)
	}
	w.must(p.her.NotNow(ctx, tid, g, p.her.Time().Unix()+40*statement.Day))
	_, err = p.her.Narrow(ctx, tid, g, func(t api.Terms) (api.Terms, error) { t.MaxReads = 9; return t, nil })
	w.must(err)
	w.narrowTwice(p.her, tid, g)
	one := "/v1/inbox/" + string(g)
	w.raw(p.reader, 200, "GET", one, "")
	_, err = p.her.Renew(ctx, client.Renewal{Testimony: tid, Grant: g})
	w.must(err)
	w.raw(p.reader, 200, "GET", one, "")
}

// narrowTwice sends one narrowing two times and wants one answer; under another key
// it is out of its order by then.
func (w *witness) narrowTwice(her *client.Client, tid, g api.ID) {
	grants, err := her.Grants(w.t.Context(), tid)
	w.must(err)
	body, err := json.Marshal(statement.Narrow{Testimony: tid, Grant: g, Terms: grants[0].Terms})
	w.must(err)
	signed, err := her.Sign(w.t.Context(), "narrow", body)
	w.must(err)
	request, path := `{"statement":"`+signed+`"}`, "/v1/testimonies/"+string(tid)+"/narrowings"
	key := strings.Replace(someKey, "3f25", "6f25", 1)
	first := w.raw(her, 200, "POST", path, request, api.HeaderIdempotencyKey, key)
	if again := w.raw(her, 200, "POST", path, request, api.HeaderIdempotencyKey, key); !bytes.Equal(again, first) {
		w.t.Errorf("repeated: %s, at first: %s", again, first)
	}
	w.raw(her, 409, "POST", path, request, api.HeaderIdempotencyKey, strings.Replace(someKey, "3f25", "5f25", 1))
}

// refuse collects refusals of every layer.
func (w *witness) refuse(p people, tid api.ID) {
	stranger := w.client(w.v.Keys())
	w.raw(stranger, 404, "GET", "/v1/testimonies/"+string(tid), "")
	w.raw(stranger, 404, "GET", "/v1/applications", "")
	w.raw(stranger, 200, "GET", "/v1/statements?after=0", "")
	w.raw(p.her, 400, "GET", "/v1/testimonies?after=x", "")
	w.raw(p.her, 400, "POST", "/v1/invitations", `{"role":"partner"}`)
	w.raw(p.her, 404, "POST", "/v1/invitations", `{"role":"partner"}`, api.HeaderIdempotencyKey, someKey)
	w.raw(p.her, 415, "POST", "/v1/testimonies", "")
	w.raw(nil, 401, "GET", "/v1/testimonies", "")
	w.raw(nil, 404, "GET", "/v1/admin", "", "Accept-Language", "ar")
	w.raw(nil, 405, "DELETE", "/v1/testimonies", "")
	w.outOfOrder(p.reader)
}

const someKey = `"3f2504e0-4f89-41d3-9a0c-0305e82c3301"`

// outOfOrder signs two statements for one place and is told where the head is;
// a repeated request is answered as the first time, and its key serves no other.
func (w *witness) outOfOrder(reader *client.Client) {
	var chain api.Chain
	w.must(json.Unmarshal(w.raw(reader, 200, "GET", "/v1/statements", ""), &chain))
	body := fmt.Sprintf(`{"key_sha256":"%s","name":"Salma","institution":"Institute","purpose":"To listen"}`, chain.Statements[0].SHA256)
	var signed []string
	for range 2 {
		s, err := reader.Sign(w.t.Context(), "apply", []byte(body))
		w.must(err)
		signed = append(signed, `{"statement":"`+s+`"}`)
	}
	const path, name = "/v1/applications", api.HeaderIdempotencyKey
	first := w.raw(reader, 201, "POST", path, signed[0], name, someKey)
	if again := w.raw(reader, 201, "POST", path, signed[0], name, someKey); !bytes.Equal(again, first) {
		w.t.Errorf("repeated: %s, at first: %s", again, first)
	}
	w.raw(reader, 422, "POST", path, signed[1], name, someKey)
	w.raw(reader, 409, "POST", path, signed[1], name, strings.Replace(someKey, "3", "4", 1))
}

// Everything that a vault says to its own client, from the founding to an
// erasure, is what the contract says, and every operation is part of it.
func TestTheVaultKeepsItsContract(t *testing.T) {
	w := newWitness(t)
	ctx := t.Context()
	for _, path := range []string{"/livez", "/readyz", "/openapi.yaml", "/statement.schema.json"} {
		w.raw(nil, 200, "GET", path, "")
	}
	p := w.people()
	tid := w.tell(p.her)
	w.must(p.her.OpenOwn(ctx, tid, 1, client.SinkFunc(nowhere)))
	w.withdraw(p)
	w.read(p, tid)
	w.attribute(p, tid)
	w.trust(p, tid)
	w.upload(p, tid)
	w.partner(p)
	w.must(p.steward.Suspend(ctx, p.reader.Account()))
	w.refuse(p, tid)
	w.raw(p.reader, 403, "POST", "/v1/rekeys", `{"statements":["x"],"testimonies":[]}`, api.HeaderIdempotencyKey, strings.Replace(someKey, "3", "5", 1))
	her, err := p.her.Rekey(ctx, w.v.Keys())
	w.must(err)
	w.recover()
	for _, c := range []*client.Client{her, p.steward} { // days have passed: they sign in anew, and learn what day it is
		_, err = c.Head(ctx)
		w.must(err)
	}
	w.must(her.Erase(ctx, tid))
	_, _, err = p.steward.ProposeRoster(ctx, func(now *client.Roster) (client.RosterTerms, error) {
		return client.RosterTerms{Threshold: 1, Stewards: now.Stewards()}, nil
	})
	w.must(err)
	for _, o := range apitest.Operations() {
		if s := w.seen[o]; !s[200] && !s[201] && !s[204] && !s[206] {
			t.Errorf("%s %s was never answered with success: %v", o.Method, o.Path, s)
		}
	}
	// After all of that everything fits together, while it serves and when it has stopped.
	w.v.FitsTogether()
	w.v.Stop()
	w.v.FitsTogether()
}
