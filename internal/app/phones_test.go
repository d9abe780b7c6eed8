package app_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/openrosa/collecttest"
	"github.com/relatingfield/vault/internal/openrosa/forms"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// phone hands out a form, lets a phone send it, and stops it.
func (w *witness) phone(program, officer *client.Client, partner api.ID) {
	ctx := w.t.Context()
	opened, err := officer.OpenCollection(ctx, partner, w.v.Keys(), w.v.Clock.Now().Add(20*24*time.Hour).Unix())
	w.must(err)
	key, err := rsa.GenerateKey(rand.Reader, 3072)
	w.must(err)
	doc, err := forms.Make(forms.Choice{Form: "telling", Language: "ckb", Key: &key.PublicKey, ID: "notes", Version: "1", Title: "Notes"})
	w.must(err)
	form, err := program.AddForm(ctx, opened.Code, doc)
	w.must(err)
	one, err := program.AddCollector(ctx, opened.Code, 0)
	w.must(err)
	at := "/or/" + one.Token
	list := string(w.raw(nil, 200, "GET", at+"/formList?deviceID=x&formID=notes", ""))
	if !strings.Contains(list, w.v.URL+at+"/forms/"+string(form.Form)) {
		w.t.Errorf("the list is %s", list)
	}
	if got := w.raw(nil, 200, "GET", at+"/forms/"+string(form.Form)+"?deviceID=x", ""); !bytes.Equal(got, doc) {
		w.t.Errorf("the form has %d bytes, not %d", len(got), len(doc))
	}
	w.raw(nil, 200, "GET", at+"/forms/"+string(form.Form)+"/manifest", "")
	w.raw(nil, 204, "HEAD", at+"/submission", "")
	filled := collecttest.Filled{FormID: "notes", InstanceID: "uuid:1", Answers: "<data/>"}.Encrypt(w.t, collecttest.NewKey(w.t, "3072"))
	post := filled.Posts(1<<20, collecttest.OkHttp5)[0]
	for range 2 {
		w.raw(nil, 201, "POST", at+"/submission?deviceID=x", string(post.Body), "Content-Type", post.ContentType)
	}
	w.misphone(program, at, form.Form, post)
	again, err := program.RotateCollector(ctx, one.Collector, 0)
	w.must(err)
	w.must(program.RevokeCollector(ctx, again.Collector))
	w.raw(nil, 403, "HEAD", at+"/submission", "")
	w.must(program.WithdrawForm(ctx, form.Form))
	blanks, err := program.Forms(ctx)
	w.must(err)
	phones, err := program.Collectors(ctx)
	w.must(err)
	if len(blanks) != 1 || !blanks[0].Over || len(phones) != 1 || !phones[0].Over {
		w.t.Errorf("%+v, %+v", blanks, phones)
	}
}

// misphone does what a phone or a program does wrong.
func (w *witness) misphone(program *client.Client, at string, form api.ID, post collecttest.Post) {
	unknown := strings.Repeat("a", 26)
	for _, path := range []string{"/formList", "/forms/" + string(form), "/forms/" + unknown, "/forms/x/manifest"} {
		w.raw(nil, 403, "GET", "/or/"+unknown+path, "")
	}
	w.raw(nil, 404, "GET", at+"/forms/"+unknown, "")
	w.raw(nil, 404, "GET", at+"/forms/x/manifest", "")
	w.raw(nil, 403, "POST", "/or/"+unknown+"/submission", string(post.Body), "Content-Type", post.ContentType)
	w.raw(nil, 400, "POST", at+"/submission", "<data/>", "Content-Type", "text/xml")
	w.raw(nil, 400, "POST", at+"/submission", string(post.Body), "Content-Type", post.ContentType, "Content-Encoding", "gzip")
	w.raw(program, 422, "POST", "/v1/forms", `{"tray":"`+unknown+`","document":""}`, api.HeaderIdempotencyKey, strings.Replace(someKey, "3", "a", 1))
	w.raw(program, 404, "POST", "/v1/collectors", `{"tray":"`+unknown+`"}`, api.HeaderIdempotencyKey, strings.Replace(someKey, "3", "b", 1))
	w.raw(program, 400, "POST", "/v1/collectors", `{"tray":"`+unknown+`","until":5}`, api.HeaderIdempotencyKey, strings.Replace(someKey, "3", "c", 1))
	w.raw(program, 404, "POST", "/v1/collectors/"+unknown+"/revocation", `{}`)
	w.raw(program, 404, "POST", "/v1/forms/"+unknown+"/withdrawal", `{}`)
}

// Where phones have an address of their own, which old TLS may reach, they are served
// there and nowhere else, and nothing else is.
func TestPhonesHaveTheirAddressToThemselves(t *testing.T) {
	v := vaulttest.New(t, vaulttest.With(func(c *config.Config) { c.FieldTools.Origin = "https://forms.example:8444" }))
	token := strings.Repeat("a", 26)
	for _, c := range []struct {
		host, path string
		status     int
	}{
		{"forms.example:8444", "/or/" + token + "/formList", http.StatusForbidden},
		{"forms.example:8444", "/v1/vault", http.StatusNotFound},
		{"forms.example:8444", "/", http.StatusNotFound},
		{"forms.example:8444", "/livez", http.StatusNotFound},
		{"forms.example:8444", "/or", http.StatusNotFound},
		{v.Addr, "/or/" + token + "/formList", http.StatusNotFound},
		{"forms.example", "/or/" + token + "/formList", http.StatusNotFound},
		{v.Addr, "/v1/vault", http.StatusOK},
		{v.Addr, "/livez", http.StatusOK},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = c.host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode != c.status {
			t.Errorf("%s at %s: %d, want %d", c.path, c.host, resp.StatusCode, c.status)
		}
	}
}
