package openfn_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/npmtest"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// node runs a program beside the adaptor, as it is published, and beside the packages
// that its lock names.
func node(t *testing.T, input []byte, args ...string) []byte {
	t.Helper()
	installed, err := npmtest.Install(".")
	must(t, err)
	dir := t.TempDir()
	for _, name := range []string{"src", "test", "testdata"} {
		must(t, os.CopyFS(filepath.Join(dir, name), os.DirFS(name)))
	}
	must(t, os.Symlink(filepath.Join(installed, "node_modules"), filepath.Join(dir, "node_modules")))
	about, err := os.ReadFile("package.json")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "package.json"), about, 0o600))
	cmd := exec.Command("node", args...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(input)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s%s", err, out, complaints.Bytes())
	}
	return out
}

func TestTheAdaptorsOwnTests(t *testing.T) {
	files, err := filepath.Glob("test/*.test.js")
	if err != nil || len(files) != 3 {
		t.Fatalf("%v, %v", files, err)
	}
	node(t, nil, append([]string{"--test"}, files...)...)
}

// world is a vault, a partner with a program, and the program's configuration.
type world struct {
	*partnertest.World
	partner *partnertest.Partner
	program *partnertest.Program
	config  map[string]any
}

func newWorld(t *testing.T, key crypto.Signer) *world {
	t.Helper()
	v := vaulttest.New(t, vaulttest.With(func(c *config.Config) {
		c.Enrolment.Mode, c.Webhooks.IKnowReceiversAreHere = config.Partners, true
	}))
	w := &world{World: partnertest.New(v)}
	w.partner = w.Partner()
	w.program = w.partner.Keyed(w.ID(), key)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	w.config = map[string]any{"server": v.URL, "vault": v.ID.String(), "partner": w.partner.ID, "client": w.program.ID,
		"key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))}
	return w
}

// answer is what live.mjs gives.
type answer struct {
	Invited struct {
		Invitation string
		Tray       string
	}
	Brought      api.Brought
	Delivery     api.Delivery
	Acknowledged api.Delivery
	List         api.Deliveries
	Owed         api.OwedWithdrawals
	Left         api.OwedWithdrawals
	Webhooks     []heard
	Failure      string
	Status       int
}

func (w *world) live(t *testing.T, told map[string]any) (out answer) {
	t.Helper()
	told["configuration"] = w.config
	in, err := json.Marshal(told)
	must(t, err)
	must(t, json.Unmarshal(node(t, in, "testdata/live.mjs"), &out))
	return out
}

// waiting asks for something as her client does.
func waiting(t *testing.T, v *vaulttest.Vault, her *client.Client, path string) []byte {
	t.Helper()
	token, err := her.Token(t.Context())
	must(t, err)
	resp, err := http.Get(v.URL + "/v1/vault")
	must(t, err)
	must(t, resp.Body.Close())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.URL+path, nil)
	must(t, err)
	proof, err := token.Proof(rand.Reader, v.Clock.Now().Unix(), http.MethodGet, v.URL+path, resp.Header.Get(api.HeaderDPoPNonce))
	must(t, err)
	req.Header.Set("Authorization", "DPoP "+token.Access())
	req.Header.Set("DPoP", proof)
	resp, err = http.DefaultClient.Do(req)
	must(t, err)
	b, err := io.ReadAll(resp.Body)
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", path, resp.StatusCode, b)
	}
	return b
}

// What the adaptor invites for, seals and brings, waits for her in a real vault, by a
// note that its program's key verifies, and opens with her key alone.
func TestWhatTheAdaptorBringsWaitsForHer(t *testing.T) {
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	for name, key := range map[string]crypto.Signer{"Ed25519": edwards, "P-256": curve} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, key)
			invited := w.live(t, map[string]any{"invite": true}).Invited
			if invited.Tray != delivery.TrayCode(invited.Invitation) {
				t.Errorf("the tray is %s", invited.Tray)
			}
			keys := w.Vault.Keys()
			her := w.Vault.Client(keys)
			must(t, her.Enrol(t.Context(), statement.Participant, invited.Invitation))
			const words = "كنت أحمل الخبز"
			item := w.ID()
			out := w.live(t, map[string]any{"deliver": map[string]any{"tray": invited.Tray, "recipient": keys.Recipient, "content": words, "mediaType": "text/plain", "name": "شهادتي.txt", "item": item}})
			if out.Failure != "" || out.Brought.Item != item || out.Delivery.State != api.DeliveryWaiting || len(out.List.Deliveries) != 1 || len(out.Owed.Withdrawals) != 0 {
				t.Fatalf("%+v", out)
			}
			var items api.Items
			must(t, json.Unmarshal(waiting(t, w.Vault, her, "/v1/items"), &items))
			if len(items.Items) != 1 || items.Items[0].Item != item || items.Items[0].Assurance != delivery.Gateway {
				t.Fatalf("%+v", items)
			}
			public, err := clientkey.Of(key.Public())
			must(t, err)
			note, err := delivery.Read(items.Items[0].Note, public)
			must(t, err)
			if got := opened(t, keys, note, waiting(t, w.Vault, her, "/v1/items/"+string(item)+"/content")); got != words {
				t.Errorf("%q", got)
			}
			if bytes.Contains([]byte(w.Vault.Log.String()), []byte(invited.Tray)) {
				t.Error("the code is in the log")
			}
			// Another item under the same id is refused; a halted partner brings nothing more.
			again := map[string]any{"deliver": map[string]any{"tray": invited.Tray, "recipient": keys.Recipient, "content": "other", "mediaType": "text/plain", "item": item}}
			if out := w.live(t, again); out.Status != http.StatusConflict {
				t.Errorf("%+v", out)
			}
			w.partner.Halt()
			if out := w.live(t, map[string]any{"invite": true}); out.Failure != "invalid_client" || out.Status != http.StatusUnauthorized {
				t.Errorf("%+v", out)
			}
		})
	}
}

// opened opens an item as her client does: header, commitment and payload are what the
// note says.
func opened(t *testing.T, keys *client.Keys, note *delivery.Note, file []byte) string {
	t.Helper()
	header, payload, err := envelope.Split(bytes.NewReader(file))
	must(t, err)
	sum := sha256.Sum256([]byte(keys.Recipient))
	if api.HashOf(header).String() != note.HeaderSHA256 || statement.B64(sum[:]) != note.RecipientSHA256 {
		t.Fatal("the note is of another header or recipient")
	}
	key, err := envelope.OpenHeader(header, keys)
	must(t, err)
	defer key.Wipe()
	digest, err := statement.Hash32(note.PayloadSHA256)
	must(t, err)
	commit, err := statement.Hash32(note.Commit)
	must(t, err)
	var plain bytes.Buffer
	must(t, envelope.OpenPayload(&plain, payload, key, envelope.Binding{SHA256: digest, Commit: commit, Size: note.Length}))
	c, err := envelope.ReadContainer(&plain)
	must(t, err)
	if c.Info.Name != "شهادتي.txt" || c.Info.MediaType != "text/plain" {
		t.Errorf("%+v", c.Info)
	}
	content, err := io.ReadAll(c)
	must(t, err)
	return string(content)
}

// The job that README.md shows runs as it stands there.
func TestTheJobOfTheManualRuns(t *testing.T) {
	page, err := os.ReadFile("README.md")
	must(t, err)
	_, rest, found := strings.Cut(string(page), "\n    import ")
	block, _, ends := strings.Cut(rest, "\n\n**Acknowledge")
	if !found || !ends {
		t.Fatal("there is no job in README.md")
	}
	job := "import " + strings.ReplaceAll(block, "\n    ", "\n")
	job = strings.Replace(job, "@relatingfield/language-testimony-vault", "../src/index.js", 1)
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	w := newWorld(t, key)
	invited := w.live(t, map[string]any{"invite": true}).Invited
	keys := w.Vault.Keys()
	must(t, w.Vault.Client(keys).Enrol(t.Context(), statement.Participant, invited.Invitation))
	in, err := json.Marshal(map[string]any{"job": job, "state": map[string]any{"configuration": w.config,
		"form": map[string]any{"tray": invited.Tray, "recipient": keys.Recipient, "content": "words-canary", "item": w.ID()}}})
	must(t, err)
	out := node(t, in, "testdata/job.mjs")
	var state struct{ Data api.Deliveries }
	must(t, json.Unmarshal(out, &state))
	if len(state.Data.Deliveries) != 1 || bytes.Contains(out, []byte("canary")) {
		t.Errorf("%s", out)
	}
}
