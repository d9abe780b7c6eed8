package app_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/session/sessiontest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stewardship"
	"github.com/relatingfield/vault/internal/vaulttest"
)

func get(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%s: %d %s, %v", url, res.StatusCode, b, err)
	}
	return string(b)
}

// A vault says what it is: its id, that it is for practice, and its limits.
func TestAVaultSaysWhatItIs(t *testing.T) {
	v := vaulttest.New(t, vaulttest.With(func(c *config.Config) { c.Limits.PartSize = 1 << 20; c.OnArrival.Enabled = false }))
	var doc api.Vault
	if err := json.Unmarshal([]byte(get(t, v.URL+"/v1/vault")), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.VaultID != v.ID || !doc.Practice || doc.OnArrival || doc.Limits.Payload != 1<<20 || doc.Enrolment != api.ModeOpen || len(doc.ReceiptKeys) != 1 {
		t.Errorf("%+v", doc)
	}
	get(t, v.URL+"/livez")
	get(t, v.URL+"/readyz")
	if spec := get(t, v.URL+"/openapi.yaml"); spec != string(api.OpenAPI) {
		t.Error("the contract that is served is another one")
	}
}

// A vault whose objects cannot be written says that it is not ready, and nothing
// more.
func TestAVaultThatCannotWriteIsNotReady(t *testing.T) {
	v := vaulttest.New(t)
	if err := os.RemoveAll(v.Config.Blobs.Dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(v.Config.Blobs.Dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	res, err := http.Get(v.URL + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 503 || strings.Contains(string(b), v.Config.DataDir) {
		t.Errorf("%d %s, %v", res.StatusCode, b, err)
	}
}

// Signing in says nothing about whether a key has enrolled: status, headers and
// the shape of the answer are the same.
func TestSignInDoesNotTellWhoHasEnrolled(t *testing.T) {
	v := vaulttest.New(t)
	her, stranger := v.Keys(), v.Keys()
	if err := v.Client(her).Enrol(t.Context(), statement.Participant, ""); err != nil {
		t.Fatal(err)
	}
	known, unknown := signIn(t, v, her), signIn(t, v, stranger)
	if known.status != 200 || known.status != unknown.status || known.length != unknown.length || known.token != unknown.token {
		t.Errorf("%+v and %+v", known, unknown)
	}
	if !slices.Equal(known.headers, unknown.headers) {
		t.Errorf("%v and %v", known.headers, unknown.headers)
	}
}

// impression is all of an answer that does not name its key.
type impression struct {
	status, length, token int
	headers               []string
}

func signIn(t *testing.T, v *vaulttest.Vault, account crypto.Signer) impression {
	t.Helper()
	p := sessiontest.With(t, v.URL, account)
	res, err := http.Post(v.URL+"/v1/session/challenge", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var c api.Challenge
	if err := json.NewDecoder(res.Body).Decode(&c); err != nil {
		t.Fatal(err)
	}
	login, err := json.Marshal(api.Login{Login: p.Login(c.Nonce, time.Unix(c.Time, 0), nil, nil)})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", v.URL+"/v1/session", strings.NewReader(string(login)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("DPoP", p.Proof("POST", "/v1/session", nil, nil))
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	var s api.Session
	if err := errors.Join(err, json.Unmarshal(b, &s)); err != nil {
		t.Fatal(err)
	}
	return impression{answer.StatusCode, len(b), len(s.AccessToken), slices.Sorted(maps.Keys(answer.Header))}
}

func fresh(t *testing.T) *app.App {
	t.Helper()
	cfg := config.Default()
	cfg.DataDir, cfg.Listen = filepath.Join(t.TempDir(), "vault"), "127.0.0.1:0"
	cfg.Resolve()
	return app.New(cfg, slog.New(slog.DiscardHandler))
}

// A vault that nobody has founded does not serve.
func TestAVaultMustBeFounded(t *testing.T) {
	err := fresh(t).Run(t.Context(), func(app.Serving) { t.Error("it serves") })
	if !errors.Is(err, stewardship.ErrNotFounded) {
		t.Errorf("%v, want ErrNotFounded", err)
	}
}

func key(t *testing.T) string {
	t.Helper()
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(public)
}

// There is one founding, and it fixes who guards the vault.
func TestAVaultIsFoundedOnce(t *testing.T) {
	a := fresh(t)
	real := app.Founding{Stewards: []string{"Amal=" + key(t), "Olena = Kyiv=" + key(t)}, Threshold: 2}
	first, err := a.Found(t.Context(), real)
	if err != nil || !first.New || first.Practice || first.Words != "" || len(first.Vault) != 43 {
		t.Fatalf("%+v, %v", first, err)
	}
	if _, err := a.Found(t.Context(), real); !errors.Is(err, stewardship.ErrFounded) {
		t.Errorf("again: %v, want ErrFounded", err)
	}
	real.IfMissing = true
	if again, err := a.Found(t.Context(), real); err != nil || again.New || again.Vault != first.Vault {
		t.Errorf("if missing: %+v, %v", again, err)
	}
	if _, err := a.Found(t.Context(), app.Founding{Practice: true, IfMissing: true}); err == nil {
		t.Error("a vault that is not for practice was taken for one")
	}
}

// A practice vault has one steward, whose words outlive an interrupted founding.
func TestAPracticeVaultsStewardIsNeverLost(t *testing.T) {
	a := fresh(t)
	words := filepath.Join(a.Config.DataDir, "practice-steward.words")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Found(ended, app.Founding{Practice: true}); err == nil {
		t.Fatal("a founding that was interrupted reports success")
	}
	first, err := a.Found(t.Context(), app.Founding{Practice: true})
	if err != nil || !first.Practice || first.Words != words {
		t.Fatalf("%+v, %v", first, err)
	}
	info, err := os.Stat(words)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v; want mode 0600", info, err)
	}
	kept, err := os.ReadFile(words)
	if err != nil {
		t.Fatal(err)
	}
	// As after a crash between the words and the database.
	b := fresh(t)
	if err := errors.Join(os.MkdirAll(b.Config.DataDir, 0o700), os.WriteFile(filepath.Join(b.Config.DataDir, "practice-steward.words"), kept, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Found(t.Context(), app.Founding{Practice: true}); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(filepath.Join(b.Config.DataDir, "practice-steward.words")); err != nil || string(now) != string(kept) {
		t.Errorf("the words were replaced (%v)", err)
	}
}

// A founding that makes no sense leaves nothing founded.
func TestAFoundingMustMakeSense(t *testing.T) {
	one := "Amal=" + key(t)
	for name, f := range map[string]app.Founding{
		"nobody":        {Threshold: 1},
		"no threshold":  {Stewards: []string{one}},
		"too high":      {Stewards: []string{one}, Threshold: 2},
		"twice":         {Stewards: []string{one, one}, Threshold: 1},
		"no name":       {Stewards: []string{key(t)}, Threshold: 1},
		"empty name":    {Stewards: []string{"=" + key(t)}, Threshold: 1},
		"short key":     {Stewards: []string{"Amal=AAAA"}, Threshold: 1},
		"key in base32": {Stewards: []string{"Amal=!!!!"}, Threshold: 1},
	} {
		a := fresh(t)
		if _, err := a.Found(t.Context(), f); err == nil {
			t.Errorf("%s: founded", name)
		}
		if err := a.Run(t.Context(), func(app.Serving) {}); !errors.Is(err, stewardship.ErrNotFounded) {
			t.Errorf("%s: %v, want ErrNotFounded", name, err)
		}
	}
}

// Migrating makes a database and changes nothing in one that is up to date.
func TestMigratingTwiceIsMigratingOnce(t *testing.T) {
	a := fresh(t)
	for range 2 {
		if _, err := a.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// Every operation of the contract is there: nobody but the router answers 404 to
// somebody who has not signed in.
func TestEveryOperationOfTheContractIsServed(t *testing.T) {
	v := vaulttest.New(t)
	for _, o := range apitest.Operations() {
		path := strings.NewReplacer("{", "", "}", "").Replace(o.Path)
		req, err := http.NewRequestWithContext(t.Context(), o.Method, v.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		// A call is read by its name alone, with or without an account: it says itself that there is none.
		named := strings.HasPrefix(o.Path, "/v1/consultations/")
		if res.StatusCode == http.StatusNotFound && !named || res.StatusCode == http.StatusMethodNotAllowed || res.StatusCode >= 500 {
			t.Errorf("%s %s: %d", o.Method, o.Path, res.StatusCode)
		}
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A practice vault shows itself to this machine alone, until somebody says that it is
// meant: whoever comes to its folder is its steward.
func TestAPracticeVaultIsNotShownToOthers(t *testing.T) {
	v := vaulttest.New(t)
	v.Stop()
	cfg := v.Config
	cfg.Origins = []string{"https://vault.example"}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	a := app.New(cfg, slog.New(slog.DiscardHandler))
	err := a.Run(ctx, func(app.Serving) { t.Error("it serves") })
	var faults config.Faults
	if !errors.As(err, &faults) || faults[0].Where != "origins" || !strings.Contains(err.Error(), "i_know_this_is_for_practice: true") {
		t.Fatal(err)
	}
	a.Config.IKnowThisIsForPractice = true
	served := false
	if err := a.Run(ctx, func(app.Serving) { served = true; cancel() }); err != nil || !served {
		t.Errorf("meant: %v", err)
	}
}
