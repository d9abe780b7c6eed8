package collecttest_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/canarytest"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/openrosa/collecttest"
	"github.com/relatingfield/vault/internal/openrosa/fieldform"
	"github.com/relatingfield/vault/internal/openrosa/forms"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// organisation is a partner with a program, a collection and keys for its forms, at
// the real program.
type organisation struct {
	t          *testing.T
	vault      *nodetest.Vault
	node       *vaulttest.Process
	program    *client.Program
	collection *client.Keys
	tray       string
	key        collecttest.Key
	phone      *collecttest.Phone
	collector  *api.IssuedCollector
}

func (o *organisation) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *organisation) keys() *client.Keys {
	o.t.Helper()
	s, err := client.NewSecret(rand.Reader)
	o.must(err)
	k, err := client.KeysFor(s, o.vault.ID)
	o.must(err)
	return k
}

// at is the program at the node that runs now.
func (o *organisation) at() *client.Client {
	o.t.Helper()
	c, err := client.New(client.Config{Server: o.node.URL, Vault: o.vault.ID, Program: o.program})
	o.must(err)
	return c
}

func each(t *testing.T, do func(o *organisation)) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) {
			o := &organisation{t: t, vault: nodetest.New(t, engine, "blobs.inline_max=64KiB", "field_tools.post_size=1MiB"), key: collecttest.NewKey(t, "3072")}
			o.start()
			o.agree()
			do(o)
		})
	}
}

// start runs the program, and lets the phone know where: in real life its address
// stays.
func (o *organisation) start() {
	o.node = o.vault.Start()
	if o.phone != nil {
		o.phone.Base = o.node.URL + "/or/" + o.collector.Token
	}
}

// agree makes the organisation a partner with one collection and one phone.
func (o *organisation) agree() {
	ctx := o.t.Context()
	stewardKeys, err := client.StewardKeys(o.vault.Steward)
	o.must(err)
	steward := o.node.Client(stewardKeys)
	o.must(steward.Enrol(ctx, statement.Steward, ""))
	var officers [2]*client.Client
	for i := range officers {
		inv, err := steward.Invite(ctx, statement.Partner)
		o.must(err)
		officers[i] = o.node.Client(o.keys())
		o.must(officers[i].Enrol(ctx, statement.Partner, inv.Invitation))
	}
	partner, name := o.id(), o.id()
	from, until := time.Now().Add(-time.Hour).Unix(), time.Now().Add(200*24*time.Hour).Unix()
	scopes := []api.Scope{statement.ScopeCollect}
	_, err = steward.AgreeWith(ctx, client.Agreement{Partner: partner, Name: "Women for Memory", Scopes: scopes, From: from, Until: until,
		Officers: []api.Account{officers[0].Account(), officers[1].Account()}})
	o.must(err)
	_, key, err := ed25519.GenerateKey(rand.Reader)
	o.must(err)
	o.program, err = client.NewProgram(name, key)
	o.must(err)
	for _, officer := range officers {
		_, err := officer.Register(ctx, client.Registration{Partner: partner, Client: name, JWK: o.program.JWK(), Scopes: scopes, From: from, Until: until})
		o.must(err)
	}
	o.collection = o.keys()
	opened, err := officers[0].OpenCollection(ctx, partner, o.collection, time.Now().Add(100*24*time.Hour).Unix())
	o.must(err)
	o.tray = opened.Code
	o.collector, err = o.at().AddCollector(ctx, o.tray, 0)
	o.must(err)
	if o.collector.URL != o.node.URL+"/or/"+o.collector.Token {
		o.t.Errorf("the phone is sent to %s", o.collector.URL)
	}
	o.phone = &collecttest.Phone{Base: o.collector.URL}
}

func (o *organisation) id() api.ID {
	o.t.Helper()
	v, err := id.New(rand.Reader)
	o.must(err)
	return v
}

// secrets are marks that may be nowhere: what was said, and what the form's own
// encryption makes of it.
func random(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}

func filled(t *testing.T, instance string, sizes ...int) collecttest.Filled {
	t.Helper()
	f := collecttest.Filled{FormID: "notes", Version: "2026-11-23", InstanceID: "uuid:" + instance,
		Answers: `<data id="notes"><telling>` + hex.EncodeToString(random(t, 200)) + `</telling></data>`}
	for i, n := range sizes {
		f.Media = append(f.Media, collecttest.File{Name: fmt.Sprintf("17640000000%02d-%s.m4a", i, hex.EncodeToString(random(t, 20))), Content: random(t, n)})
	}
	return f
}

// fetched wants the forms in the collection, each whole, and opens them with the
// product and with openssl.
func (o *organisation) fetched(want ...collecttest.Filled) {
	o.t.Helper()
	dir := filepath.Join(o.t.TempDir(), "forms")
	list, err := o.node.Client(o.collection).SaveFieldForms(o.t.Context(), dir)
	o.must(err)
	if len(list) != len(want) {
		o.t.Errorf("%d forms of %d", len(list), len(want))
	}
	text, err := os.ReadFile(o.key.Private)
	o.must(err)
	key, err := fieldform.ParsePrivateKey(text)
	o.must(err)
	for _, f := range list {
		out := filepath.Join(dir, "out-"+string(f.Submission))
		m, err := fieldform.OpenFolder(f.Folder, out, key)
		if err != nil || len(f.Missing) > 0 {
			o.t.Errorf("%s: %v, missing %q", f.Submission, err, f.Missing)
			continue
		}
		for _, w := range want {
			if w.InstanceID != m.InstanceID {
				continue
			}
			for i, file := range collecttest.Decrypt(o.t, o.key, f.Folder, w) {
				mine, err := os.ReadFile(filepath.Join(out, file.Name))
				said := []byte(w.Answers)
				if i < len(w.Media) {
					said = w.Media[i].Content
				}
				if err != nil || !bytes.Equal(mine, said) || !bytes.Equal(file.Content, said) {
					o.t.Errorf("%s is not what was said: %v", file.Name, err)
				}
			}
		}
	}
}

// The whole way: a form is handed out, filled in, sent in three posts and fetched.
// On it the line breaks in a post, an answer is not heard, and the program is killed
// between two posts: what was acknowledged is there, and the phone needs to do no
// more than try again. Afterwards no readable byte and none that only the form's
// encryption hides is anywhere, nor a name, a token or what the phone says of itself.
func TestWhatPhonesSendArrivesAndLeavesNoTrace(t *testing.T) {
	each(t, func(o *organisation) {
		ctx := t.Context()
		o.handsOut(ctx)
		f := filled(t, "6f0a0f5e-3c1d-4a52-9a41-0f3b6f2f6f01", 2_000_000, 900_000, 300_000, 40)
		s := f.Encrypt(t, o.key)
		o.sendsOnABadLine(ctx, s)
		o.fetched(f)
		g := filled(t, "6f0a0f5e-3c1d-4a52-9a41-0f3b6f2f6f02", 100_000)
		g.Style, o.phone.Library = collecttest.Kobo, collecttest.OkHttp4
		h := g.Encrypt(t, o.key)
		o.must(o.phone.Send(ctx, h))
		o.refuses(ctx, f, s)
		o.fetched(f, g)
		o.node.Kill()
		o.leavesNoTrace(f, s, g, h)
	})
}

func (o *organisation) handsOut(ctx context.Context) {
	text, err := os.ReadFile(o.key.Public)
	o.must(err)
	key, err := fieldform.ParsePublicKey(text)
	o.must(err)
	doc, err := forms.Make(forms.Choice{Form: "telling", Language: "uk", Key: key, ID: "notes", Version: "2026-11-23", Title: "Notes"})
	o.must(err)
	_, err = o.at().AddForm(ctx, o.tray, doc)
	o.must(err)
	list, err := o.phone.FormList(ctx)
	o.must(err)
	if len(list) != 1 || list[0].FormID != "notes" || list[0].Name != "Notes" || list[0].Version != "2026-11-23" {
		o.t.Fatalf("%+v", list)
	}
	got, err := o.phone.Fetch(ctx, list[0])
	if err != nil || !bytes.Equal(got, doc) {
		o.t.Fatalf("%d bytes, %v", len(got), err)
	}
}

// sendsOnABadLine sends until it is done, as Collect does whenever there is a line:
// each time all of it from the beginning.
func (o *organisation) sendsOnABadLine(ctx context.Context, s collecttest.Sent) {
	o.t.Helper()
	posts := 0
	o.phone.Drop = func(method, _ string) int {
		if method != http.MethodPost {
			return collecttest.Whole
		}
		posts++
		switch posts {
		case 1: // in the first file
			return 1_500_000
		case 2:
			return collecttest.Unheard
		}
		return collecttest.Whole
	}
	for range 2 {
		if err := o.phone.Send(ctx, s); !errors.Is(err, collecttest.ErrLine) {
			o.t.Fatal(err)
		}
	}
	most, err := o.phone.Ask(ctx)
	o.must(err)
	split := s.Posts(most, o.phone.Library)
	if len(split) < 3 || !split[0].Incomplete || split[len(split)-1].Incomplete {
		o.t.Fatalf("%d posts of at most %d", len(split), most)
	}
	o.must(o.phone.Post(ctx, split[0]))
	o.must(o.phone.Post(ctx, split[1]))
	o.node.Kill()
	o.start()
	if n := o.waiting(); n != 1+len(split[0].Files)+len(split[1].Files) {
		o.t.Errorf("%d items are there of the posts that were answered", n)
	}
	o.must(o.phone.Post(ctx, split[2]))
	o.must(o.phone.Send(ctx, s)) // somebody presses the button once more
	if n := o.waiting(); n != 1+len(s.Files) {
		o.t.Errorf("%d items", n)
	}
}

func (o *organisation) waiting() int {
	o.t.Helper()
	items, err := o.node.Client(o.collection).Items(o.t.Context())
	o.must(err)
	return len(items)
}

// refuses wants the refusals of Collect's own kind: 4xx, in XML, neutral, in the
// phone's language, without a challenge.
func (o *organisation) refuses(ctx context.Context, f collecttest.Filled, s collecttest.Sent) {
	o.t.Helper()
	stranger := &collecttest.Phone{Base: o.node.URL + "/or/" + strings.Repeat("a", 26), Language: "fr-FR,fr;q=0.9"}
	_, err := stranger.Ask(ctx)
	o.must(err) // Collect goes on to post
	o.wants(stranger.Send(ctx, s), http.StatusForbidden, "Ce téléphone")
	other := f.Encrypt(o.t, o.key)
	o.phone.Language = "ar-YE"
	o.wants(o.phone.Send(ctx, other), http.StatusConflict, "أُرسل من قبل")
	plain := collecttest.Sent{Manifest: []byte(f.Answers), Files: []collecttest.File{{Name: "1.m4a", Content: f.Media[0].Content}}}
	o.wants(o.phone.Send(ctx, plain), http.StatusBadRequest, "لم يُقبل هذا")
	mixed := collecttest.Sent{Manifest: bytes.Replace(s.Manifest, []byte("6f01<"), []byte("6f09<"), 1), Files: append([]collecttest.File{s.Files[3]}, f.Media[3])}
	o.phone.Language = ""
	o.wants(o.phone.Send(ctx, mixed), http.StatusBadRequest, "This was not taken")
	o.must(o.at().RevokeCollector(ctx, o.collector.Collector))
	o.wants(o.phone.Send(ctx, s), http.StatusForbidden, "This phone is not set up")
	a, err := o.phone.Do(ctx, http.MethodHead, o.phone.Base+"/submission", "", nil)
	if err != nil || a.Status != http.StatusForbidden || a.Header.Get("WWW-Authenticate") != "" {
		o.t.Errorf("%+v, %v", a, err)
	}
	if _, err := o.phone.FormList(ctx); err == nil {
		o.t.Error("a revoked phone gets forms")
	}
}

func (o *organisation) wants(err error, status int, says string) {
	o.t.Helper()
	var r *collecttest.Refused
	if !errors.As(err, &r) || r.Status != status || !strings.HasPrefix(r.Message, says) {
		o.t.Errorf("%v, want %d and %q", err, status, says)
	}
}

func (o *organisation) leavesNoTrace(f collecttest.Filled, s collecttest.Sent, g collecttest.Filled, h collecttest.Sent) {
	o.t.Helper()
	var marks []canarytest.Mark
	mark := func(name string, b []byte) { marks = append(marks, canarytest.Mark{Name: name, Data: b}) }
	for _, one := range []struct {
		f collecttest.Filled
		s collecttest.Sent
	}{{f, s}, {g, h}} {
		_, said, _ := strings.Cut(one.f.Answers, "<telling>")
		mark("the answers", []byte(said))
		// What stands in every manifest stands in blank forms too.
		m, err := fieldform.Parse(one.s.Manifest)
		o.must(err)
		mark("the key in the manifest", []byte(m.WrappedKey))
		mark("the signature in the manifest", []byte(m.Signature))
		mark("the instance", []byte(one.f.InstanceID))
		for _, m := range one.f.Media {
			mark("the name "+m.Name, []byte(m.Name))
			if len(m.Content) > 1000 {
				mark("the content of "+m.Name, m.Content[:min(len(m.Content), 20_000)])
			}
		}
		for _, e := range one.s.Files {
			mark("what the form made of "+e.Name, e.Content[:min(len(e.Content), 20_000)])
		}
	}
	mark("the token", []byte(o.collector.Token))
	mark("the device", []byte(collecttest.DeviceID))
	mark("the agent", []byte(collecttest.Agent))
	scanner, err := canarytest.New(marks...)
	o.must(err)
	places := []string{o.vault.Dir}
	if o.vault.Cluster != nil {
		o.must(o.vault.Cluster.Kill())
		places = append(places, o.vault.Cluster.DataDir(), filepath.Join(o.vault.Cluster.Dir(), "log"))
	}
	read := int64(0)
	for _, p := range places {
		found, n, err := scanner.Tree(p)
		o.must(err)
		read += n
		for _, f := range found {
			o.t.Error(f)
		}
	}
	if read < 3_000_000 {
		o.t.Errorf("only %d bytes were searched", read)
	}
	log := o.node.Log.String()
	found, err := scanner.Read("the log", strings.NewReader(log))
	o.must(err)
	for _, f := range found {
		o.t.Error(f)
	}
	if !strings.Contains(log, "route=/or/{token}/submission") {
		o.t.Errorf("the log does not say which routes were asked:\n%s", log)
	}
}
