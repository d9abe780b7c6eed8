package openrosa_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/relatingfield/vault/internal/openrosa"
	"github.com/relatingfield/vault/internal/openrosa/collecttest"
	"github.com/relatingfield/vault/internal/openrosa/fieldform"
	"github.com/relatingfield/vault/internal/openrosa/parcel"
	"github.com/relatingfield/vault/internal/traytest"
)

type ctx = context.Context

// What a phone sends lies in the collection's tray, byte for byte, wrapped, with the
// vault's note; and openssl opens what comes out.
func TestAFilledFormLiesInTheTray(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for n, l := range []collecttest.Library{collecttest.OkHttp4, collecttest.OkHttp5} {
			f := filled(string(rune('1'+n)), collecttest.Style(n))
			s := f.Encrypt(t, w.key)
			if out := w.send(s, 10_000_000, l); out.Missing != 0 {
				t.Errorf("%d files are missing", out.Missing)
			}
			files := w.tray(w.collection)
			group := w.holds(files, s)
			dir := t.TempDir()
			var back collecttest.Sent
			for _, file := range files {
				switch {
				case file.submission != group:
				case file.name == "submission.xml":
					back.Manifest = file.content
				default:
					back.Files = append(back.Files, collecttest.File{Name: file.name, Content: file.content})
				}
			}
			back.Save(t, dir)
			for i, got := range collecttest.Decrypt(t, w.key, dir, f) {
				want := []byte(f.Answers)
				if i < len(f.Media) {
					want = f.Media[i].Content
				}
				if !bytes.Equal(got.Content, want) {
					t.Errorf("%s: openssl finds %d bytes", got.Name, len(got.Content))
				}
			}
			if _, err := fieldform.OpenFolder(dir, filepath.Join(t.TempDir(), "out"), privateKey(t, w.key)); err != nil {
				t.Error(err)
			}
		}
	})
}

// Posts that are split, repeated in part and repeated as a whole, in whatever order,
// come to the same as one.
func TestRepetitionsChangeNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := filled("1", collecttest.Collect).Encrypt(t, w.key)
		split := s.Posts(90_000, collecttest.OkHttp5)
		if len(split) < 3 {
			t.Fatalf("%d posts", len(split))
		}
		whole := s.Posts(10_000_000, collecttest.OkHttp4)[0]
		for n, p := range []collecttest.Post{split[1], split[1], split[0], whole, split[2], whole} {
			if _, err := w.post(w.token.Token, p); err != nil {
				t.Fatalf("post %d: %v", n, err)
			}
		}
		files := w.tray(w.collection)
		w.holds(files, s)
		if len(files) != len(s.Files)+1 {
			t.Errorf("%d items", len(files))
		}
		// Also after she has looked at them, and on another day.
		w.Clock.Forward(traytest.Day)
		if out, err := w.post(w.token.Token, whole); err != nil || out.Missing != 0 || len(w.tray(w.collection)) != len(files) {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

// What is missing after a first post is counted, and comes with a later one.
func TestMissingFilesAreAdded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := filled("1", collecttest.Collect).Encrypt(t, w.key)
		part := collecttest.Sent{Manifest: s.Manifest, Files: s.Files[2:]}
		if out := w.send(part, 10_000_000, collecttest.OkHttp5); out.Missing != 2 {
			t.Errorf("%d are missing", out.Missing)
		}
		if out := w.send(s, 10_000_000, collecttest.OkHttp5); out.Missing != 0 {
			t.Errorf("%d are missing", out.Missing)
		}
		w.holds(w.tray(w.collection), s)
	})
}

// The same instance with another content is refused, and the first one stays.
func TestAnotherFormUnderTheSameIDIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f := filled("1", collecttest.Collect)
		s := f.Encrypt(t, w.key)
		w.send(s, 10_000_000, collecttest.OkHttp5)
		before := w.Objects()
		other := f.Encrypt(t, w.key) // another key, so another manifest
		if _, err := w.post(w.token.Token, other.Posts(10_000_000, collecttest.OkHttp5)[0]); !errors.Is(err, openrosa.ErrOther) {
			t.Error(err)
		}
		w.holds(w.tray(w.collection), s)
		if len(w.tray(w.collection)) != len(s.Files)+1 || w.Objects() != before {
			t.Errorf("%d items, %d objects", len(w.tray(w.collection)), w.Objects())
		}
	})
}

// An edit is a form of its own that names the one it corrects, where that is known.
func TestAnEditNamesWhatItCorrects(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := filled("1", collecttest.Collect)
		s := first.Encrypt(t, w.key)
		w.send(s, 10_000_000, collecttest.OkHttp5)
		edit, stray := filled("2", collecttest.Collect), filled("3", collecttest.Kobo)
		edit.Replaces, stray.Replaces = first.InstanceID, "uuid:unknown"
		e, u := edit.Encrypt(t, w.key), stray.Encrypt(t, w.key)
		w.send(e, 10_000_000, collecttest.OkHttp5)
		w.send(u, 10_000_000, collecttest.OkHttp5)
		files := w.tray(w.collection)
		of, by, none := w.holds(files, s), w.holds(files, e), w.holds(files, u)
		for _, f := range files {
			if want := map[string]string{by: of}[f.submission]; f.name == "submission.xml" && f.replaces != want || f.name != "submission.xml" && f.replaces != "" {
				t.Errorf("%s of %s replaces %q", f.name, f.submission, f.replaces)
			}
		}
		if of == by || by == none {
			t.Errorf("they are one: %s, %s, %s", of, by, none)
		}
	})
}

// Whatever is not encrypted, or not of the form, is refused as a whole: no item, no
// object, and the partner is told once a day.
func TestWhatIsNotEncryptedIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		good := filled("1", collecttest.Collect).Encrypt(t, w.key)
		with := func(f ...collecttest.File) collecttest.Sent {
			return collecttest.Sent{Manifest: good.Manifest, Files: append(append([]collecttest.File(nil), good.Files...), f...)}
		}
		plain := []byte("<data id=\"notes\"><telling>canary</telling><meta><instanceID>uuid:1</instanceID></meta></data>")
		for name, c := range map[string]struct {
			s    collecttest.Sent
			want error
		}{
			"plain form":           {collecttest.Sent{Manifest: plain}, fieldform.ErrPlain},
			"plain form, files":    {collecttest.Sent{Manifest: plain, Files: good.Files}, fieldform.ErrPlain},
			"plain file at last":   {with(collecttest.File{Name: "1.jpg", Content: []byte("canary")}), openrosa.ErrPlain},
			"plain file, renamed":  {with(collecttest.File{Name: "canary.enc", Content: []byte("canary")}), parcel.ErrRefused},
			"file of no block":     {collecttest.Sent{Manifest: good.Manifest, Files: []collecttest.File{{Name: good.Files[0].Name, Content: []byte("canary")}}}, openrosa.ErrPlain},
			"large, of no block":   {collecttest.Sent{Manifest: good.Manifest, Files: []collecttest.File{{Name: good.Files[0].Name, Content: make([]byte, 600_001)}}}, openrosa.ErrPlain},
			"empty file":           {collecttest.Sent{Manifest: good.Manifest, Files: []collecttest.File{{Name: good.Files[0].Name}}}, openrosa.ErrPlain},
			"file twice":           {with(good.Files[0]), parcel.ErrRefused},
			"file of another form": {with(collecttest.File{Name: "other.enc", Content: make([]byte, 32)}), parcel.ErrRefused},
			"file in a folder":     {with(collecttest.File{Name: "../x.enc", Content: make([]byte, 32)}), openrosa.ErrPlain},
			"large file":           {collecttest.Sent{Manifest: good.Manifest, Files: []collecttest.File{{Name: good.Files[0].Name, Content: make([]byte, 2<<20+16)}}}, parcel.ErrTooLarge},
			"broken manifest":      {collecttest.Sent{Manifest: bytes.Replace(good.Manifest, []byte("</data>"), nil, 1)}, fieldform.ErrManifest},
		} {
			for _, l := range []collecttest.Library{collecttest.OkHttp4, collecttest.OkHttp5} {
				body := &reading{r: bytes.NewReader(c.s.Posts(1<<40, l)[0].Body)}
				_, err := w.in.Submit(t.Context(), openrosa.Post{Token: w.token.Token, ContentType: contentType(c.s, l, body), Body: body})
				if !errors.Is(err, c.want) {
					t.Errorf("%s: %v", name, err)
				}
				if !body.ended && c.want != parcel.ErrTooLarge {
					t.Errorf("%s: the body was not read to its end", name)
				}
			}
		}
		if n := len(w.tray(w.collection)); n != 0 || w.Objects() != 0 {
			t.Errorf("%d items and %d objects stay", n, w.Objects())
		}
		if len(w.Told) != 1 || w.Told[0].Event != openrosa.Refused || w.Told[0].Item != w.token.Collector || w.Told[0].Partner != w.By.Partner {
			t.Errorf("the partner was told %+v", w.Told)
		}
		w.Clock.Forward(traytest.Day)
		if _, err := w.post(w.token.Token, collecttest.Sent{Manifest: plain}.Posts(1<<40, collecttest.OkHttp5)[0]); err == nil || len(w.Told) != 2 {
			t.Errorf("on the next day it was told %+v", w.Told)
		}
	})
}

// contentType makes the post of a submission the body that is read.
func contentType(s collecttest.Sent, l collecttest.Library, body *reading) string {
	p := s.Posts(1<<40, l)[0]
	body.r = bytes.NewReader(p.Body)
	return p.ContentType
}

type reading struct {
	r     io.Reader
	ended bool
}

func (r *reading) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.ended = r.ended || err == io.EOF
	return n, err
}

// A post whose line breaks leaves nothing, wherever it breaks, and the next attempt
// finds everything as it was.
func TestABrokenPostLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := filled("1", collecttest.Collect).Encrypt(t, w.key)
		gone := errors.New("gone")
		for _, l := range []collecttest.Library{collecttest.OkHttp4, collecttest.OkHttp5} {
			p := s.Posts(10_000_000, l)[0]
			for _, at := range []int{0, 100, 3000, 100_000, 500_000, 750_000, len(p.Body) - 3} {
				for _, end := range []io.Reader{iotest.ErrReader(gone), bytes.NewReader(nil)} {
					body := io.MultiReader(bytes.NewReader(p.Body[:at]), end)
					if _, err := w.in.Submit(t.Context(), openrosa.Post{Token: w.token.Token, ContentType: p.ContentType, Body: body}); err == nil {
						t.Errorf("broken at %d: taken", at)
					}
				}
			}
		}
		if n := len(w.tray(w.collection)); n != 0 || w.Objects() != 0 {
			t.Errorf("%d items and %d objects stay", n, w.Objects())
		}
		w.send(s, 10_000_000, collecttest.OkHttp5)
		w.holds(w.tray(w.collection), s)
	})
}

// Two posts of one form at a time come to the same as one.
func TestPostsAtATimeAreOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := filled("1", collecttest.Collect).Encrypt(t, w.key)
		p := s.Posts(10_000_000, collecttest.OkHttp5)[0]
		var both sync.WaitGroup
		failed := make(chan error, 2)
		for range 2 {
			both.Go(func() {
				_, err := w.in.Submit(t.Context(), openrosa.Post{Token: w.token.Token, ContentType: p.ContentType, Body: bytes.NewReader(p.Body)})
				failed <- err
			})
		}
		both.Wait()
		for range 2 {
			if err := <-failed; err != nil {
				t.Error(err)
			}
		}
		files := w.tray(w.collection)
		w.holds(files, s)
		if len(files) != len(s.Files)+1 || w.Objects() != 2 { // the two files that are too large for a row
			t.Errorf("%d items, %d objects", len(files), w.Objects())
		}
	})
}

// More posts at a time than are taken wait at the phones.
func TestTooManyPostsAtATimeAreSentAway(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := filled("1", collecttest.Collect).Encrypt(t, w.key)
		p := s.Posts(10_000_000, collecttest.OkHttp5)[0]
		r1, w1 := io.Pipe()
		r2, w2 := io.Pipe()
		ended := make(chan error, 2)
		for _, r := range []io.Reader{r1, r2} {
			go func() {
				_, err := w.in.Submit(t.Context(), openrosa.Post{Token: w.token.Token, ContentType: p.ContentType, Body: r})
				ended <- err
			}()
		}
		for _, line := range []*io.PipeWriter{w1, w2} {
			if _, err := line.Write(p.Body[:10]); err != nil { // it is being read now
				t.Fatal(err)
			}
		}
		if _, err := w.post(w.token.Token, p); !errors.Is(err, openrosa.ErrBusy) {
			t.Error(err)
		}
		for _, line := range []*io.PipeWriter{w1, w2} {
			_ = line.CloseWithError(errors.New("gone"))
		}
		for range 2 {
			if err := <-ended; err == nil {
				t.Error("a broken post was taken")
			}
		}
		if _, err := w.post(w.token.Token, p); err != nil {
			t.Error(err)
		}
	})
}
