package client_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/samples"
	"github.com/relatingfield/vault/internal/statement"
)

// sample is one of the samples as it is, or cleaned.
func sample(t *testing.T, name string, clean bool) client.Content {
	t.Helper()
	files, err := samples.Files("")
	must(t, err)
	b, err := fs.ReadFile(files, name)
	must(t, err)
	c := client.Bytes(name, "", b)
	for _, s := range samples.List() {
		if s.Name == name {
			c.Info.MediaType = s.MediaType
		}
	}
	if clean {
		c, err = client.Clean(c)
		must(t, err)
	}
	return c
}

func ofKind(c client.Content, k envelope.Kind) client.Content {
	c.Info.Kind, c.Info.DerivedFrom = k, 1
	return c
}

func ofType(media string) client.Content { return client.Bytes("", media, []byte("%PDF or not")) }

// What leaves for others to see goes by its form, by what was done to it, and by what
// a device may have written into it: docs/exports.md has the table.
func TestWhatOthersMaySeeGoesByItsForm(t *testing.T) {
	type media = []statement.Medium
	text, voice, altered, image := statement.Medium("text"), statement.Medium("voice"), statement.Medium("voice-altered"), statement.Medium("image")
	voiceUK, photo, clip := samples.UkrainianVoice, samples.Photo, samples.Clip
	for name, c := range map[string]struct {
		content     client.Content
		attribution statement.Attribution
		media       media
		want        error
	}{
		"a text":                              {sample(t, samples.ArabicText, false), statement.ChathamHouse, media{text}, nil},
		"a text, where pictures may be shown": {sample(t, samples.ArabicText, false), statement.Named, media{image}, client.ErrMedium},
		"a voice":                             {sample(t, voiceUK, true), statement.Pseudonym, media{voice}, nil},
		"a voice, where it must be changed":   {sample(t, voiceUK, true), statement.Pseudonym, media{altered}, client.ErrMedium},
		"a changed voice":                     {ofKind(sample(t, voiceUK, true), envelope.VoiceAltered), statement.Pseudonym, media{altered}, nil},
		"a voice that nobody may know":        {sample(t, voiceUK, true), statement.ChathamHouse, media{voice}, client.ErrMedium},
		"a changed voice, and nobody knows":   {ofKind(sample(t, voiceUK, true), envelope.VoiceAltered), statement.ChathamHouse, media{voice}, nil},
		"a voice in a format not looked into": {sample(t, "voice-ar.ogg", false), statement.Pseudonym, media{voice}, nil},
		"a photo that knows a place":          {sample(t, photo, false), statement.Named, media{image}, client.ErrTraces},
		"a clean photo":                       {sample(t, photo, true), statement.Pseudonym, media{image}, nil},
		"a clean photo that shows somebody":   {sample(t, photo, true), statement.ChathamHouse, media{image}, client.ErrMedium},
		"a redacted photo":                    {ofKind(sample(t, photo, true), envelope.Redacted), statement.ChathamHouse, media{image}, nil},
		"a redacted photo that knows a place": {ofKind(sample(t, photo, false), envelope.Redacted), statement.ChathamHouse, media{image}, client.ErrTraces},
		"a film without its sound allowed":    {sample(t, clip, true), statement.Pseudonym, media{image}, client.ErrMedium},
		"a clean film":                        {sample(t, clip, true), statement.Pseudonym, media{image, voice}, nil},
		"a film that knows a place":           {sample(t, clip, false), statement.Pseudonym, media{image, voice}, client.ErrTraces},
		"a picture of no kind that is known":  {ofType("image/webp"), statement.Named, media{image}, client.ErrTraces},
		"a drawing that can hold programs":    {ofType("image/svg+xml"), statement.Pseudonym, media{image, text}, client.ErrMedium},
		"a document":                          {ofType("application/pdf"), statement.Pseudonym, media{image, text}, client.ErrMedium},
		"a document by name":                  {ofType("application/pdf"), statement.Named, media{image, text}, nil},
		"a document by name, without images":  {ofType("application/pdf"), statement.Named, media{text}, client.ErrMedium},
		"a text in no encoding that is known": {client.Bytes("", "text/plain", []byte("\xd3\xe1")), statement.ChathamHouse, media{text}, client.ErrRefused},
	} {
		e := newEvidence(t)
		c.content.Info.People = people()[:1]
		n, err := e.salma.AddPart(t.Context(), e.tid, c.content)
		must(t, err)
		o := offer(e.tid, e.reader, n)
		o.Terms.Attribution, o.Terms.Media = c.attribution, c.media
		g := granted(t, e.salma, o)
		_, err = e.reader.ExportBundle(t.Context(), []client.Choice{{Grant: g}}, filepath.Join(t.TempDir(), "bundle"), false, nil)
		if c.want == nil && err != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		// Where it stays, its row goes alone; sealed, it always goes.
		out, err := e.reader.ExportUwazi(t.Context(), []client.Choice{{Grant: g}}, filepath.Join(t.TempDir(), "zip"), []string{"en"}, nil)
		if err != nil || (c.want == nil) != (out.Enclosed == 1) || !errors.Is(out.Told[1], c.want) {
			t.Errorf("%s: for Uwazi: %+v, %v", name, out, err)
		}
		if _, err := e.reader.ExportBundle(t.Context(), []client.Choice{{Grant: g}}, filepath.Join(t.TempDir(), "sealed"), true, nil); err != nil {
			t.Errorf("%s: sealed: %v", name, err)
		}
	}
}

// Two grants on one testimony, one by name and one without, are not tied together by
// an export of both.
func TestAnExportTiesNoTwoGrantsTogether(t *testing.T) {
	e := newEvidence(t)
	named, nobody := e.grant(t, statement.Named, 1), e.grant(t, statement.ChathamHouse, 2)
	both := []client.Choice{{Grant: named}, {Grant: nobody}}
	dir := filepath.Join(t.TempDir(), "bundle")
	_, err := e.reader.ExportBundle(t.Context(), both, dir, false, nil)
	must(t, err)
	if holds(readFile(t, dir, "data", "custody", "premis.xml"), "has source") || holds(readFile(t, dir, "data", "ro-crate-metadata.json"), "شهادتي.txt\"\n      },\n      \"result\"") {
		t.Error("the copy that names nobody leads to the account that names her")
	}
	file := filepath.Join(t.TempDir(), "rows.json")
	_, err = e.reader.ExportSheet(t.Context(), both, file, client.SheetJSON, nil)
	must(t, err)
	if holds(everything(t, file), "made_from_item") {
		t.Error("a row leads to another grant's")
	}
	one := e.grant(t, statement.Pseudonym, 1, 2)
	file = filepath.Join(t.TempDir(), "rows.json")
	_, err = e.reader.ExportSheet(t.Context(), []client.Choice{{Grant: one}}, file, client.SheetJSON, nil)
	must(t, err)
	if !holds(everything(t, file), `"made_from_item": 1`) {
		t.Error("within a grant a copy does not say what it was made from")
	}
}
