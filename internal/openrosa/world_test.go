package openrosa_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"mime"
	"slices"
	"testing"

	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/openrosa"
	"github.com/relatingfield/vault/internal/openrosa/collecttest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/traytest"
)

// world is a partner with a collection, its tray, and a phone with a token.
type world struct {
	*traytest.World
	in         *openrosa.Intake
	collection *accounttest.Person
	code       string
	token      openrosa.Issued
	key        collecttest.Key
}

func each(t *testing.T, do func(t *testing.T, w *world)) {
	t.Helper()
	key := collecttest.NewKey(t, "3072")
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{World: traytest.New(t, db), key: key}
		w.in = openrosa.New(openrosa.Deps{DB: db, Trays: w.Trays, Blobs: w.Blobs, Now: w.Clock.Now, Rand: rand.Reader,
			Limits: openrosa.Limits{FileSize: 2 << 20, PostSize: 4 << 20, Posts: 2, Collectors: 3, Forms: 2, Term: 30 * traytest.Day, Overlap: 2 * traytest.Day, Remember: 10 * traytest.Day}})
		w.collection, w.code = w.newCollection("first")
		w.token = w.collector()
		do(t, w)
	})
}

// newCollection is a collection of the partner's with an open tray.
func (w *world) newCollection(code string) (*accounttest.Person, string) {
	w.T.Helper()
	p := w.World.Collection()
	w.Must(w.DB.Update(w.T.Context(), func(ctx ctx, tx store.Tx) error {
		_, err := w.Trays.OpenFor(ctx, tx, p.ID, w.By.Partner, code, w.Clock.Now().Add(60*traytest.Day).Truncate(traytest.Day).Unix())
		return err
	}))
	return p, code
}

func (w *world) collector() openrosa.Issued {
	w.T.Helper()
	out, err := w.in.AddCollector(w.T.Context(), w.By, w.code, 0, nil)
	w.Must(err)
	return out
}

// filled is a form with files that lie in rows, in objects, and ones whose length
// has to be found out outside of memory.
func filled(n string, style collecttest.Style) collecttest.Filled {
	big := make([]byte, 700_000)
	if _, err := rand.Read(big); err != nil {
		panic(err)
	}
	return collecttest.Filled{FormID: "notes", Version: "1", InstanceID: "uuid:00000000-0000-4000-8000-00000000000" + n, Style: style,
		Answers: "<data id=\"notes\"><telling>canary " + n + "</telling></data>",
		Media:   []collecttest.File{{Name: "1764000000001.m4a", Content: big}, {Name: "1764000000002.jpg", Content: big[:100_000]}, {Name: "صورة.jpg", Content: big[:9]}}}
}

func (w *world) post(token string, p collecttest.Post) (openrosa.Taken, error) {
	w.T.Helper()
	return w.in.Submit(w.T.Context(), openrosa.Post{Token: token, ContentType: p.ContentType, Body: bytes.NewReader(p.Body)})
}

func (w *world) send(s collecttest.Sent, most int64, l collecttest.Library) (last openrosa.Taken) {
	w.T.Helper()
	for _, p := range s.Posts(most, l) {
		out, err := w.post(w.token.Token, p)
		w.Must(err)
		last = out
	}
	return last
}

// lies is a file in the tray, as its owner finds it.
type lies struct {
	name, submission, replaces, media string
	content                           []byte
}

// tray opens all that lies in a collection's tray.
func (w *world) tray(p *accounttest.Person) (out []lies) {
	w.T.Helper()
	items, err := w.Trays.Items(w.T.Context(), p.Caller, "", 200)
	w.Must(err)
	for _, i := range items {
		if i.Said.Assurance != delivery.FieldForm || i.Said.Partner != w.By.Partner || i.Said.Client != "" {
			w.T.Errorf("the note says %+v", i.Said)
		}
		f, err := w.Trays.Content(w.T.Context(), p.Caller, i.ID)
		w.Must(err)
		var file bytes.Buffer
		_, err = f.WriteRange(&file, 0, f.Size(), func() error { return nil })
		w.Must(errors.Join(err, f.Close()))
		c, err := envelope.ReadContainer(bytes.NewReader(w.Decrypt(p, file.Bytes())))
		w.Must(err)
		content, err := io.ReadAll(c)
		w.Must(err)
		media, params, err := mime.ParseMediaType(c.Info.MediaType)
		w.Must(err)
		out = append(out, lies{c.Info.Name, params["submission"], params["replaces"], media, content})
	}
	return out
}

// holds wants exactly the files of a submission, once each, under one name for all.
func (w *world) holds(files []lies, s collecttest.Sent) string {
	w.T.Helper()
	group := ""
	for _, f := range files {
		if f.name == "submission.xml" && bytes.Equal(f.content, s.Manifest) {
			group = f.submission
		}
	}
	if _, err := id.Parse(group); err != nil {
		w.T.Fatalf("its manifest is not there: %v", err)
	}
	var names []string
	for _, f := range files {
		if f.submission != group || f.name == "submission.xml" {
			continue
		}
		names = append(names, f.name)
		at := slices.IndexFunc(s.Files, func(g collecttest.File) bool { return g.Name == f.name })
		if at < 0 || !bytes.Equal(s.Files[at].Content, f.content) {
			w.T.Errorf("%s is not what was sent", f.name)
		}
	}
	if len(names) != len(s.Files) {
		w.T.Errorf("there are %q, of %d files", names, len(s.Files))
	}
	return group
}
