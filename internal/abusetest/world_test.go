package abusetest_test

import (
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/session/sessiontest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// world is a vault, and somebody in it whose requests are made by hand.
type world struct {
	t     *testing.T
	v     *vaulttest.Vault
	her   *peopletest.Person
	phone *sessiontest.Phone // signed in as her
	addr  string             // that is talked to: the vault's, or what stands before it
}

func newWorld(t *testing.T) *world {
	t.Helper()
	v := vaulttest.New(t)
	door := &peopletest.Door{T: t, Origin: v.URL, Vault: v.ID, Steward: v.Steward, Now: v.Clock.Now}
	w := &world{t: t, v: v, her: door.Participant(), addr: v.Addr}
	w.phone = sessiontest.With(t, v.URL, w.her.Keys)
	w.signIn()
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) signIn() {
	w.t.Helper()
	resp, err := http.Post(w.v.URL+"/v1/session/challenge", "", nil)
	must(w.t, err)
	var c api.Challenge
	must(w.t, json.NewDecoder(resp.Body).Decode(&c))
	must(w.t, resp.Body.Close())
	login, err := json.Marshal(api.Login{Login: w.phone.Login(c.Nonce, time.Unix(c.Time, 0), nil, nil)})
	must(w.t, err)
	req, err := http.NewRequestWithContext(w.t.Context(), "POST", w.v.URL+"/v1/session", strings.NewReader(string(login)))
	must(w.t, err)
	req.Header.Set("Content-Type", api.MediaJSON)
	req.Header.Set(api.HeaderDPoP, w.phone.Proof("POST", "/v1/session", nil, nil))
	resp, err = http.DefaultClient.Do(req)
	must(w.t, err)
	var s api.Session
	must(w.t, json.NewDecoder(resp.Body).Decode(&s))
	must(w.t, resp.Body.Close())
	w.phone.Token, w.phone.Nonce = s.AccessToken, resp.Header.Get(api.HeaderDPoPNonce)
}

// as are the header lines of a request of hers.
func (w *world) as(method, path string) string {
	return "Authorization: DPoP " + w.phone.Token + "\r\nDPoP: " + w.phone.Proof(method, path, nil, nil) + "\r\n"
}

// said sends bytes on a connection of their own and gives all that comes back, until
// the server ends it or has nothing more to say.
func (w *world) said(text string) string {
	w.t.Helper()
	c, err := net.Dial("tcp", w.addr)
	must(w.t, err)
	defer c.Close()
	must(w.t, c.SetDeadline(time.Now().Add(20*time.Second)))
	_, _ = io.WriteString(c, text) // the server may have had enough before the end
	if !strings.Contains(text, "Connection: close") {
		// Who hangs up after a request has gone, as far as the server knows, and may get
		// 503 for it: only where nothing else would end the connection.
		_ = c.(*net.TCPConn).CloseWrite()
	}
	b, _ := io.ReadAll(c) // it may be reset with what was not read
	return string(b)
}

// answers are the statuses of all answers in what came back.
func answers(said string) (out []string) {
	for line := range strings.Lines(said) {
		if _, rest, ok := strings.Cut(line, "HTTP/1.1 "); ok && len(rest) >= 3 {
			out = append(out, rest[:3])
		}
	}
	return out
}

// problem is the name of the problem in what came back.
func problem(said string) string {
	_, rest, _ := strings.Cut(said, "urn:testimony-vault:problem:")
	name, _, _ := strings.Cut(rest, `"`)
	return name
}

// disk lists the files of the vault that hold what people sent.
func (w *world) disk() (out []string) {
	w.t.Helper()
	must(w.t, filepath.WalkDir(w.v.Config.DataDir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	}))
	return out
}

// unharmed looks whether the vault lives, has no more on its disk than before, and has
// told its log nothing.
func (w *world) unharmed(before []string) {
	w.t.Helper()
	if _, err := w.her.List(w.t.Context()); err != nil {
		w.t.Errorf("she is not served any more: %v", err)
	}
	if after := w.disk(); !slices.Equal(before, after) {
		w.t.Errorf("on the disk there was\n%q\nand now there is\n%q", before, after)
	}
	log := w.v.Log.String()
	for _, bad := range []string{"marked", "panic", "127.0.0.1", w.phone.Token} {
		if strings.Contains(log, bad) {
			w.t.Errorf("the log has %q:\n%s", bad, log)
		}
	}
}

// abuse is something that nobody in good faith sends.
type abuse struct {
	send    string
	status  string // of the one answer, or of as many as there are
	problem string // empty: of HTTP, not of the vault
	door    bool   // or 401: it stands before a door, and is looked at behind it
}

// try sends each, with a second request behind it that must not be answered unless it
// is said so.
func (w *world) try(table map[string]abuse) {
	w.t.Helper()
	before := w.disk()
	for name, a := range table {
		said := w.said(a.send)
		got := answers(said)
		want := strings.Fields(a.status)
		if a.door && slices.Equal(got, []string{"401"}) && problem(said) == "unauthorized" {
			continue
		}
		if !slices.Equal(got, want) || problem(said) != a.problem {
			w.t.Errorf("%s: answered %v %q, want %v %q\n%.600s", name, got, problem(said), want, a.problem, said)
		}
	}
	w.unharmed(before)
}
