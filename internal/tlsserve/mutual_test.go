package tlsserve_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/httpapi"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// programs is a vault with a listener for programs.
type programs struct {
	*vaulttest.Vault
	t        *testing.T
	partners *partnertest.World
	vouches  *authority // for programs
	file     string
	origin   string
}

func newPrograms(t *testing.T, only bool) *programs {
	t.Helper()
	w := &programs{t: t, vouches: newAuthority("partners"), file: filepath.Join(t.TempDir(), "partners.pem")}
	must(t, os.WriteFile(w.file, w.vouches.pem(), 0o600))
	addr := free(t)
	w.origin = "https://" + addr
	w.Vault = vaulttest.New(t, withTLS(inFiles(t, trusted.server("vault.example"))), vaulttest.With(func(c *config.Config) {
		c.Programs.MutualTLS = config.MutualTLS{Listen: addr, Origin: w.origin, CAFile: w.file, Only: only}
	}))
	w.partners = partnertest.New(w.Vault)
	return w
}

// line is a transport that shows a certificate, or none.
func (w *programs) line(certificates ...tls.Certificate) *http.Client {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.TLSClientConfig = &tls.Config{Certificates: certificates}
	w.t.Cleanup(base.CloseIdleConnections)
	return &http.Client{Transport: base}
}

func (w *programs) program(g *partnertest.Program, origin string, certificates ...tls.Certificate) error {
	w.t.Helper()
	made, err := client.NewProgram(g.ID, g.Key)
	must(w.t, err)
	c, err := client.New(client.Config{Server: origin, Vault: w.ID, Program: made, Now: w.Clock.Now, HTTP: w.line(certificates...)})
	must(w.t, err)
	_, err = c.Partner(w.t.Context())
	return err
}

func named(id api.ID) string { return httpapi.CertifiedClient + string(id) }

// A program comes in with its own certificate, and with nothing less: none, another
// program's, one that names nobody, one that another authority signed.
func TestAProgramShowsItsOwnCertificate(t *testing.T) {
	w := newPrograms(t, false)
	p := w.partners.Partner()
	mine, others := p.Program(), p.Program()
	must(t, w.program(mine, w.origin, w.vouches.client(named(mine.ID))))
	must(t, w.program(mine, w.URL)) // where there is no need to
	stranger := newAuthority("somebody")
	for what, certificate := range map[string]tls.Certificate{
		"another program's":            w.vouches.client(named(others.ID)),
		"nobody's":                     w.vouches.client("https://vault.example"),
		"its name with something more": w.vouches.client(named(mine.ID) + "x"),
	} {
		if err := w.program(mine, w.origin, certificate); err == nil {
			t.Errorf("it came in with %s", what)
		}
	}
	if w.talks() || w.talks(stranger.client(named(mine.ID))) {
		t.Error("somebody was talked to without a certificate that is vouched for")
	}
	if !w.talks(w.vouches.client(named(mine.ID))) {
		t.Error("nobody is talked to")
	}
}

// talks tells whether anything is answered to whoever shows a certificate, or none.
func (w *programs) talks(certificates ...tls.Certificate) bool {
	w.t.Helper()
	resp, err := w.line(certificates...).Get(w.origin + "/v1/vault")
	if err == nil {
		must(w.t, resp.Body.Close())
	}
	return err == nil
}

// People have nothing to do there, and where it is the only place for programs they
// are served nowhere else.
func TestProgramsHaveAPlaceOfTheirOwn(t *testing.T) {
	w := newPrograms(t, true)
	g := w.partners.Partner().Program()
	certificate := w.vouches.client(named(g.ID))
	must(t, w.program(g, w.origin, certificate))
	if err := w.program(g, w.URL); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("at the address of people it got %v", err)
	}
	for _, r := range []struct{ method, path string }{
		{"POST", "/v1/session/challenge"}, {"POST", "/v1/session"}, {"POST", "/v1/accounts"}, {"GET", "/v1/testimonies"}, {"POST", "/v1/pause"}, {"GET", "/or/aaaaaaaaaaaaaaaaaaaaaaaaaa/formList"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), r.method, w.origin+r.path, nil)
		must(t, err)
		resp, err := w.line(certificate).Do(req)
		must(t, err)
		b, err := io.ReadAll(resp.Body)
		must(t, errors.Join(err, resp.Body.Close()))
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s %s: %d %s", r.method, r.path, resp.StatusCode, b)
		}
	}
}

// An authority that is taken out of the file vouches for nobody from then on, and a
// file that cannot be read for nobody at all.
func TestAnAuthorityThatIsTakenOutVouchesForNobody(t *testing.T) {
	w := newPrograms(t, false)
	g := w.partners.Partner().Program()
	certificate := w.vouches.client(named(g.ID))
	must(t, w.program(g, w.origin, certificate))
	other := newAuthority("others, with a longer name")
	for _, text := range []string{string(other.pem()), "nothing"} {
		must(t, os.WriteFile(w.file, []byte(text), 0o600))
		w.Clock.Forward(2e9)
		if w.talks(certificate) {
			t.Error("it came in")
		}
	}
	if !strings.Contains(w.Log.String(), "none of them comes in") {
		t.Error("no word about it")
	}
	must(t, os.WriteFile(w.file, w.vouches.pem(), 0o600))
	w.Clock.Forward(2e9)
	must(t, w.program(g, w.origin, certificate))
}
