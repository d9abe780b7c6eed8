package client

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"mime"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/cleanup"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// What may leave in her own words, voice or picture, for others to see: into a
// database of testimonies, or a bundle that opens without a key. It is less than
// what may be exported at all (Terms.Exportable), because an export for the reader's
// own work can still be retold, and this cannot. docs/exports.md has the table.

// Errors of exports that hold content. All wrap ErrNoExport.
var (
	// ErrRetold: her terms let the reader retell it, not pass on her words.
	ErrRetold = unexportable("her terms let you tell this in your own words, and not pass on hers: export its description, or a sealed bundle")
	// ErrReview: she sees a quote before it is used.
	ErrReview = unexportable("she wants to see each quote before it is used: show her what you mean to use, or export its description or a sealed bundle")
	// ErrMedium: her terms do not name the form in which the part is.
	ErrMedium = unexportable("her terms do not let this part be shown or played in the form it is in: export its description or a sealed bundle, or ask her")
	// ErrTraces: the file holds what a device wrote into it, perhaps a place.
	ErrTraces = unexportable("the file may hold what a device or a program wrote into it, such as a place or a name: ask her for a clean copy of the part, or export its description or a sealed bundle")
)

type unexportable string

func (u unexportable) Error() string        { return string(u) }
func (u unexportable) Is(target error) bool { return target == ErrNoExport }

// maySpeak says whether terms let any of her own words, voice or pictures out,
// before anything is opened.
func maySpeak(t api.Terms) error {
	switch {
	case !t.Exportable():
		return ErrNoExport
	case t.Attribution == statement.Background:
		return ErrRetold
	case t.QuoteReview:
		return ErrReview
	case len(t.Media) == 0:
		return ErrMedium
	}
	return nil
}

// form is how a part reaches somebody.
type form int

const (
	writing form = iota
	sound
	picture
	film
	document // whatever is none of these, and cannot be looked into
)

func formOf(media string) form {
	kind, _, err := mime.ParseMediaType(media)
	top, _, _ := strings.Cut(kind, "/")
	switch {
	case err != nil:
		return document
	case isText(kind):
		return writing
	case top == "audio":
		return sound
	case top == "image" && kind != "image/svg+xml": // which can hold text and programs
		return picture
	case top == "video":
		return film
	}
	return document
}

// isText says whether a text of this type is searched for names.
func isText(kind string) bool {
	return strings.HasPrefix(kind, "text/") || kind == "application/json"
}

// mayShow says whether terms let a part out in the form it is in.
func mayShow(info PartInfo, t api.Terms) error {
	if err := maySpeak(t); err != nil {
		return err
	}
	allowed := func(m statement.Medium) bool { return slices.Contains(t.Media, m) }
	voice := allowed("voice") || allowed("voice-altered") && info.Kind == envelope.VoiceAltered
	image := allowed("image")
	// Nobody may be recognised: of what is no text a program can only go by what
	// she says was done to it.
	if t.Attribution == statement.ChathamHouse {
		voice = voice && info.Kind == envelope.VoiceAltered
		image = image && info.Kind == envelope.Redacted
	}
	may := false
	switch formOf(info.MediaType) {
	case writing:
		may = allowed("text")
	case sound:
		may = voice
	case picture:
		may = image
	case film:
		may = image && (voice || t.Attribution == statement.ChathamHouse && allowed("voice"))
	case document:
		// Nobody has looked into it, so it may name her.
		may = allowed("text") && image && t.Attribution == statement.Named
	}
	if !may {
		return ErrMedium
	}
	return nil
}

// traceless fails with ErrTraces where a picture or a film is not as package
// cleanup would leave it: a place that a camera wrote is finer than any terms
// allow. Sound that cleanup does not know passes, as documents do that got so far.
func traceless(file io.ReaderAt, size int64, sum []byte, info PartInfo) error {
	f := formOf(info.MediaType)
	if f == writing || f == document {
		return nil
	}
	plan, err := cleanup.Of(file, size)
	if errors.Is(err, cleanup.ErrKind) && f == sound {
		return nil
	}
	if err != nil {
		return ErrTraces
	}
	clean := sha256.New()
	if _, err := io.Copy(clean, plan.Reader(file)); err != nil {
		return err
	}
	if !bytes.Equal(clean.Sum(nil), sum) {
		return ErrTraces
	}
	return nil
}
