package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/samples"
	"github.com/relatingfield/vault/internal/statement"
)

func derived(name, text string, from int, kind envelope.Kind) client.Content {
	c := client.Bytes(name, "", []byte(text))
	c.Info.Kind, c.Info.DerivedFrom = kind, from
	return c
}

// A part that says what it was made from is linked to it on the card that she
// signs; what it names must be there and hers.
func TestDerivedPartsAreLinkedToWhatIsHers(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	salma, _ := w.Participant(t)
	tid, err := salma.Create(ctx, client.Testimony{Title: "x", Parts: []client.Content{
		client.Bytes("a.txt", "", []byte(story)), derived("b.txt", "shorter", 1, envelope.Redacted)}})
	if err != nil {
		t.Fatal(err)
	}
	cut := derived("c.ogg", strings.Repeat("sound", 60<<10), 1, envelope.Cut)
	if n, err := salma.AddPart(ctx, tid, cut); err != nil || n != 3 {
		t.Fatalf("part %d, %v", n, err)
	}
	translation := derived("d.txt", "коротше", 2, envelope.Translation)
	translation.Label = "українською"
	if n, err := salma.AddOnArrival(ctx, tid, translation); err != nil || n != 4 {
		t.Fatalf("part %d, %v", n, err)
	}
	for from, want := range map[int]error{9: client.ErrNotFound, 4: client.ErrNotAdopted} {
		before := head(t, salma)
		for _, size := range []int{1, 300 << 10} {
			if _, err := salma.AddPart(ctx, tid, derived("e.txt", strings.Repeat("x", size), from, envelope.Redacted)); !errors.Is(err, want) {
				t.Errorf("made from part %d: %v", from, err)
			}
		}
		if head(t, salma) != before {
			t.Errorf("made from part %d: something was signed", from)
		}
	}
	if _, err := salma.Create(ctx, client.Testimony{Parts: []client.Content{derived("a.txt", "x", 1, envelope.Cut)}}); !errors.Is(err, client.ErrRefused) {
		t.Errorf("made from itself: %v", err)
	}
	shown, err := salma.Show(ctx, tid)
	if err != nil {
		t.Fatal(err)
	}
	want := map[int64]client.Derived{2: {Part: 2, From: 1, Kind: envelope.Redacted}, 3: {Part: 3, From: 1, Kind: envelope.Cut}, 4: {Part: 4, From: 2, Kind: envelope.Translation}}
	for _, d := range shown.Details {
		if link, ok := want[d.N]; ok != (d.Link != nil) || ok && *d.Link != link {
			t.Errorf("part %d: %+v", d.N, d.Link)
		}
	}
}

func head(t *testing.T, c *client.Client) api.Head {
	t.Helper()
	h, err := c.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// A grant of a redacted copy gives nothing of the original: not by its number, not
// by another's grant, and not with the header that the reader holds.
func TestAGrantOfADerivedPartNeverGivesTheOriginal(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	n, err := s.salma.AddPart(ctx, s.tid, derived("short.txt", "shorter", 1, envelope.Redacted))
	if err != nil {
		t.Fatal(err)
	}
	reader, keys := readerWithKeys(t, s.World)
	g := granted(t, s.salma, offer(s.tid, reader, n))
	var got buffer
	if _, err := reader.Open(ctx, g, n, &got); err != nil || got.String() != "shorter" || got.info.Kind != envelope.Redacted || got.info.DerivedFrom != 1 {
		t.Fatalf("%q, %+v, %v", got.String(), got.info, err)
	}
	for name, grant := range map[string]api.ID{"by its number": g, "by another's grant": s.grant} {
		if _, err := reader.Open(ctx, grant, 1, &buffer{}); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("the original %s: %v", name, err)
		}
	}
	redacted, _ := saved(t, reader, g, n)
	_, original := saved(t, s.reader, s.grant, 1)
	r, err := age.Decrypt(io.MultiReader(bytes.NewReader(redacted), bytes.NewReader(original)), keys)
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if err == nil {
		t.Error("the header of the copy opens the original")
	}
}

// readerWithKeys is an accredited reader who shows their keys.
func readerWithKeys(t *testing.T, w *clienttest.World) (*client.Client, *client.Keys) {
	t.Helper()
	keys := w.Keys(t)
	c := w.Client(t, keys)
	if err := errors.Join(c.Enrol(t.Context(), statement.Researcher, ""), c.Apply(t.Context(), "Dr. Oksana", "An archive", "To listen")); err != nil {
		t.Fatal(err)
	}
	for _, s := range w.Stewards {
		if _, err := s.Accredit(t.Context(), c.Account(), 300); err != nil {
			t.Fatal(err)
		}
	}
	return c, keys
}

// saved is header and payload of a granted part.
func saved(t *testing.T, reader *client.Client, g api.ID, n int64) (header, payload []byte) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "part")
	if _, err := reader.SaveGrantedAge(t.Context(), g, n, dir, nil); err != nil {
		t.Fatal(err)
	}
	header, rest, err := envelope.Split(bytes.NewReader(readFile(t, dir, client.AgeFile)))
	if err != nil {
		t.Fatal(err)
	}
	if payload, err = io.ReadAll(rest); err != nil {
		t.Fatal(err)
	}
	return header, payload
}

// What a clean copy holds is the picture and neither its place nor the file's name.
func TestACleanCopyIsDerivedFromTheOriginal(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	salma, _ := w.Participant(t)
	files, err := samples.Files("")
	if err != nil {
		t.Fatal(err)
	}
	photo, err := fs.ReadFile(files, samples.Photo)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "IMG_20261123_101500.jpg")
	if err := os.WriteFile(path, photo, 0o600); err != nil {
		t.Fatal(err)
	}
	original, err := client.File(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]client.Content{"a file": original, "memory": client.Bytes("IMG.jpg", "", photo)} {
		clean, err := client.Clean(from)
		if err != nil {
			t.Fatal(err)
		}
		clean.Info.Kind, clean.Info.DerivedFrom = envelope.Cleaned, 1
		tid, err := salma.Create(ctx, client.Testimony{Parts: []client.Content{from, clean}})
		if err != nil {
			t.Fatal(err)
		}
		var a, b buffer
		if err := errors.Join(salma.OpenOwn(ctx, tid, 1, &a), salma.OpenOwn(ctx, tid, 2, &b)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), photo) || bytes.Contains(b.Bytes(), []byte("GPS")) || b.Len() >= a.Len() || b.info.Name != "" || b.info.Kind != envelope.Cleaned {
			t.Errorf("%s: %d bytes of %d, %+v", name, b.Len(), a.Len(), b.info)
		}
	}
	if _, err := client.Clean(client.Bytes("a.txt", "", []byte("words"))); !errors.Is(err, client.ErrCleanKind) {
		t.Errorf("a text: %v", err)
	}
}

// In listening mode nothing says when, where or with what something was made: the
// sealed part of a file holds its bytes, its type and, if she leaves it, its name.
func TestListeningKeepsNothingOfADevice(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	salma, _ := w.Participant(t)
	tid := told(t, salma)
	for _, c := range []client.Content{captured("a.txt"), captured(strings.Repeat("b", 200))} {
		before := head(t, salma)
		if _, err := salma.AddPart(ctx, tid, c); !errors.Is(err, client.ErrListening) {
			t.Errorf("a capture: %v", err)
		}
		if _, err := salma.AddOnArrival(ctx, tid, c); !errors.Is(err, client.ErrListening) {
			t.Errorf("a capture that arrives: %v", err)
		}
		if _, err := salma.Create(ctx, client.Testimony{Parts: []client.Content{c}}); !errors.Is(err, client.ErrListening) {
			t.Errorf("a capture in a new testimony: %v", err)
		}
		if head(t, salma) != before {
			t.Error("something was signed")
		}
	}
	path := filepath.Join(t.TempDir(), "voice.txt")
	sealed := map[string]bool{}
	for _, stamp := range []string{"2001-02-03", "2026-11-23"} {
		if err := os.WriteFile(path, []byte("words"), 0o600); err != nil {
			t.Fatal(err)
		}
		day, err := time.Parse(time.DateOnly, stamp)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, day, day); err != nil {
			t.Fatal(err)
		}
		c, err := client.File(path)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		r, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(envelope.WriteContainer(&b, c.Info, r, c.Size), r.Close()); err != nil {
			t.Fatal(err)
		}
		sealed[b.String()] = true
		if want := (client.PartInfo{MediaType: "text/plain; charset=utf-8", Name: "voice.txt", Kind: envelope.Original}); !reflect.DeepEqual(c.Info, want) {
			t.Errorf("%+v", c.Info)
		}
	}
	if len(sealed) != 1 {
		t.Error("the time of the file is sealed in")
	}
}

func captured(name string) client.Content {
	c := client.Bytes(name, "text/plain", []byte(name))
	c.Info.Captured = &api.Captured{Time: 1795427654, Device: "phone", Place: "Mosul"}
	return c
}

// Evidence is chosen after the words were shown, one testimony at a time, and
// taken back at any time.
func TestEvidenceIsChosenKnowingly(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	tid, other := told(t, salma), told(t, salma)
	before := head(t, salma)
	no := errors.New("no")
	if err := salma.KeepAsEvidence(ctx, tid, "ar", func(client.Warning) error { return no }); !errors.Is(err, no) || head(t, salma) != before {
		t.Errorf("she said no: %v", err)
	}
	var shown client.Warning
	if err := salma.KeepAsEvidence(ctx, tid, "ar", func(w client.Warning) error { shown = w; return nil }); err != nil || shown.Language != "ar" {
		t.Fatalf("%s, %v", shown.Language, err)
	}
	n, err := salma.AddPart(ctx, tid, captured("a.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var b buffer
	if err := salma.OpenOwn(ctx, tid, n, &b); err != nil || b.info.Captured == nil || b.info.Captured.Device != "phone" {
		t.Errorf("%+v, %v", b.info, err)
	}
	if _, err := salma.AddPart(ctx, other, captured("a.txt")); !errors.Is(err, client.ErrListening) {
		t.Errorf("the other testimony: %v", err)
	}
	anew := w.Client(t, keys) // another device, with nothing but her words
	if s, err := anew.Show(ctx, tid); err != nil || !s.Evidence {
		t.Errorf("%+v, %v", s, err)
	}
	if err := anew.OnlyListen(ctx, tid); err != nil {
		t.Fatal(err)
	}
	if _, err := anew.AddPart(ctx, tid, captured("a.txt")); !errors.Is(err, client.ErrListening) {
		t.Errorf("after going back: %v", err)
	}
}
