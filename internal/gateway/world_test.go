package gateway_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/gateway"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

const (
	hookSecret = "a-secret-of-a-hook-that-a-machine-made"
	password   = "a long password for phones"
)

// office is a partner with a vault far away and a gateway on its own machine.
type office struct {
	t       *testing.T
	vault   *vaulttest.Vault
	partner *partnertest.Partner
	program *partnertest.Program
	her     *client.Client
	keys    *client.Keys // hers
	tray    *api.OpenedTray
	store   *client.Client // a collection of the partner's

	dir  string // the gateway's, with its configuration
	file string
	url  string
	log  *vaulttest.Log
	end  func()
	lose atomic.Bool

	between string // where the gateway reaches the vault
}

// newOffice has a participant with a tray for the partner, a collection, and a
// configuration with both as destinations; the gateway does not run yet.
func newOffice(t *testing.T) *office {
	t.Helper()
	port, between := freePort(t), freePort(t)
	o := &office{t: t, dir: t.TempDir(), log: &vaulttest.Log{}}
	o.vault = vaulttest.New(t, vaulttest.With(func(c *config.Config) {
		c.Listen, c.Origins = port, []string{"http://" + port, "http://" + between}
	}))
	o.between = "http://" + between
	o.proxy(between)
	w := partnertest.New(o.vault)
	o.partner = w.Partner()
	o.program = o.partner.Program()
	ctx := t.Context()
	inv, err := o.program.InvitePresent(ctx)
	o.must(err)
	o.keys = o.vault.Keys()
	o.her = o.vault.Client(o.keys)
	o.must(o.her.Enrol(ctx, statement.Participant, inv.Invitation))
	o.tray, err = o.her.OpenTray(ctx, o.partner.ID)
	o.must(err)
	keys := o.vault.Keys()
	opened, err := o.partner.Officers[0].OpenCollection(ctx, o.partner.ID, keys, o.vault.Clock.Now().Add(20*24*time.Hour).Unix())
	o.must(err)
	o.store = o.vault.Client(keys)
	o.configure(keys.Recipient, opened.Code)
	return o
}

// freePort is an address that was free just now: a vault that starts again has it
// again.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) write(name, text string) {
	o.t.Helper()
	o.must(os.WriteFile(filepath.Join(o.dir, name), []byte(text), 0o600))
}

// configure writes the gateway's configuration as an operator does.
func (o *office) configure(collection, code string) {
	o.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(o.program.Key)
	o.must(err)
	o.write("program.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	o.write("her.tray", o.tray.Code+"\n")
	o.write("collection.tray", code)
	o.write("field-1.password", password)
	o.write("hook.secret", hookSecret)
	o.file = filepath.Join(o.dir, "gateway.yaml")
	o.write("gateway.yaml", fmt.Sprintf(`
folder: queue
listen: %s
vault: {server: "%s", id: %s, client: %s, key_file: program.pem}
destinations:
  - {name: her, recipient: %s, tray: {file: her.tray}}
  - {name: collection, recipient: %s, tray: {file: collection.tray}}
tella:
  users: [{name: field-1, password: {file: field-1.password}}]
  projects: [{slug: notes, name: Notes, to: her, users: [field-1]}]
kobo:
  - {name: present, secret: {file: hook.secret}, to: her}
  - {name: absent, secret: {env: HOOK_SECRET}, to: collection}
forms: [{name: page, secret: {file: hook.secret}, to: her}]
log: {level: debug}
`, freePort(o.t), o.between, o.vault.ID, o.program.ID, o.her.Recipient(), collection))
}

// run starts the gateway in this process.
func (o *office) run() {
	o.t.Helper()
	s, err := gateway.Load(o.file, []string{"HOOK_SECRET=" + hookSecret})
	o.must(err)
	g := gateway.New(s, slog.New(slog.NewTextHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	ctx, cancel := context.WithCancel(context.Background())
	done, ready := make(chan error, 1), make(chan string, 1)
	go func() { done <- g.Run(ctx, func(addr string) { ready <- addr }) }()
	select {
	case addr := <-ready:
		o.url = "http://" + addr
	case err := <-done:
		cancel()
		o.t.Fatal(err)
	}
	var once sync.Once
	o.end = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				o.t.Errorf("the gateway ended: %v", err)
			}
		})
	}
	o.t.Cleanup(o.end)
}

// hook posts a submission as Kobo does, and gives the status, 0 for none.
func (o *office) hook(form, uuid, words string) int {
	body := fmt.Sprintf(`{"_id": 17, "what_happened": %q, "_uuid": "%s", "_attachments": []}`, words, uuid)
	return o.post("/kobo/"+form, "application/json", []byte(body))
}

func (o *office) post(path, media string, body []byte) int {
	o.t.Helper()
	req, err := http.NewRequest("POST", o.url+path, bytes.NewReader(body))
	o.must(err)
	req.Header.Set("Content-Type", media)
	req.SetBasicAuth("kobo", hookSecret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body) // the status is what counts
	return resp.StatusCode
}

// sending posts a form whose body comes from r, and gives the answer's body.
func (o *office) sending(r io.Reader) io.Reader {
	req, err := http.NewRequest("POST", o.url+"/form/page", r)
	if err != nil {
		return strings.NewReader("")
	}
	req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	req.SetBasicAuth("page", hookSecret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return strings.NewReader("")
	}
	o.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp.Body
}

// within looks again and again until look says yes.
func (o *office) within(what string, look func() bool) {
	o.t.Helper()
	tick, late := time.NewTicker(20*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !look() {
		select {
		case <-tick.C:
		case <-late:
			o.t.Fatalf("not within a minute: %s\n%s", what, o.log)
		}
	}
}

// status is what an operator sees.
func (o *office) status() (waiting int, refused []string) {
	o.t.Helper()
	s, err := gateway.Load(o.file, []string{"HOOK_SECRET=" + hookSecret})
	o.must(err)
	l, err := gateway.Status(s)
	o.must(err)
	for _, n := range l.Waiting {
		waiting += n
	}
	for _, i := range l.Refused {
		refused = append(refused, i.Refused)
	}
	return waiting, refused
}

// delivered waits until nothing waits.
func (o *office) delivered() {
	o.t.Helper()
	o.within("everything delivered", func() bool { n, refused := o.status(); return n+len(refused) == 0 })
}

// texts are the contents of what waits in an account's trays.
func (o *office) texts(of *client.Client) (out []string) {
	o.t.Helper()
	items, err := of.Items(o.t.Context())
	o.must(err)
	for _, i := range items {
		if i.Err != nil || i.Assurance != "gateway" || !i.Readable || i.Partner != o.partner.ID {
			o.t.Errorf("custody says: %+v", i)
		}
		var b strings.Builder
		_, err := of.OpenItem(o.t.Context(), i.ID, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return &b, nil }))
		o.must(err)
		out = append(out, b.String())
	}
	return out
}

// uuid makes a Kobo id.
func uuid(n int) string { return fmt.Sprintf("5b1c2d3e-4f50-4612-8a9b-%012d", n) }

const day = 24 * time.Hour

// losing puts a proxy between gateway and vault that loses the answers to deliveries,
// or takes it away.
func (o *office) losing(on bool) {
	o.t.Helper()
	o.lose.Store(on)
}

// proxy passes everything on to the vault at the address that the gateway knows.
func (o *office) proxy(address string) {
	o.t.Helper()
	l, err := net.Listen("tcp", address)
	o.must(err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+o.vault.Addr+r.URL.RequestURI(), r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		out.Header, out.Host, out.ContentLength = r.Header, r.Host, r.ContentLength
		resp, err := http.DefaultTransport.RoundTrip(out)
		if err != nil || o.lose.Load() && strings.HasPrefix(r.URL.Path, "/v1/deliveries/") {
			panic(http.ErrAbortHandler)
		}
		defer resp.Body.Close()
		for k, v := range resp.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body) // a line that breaks is seen at its ends
	})}
	go func() { _ = server.Serve(l) }() // until it is closed
	o.t.Cleanup(func() { _ = server.Close() })
}
