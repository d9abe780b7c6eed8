package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/openrosa/collecttest"
	"github.com/relatingfield/vault/internal/openrosa/fieldform"
	"github.com/relatingfield/vault/internal/openrosa/forms"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// Filled forms are fetched and adopted by a program that is killed all the way. Each
// form is one testimony in the end, whole, of its own files and of each once.
func TestFormsAreAdoptedOnceHoweverOftenItIsKilled(t *testing.T) {
	m := newMeter(t)
	url := "http://" + m.listener.Addr().String()
	v := vaulttest.New(t, vaulttest.With(func(c *config.Config) { c.Origins = []string{url} }))
	m.serve(t, v.Addr)
	k := collecttest.NewKey(t, "3072")
	d, collection := collectionOf(t, v, url, k)
	brought := map[api.Hash]bool{}
	items, err := collection.Items(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const filled, files = 2, 5
	if len(items) != filled*files {
		t.Fatalf("%d items wait", len(items))
	}
	kills, halves := 0, 0
	for after := int64(3000); kills < 200; after = after%15000 + 1100 { // an adoption is some 3,000 bytes
		if !d.cut(m, after, "odk", "fetch", "forms", "--adopt") {
			break
		}
		kills++
		if half(t, collection, files) {
			halves++
		}
	}
	t.Logf("%d kills, %d of them with a form half adopted", kills, halves)
	if halves == 0 {
		t.Error("no kill came between two files of a form: nothing was proved")
	}
	d.run(0, "odk", "fetch", "forms", "--adopt")
	list, err := collection.List(t.Context())
	if err != nil || len(list) != filled {
		t.Fatalf("%d testimonies: %v", len(list), err)
	}
	for _, l := range list {
		s, err := collection.Show(t.Context(), l.ID)
		if err != nil || len(s.Details) != files {
			t.Errorf("%d parts: %v", len(s.Details), err)
		}
		for _, p := range s.Details {
			brought[sumOf(t, collection, l.ID, p.N)] = true
		}
	}
	if left, err := collection.Items(t.Context()); err != nil || len(left) > 0 || len(brought) != filled*files {
		t.Errorf("%d items are left, %d different ones were adopted: %v", len(left), len(brought), err)
	}
	opensAll(t, d, k, filled)
}

// collectionOf is a collection into which a phone has sent two forms, and a device with
// its words.
func collectionOf(t *testing.T, v *vaulttest.Vault, url string, k collecttest.Key) (*device, *client.Client) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	p := partnertest.New(v).Partner()
	g := p.Program()
	secret, err := client.NewSecret(rand.Reader)
	must(err)
	keys, err := client.KeysFor(secret, v.ID)
	must(err)
	opened, err := p.Officers[0].OpenCollection(t.Context(), p.ID, keys, v.Clock.Now().Add(100*24*time.Hour).Unix())
	must(err)
	public, err := os.ReadFile(k.Public)
	must(err)
	key, err := fieldform.ParsePublicKey(public)
	must(err)
	blank, err := forms.Make(forms.Choice{Form: "telling", Language: "ar", Key: key, ID: "notes", Version: "2026112301", Title: "Notes"})
	must(err)
	_, err = g.AddForm(t.Context(), opened.Code, blank)
	must(err)
	collector, err := g.AddCollector(t.Context(), opened.Code, 0)
	must(err)
	phone := &collecttest.Phone{Base: v.URL + "/or/" + collector.Token}
	for i := range 2 {
		must(phone.Send(t.Context(), aForm(i).Encrypt(t, k)))
	}
	d := &device{t: t, dir: t.TempDir(), env: []string{"TESTIMONY_SERVER=" + url, "TESTIMONY_VAULT=" + v.ID.String()}}
	d.words = filepath.Join(d.dir, "collection.words")
	words, err := client.Words(secret, "en")
	must(err)
	d.write("collection.words", []byte(strings.Join(words, " ")+"\n"))
	return d, v.Client(keys)
}

// aForm has three recordings.
func aForm(i int) collecttest.Filled {
	f := collecttest.Filled{FormID: "notes", Version: "2026112301", InstanceID: fmt.Sprintf("uuid:2b7f9f0e-2f0b-4a53-8a3e-2f7c0f1f9c%02d", i),
		Answers: fmt.Sprintf("<data id=\"notes\"><telling>ما حدث %d</telling></data>", i)}
	for n := range 3 {
		f.Media = append(f.Media, collecttest.File{Name: fmt.Sprintf("voice-%d.m4a", n), Content: fmt.Appendf(nil, "voice %d of %d", n, i)})
	}
	return f
}

// sumOf is the digest of a part's content.
func sumOf(t *testing.T, c *client.Client, tid api.ID, n int64) api.Hash {
	t.Helper()
	var b bytes.Buffer
	if err := c.OpenOwn(t.Context(), tid, n, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return &b, nil })); err != nil {
		t.Fatal(err)
	}
	return api.HashOf(b.Bytes())
}

// half tells whether a form is adopted in part: of each, all files wait or none.
func half(t *testing.T, c *client.Client, files int) bool {
	t.Helper()
	list, err := c.Items(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(list)%files != 0
}

// opensAll opens what was saved, with the key of the forms.
func opensAll(t *testing.T, d *device, k collecttest.Key, want int) {
	t.Helper()
	text, err := os.ReadFile(k.Private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := fieldform.ParsePrivateKey(text)
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob(filepath.Join(d.dir, "forms", "*", client.DeliveryFile))
	if err != nil || len(folders) != want {
		t.Fatalf("%d folders: %v", len(folders), err)
	}
	for i, f := range folders {
		if _, err := fieldform.OpenFolder(filepath.Dir(f), filepath.Join(d.dir, fmt.Sprint("out", i)), key); err != nil {
			t.Error(err)
		}
	}
}
