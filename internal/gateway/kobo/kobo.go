// Package kobo takes what KoboToolbox's REST Services send: one JSON POST for each
// submission (kpi, kobo/apps/hook).
//
// Promises: it answers within Kobo's patience (30 seconds) or not with success;
// what cannot be taken now is 503, because Kobo comes back for 502, 503 and 504 only,
// three times; a submission is recognized by its _uuid and taken once; success means
// that it lies sealed on the disk.
//
// Does not: fetch attachments. Kobo sends their names and addresses and keeps the
// files; the partner fetches them with its own key, or has the phones send here
// directly.
package kobo

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/gateway/queue"
)

// Hooks answers for all forms.
type Hooks struct {
	in    *intake.Intake
	forms []intake.Form
}

// New makes the adapter, of forms whose submissions are taken at /kobo/NAME.
func New(in *intake.Intake, forms []intake.Form) *Hooks {
	return &Hooks{in: in, forms: forms}
}

// Routes adds what the adapter answers.
func (h *Hooks) Routes(add func(pattern string, handle http.HandlerFunc)) {
	add("POST /kobo/{form}", h.in.Forms(h.forms, h.keep))
}

func (h *Hooks) keep(w http.ResponseWriter, r *http.Request, f intake.Form) error {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return fmt.Errorf("%w: not application/json", intake.ErrBad)
	}
	text, err := h.in.Whole(w, r)
	if err != nil {
		return err
	}
	defer clear(text)
	uuid, err := ParseSubmission(text)
	if err != nil {
		return fmt.Errorf("%w: %w", intake.ErrBad, err)
	}
	mark := h.in.Queue.Mark("kobo", f.Name, uuid)
	release, ok := h.in.Queue.Hold(mark)
	if !ok {
		return intake.ErrBusy // the first request for it is not done yet
	}
	defer release()
	if _, known := h.in.Queue.Known(mark); known {
		return nil
	}
	d, err := h.in.Queue.Draft(queue.Content{To: f.To, Size: int64(len(text)), Mark: mark,
		Info: envelope.PartInfo{MediaType: "application/json", Name: "kobo-" + uuid + ".json", Kind: envelope.Original}})
	if err != nil {
		return err
	}
	if _, err := d.Write(text); err != nil {
		d.Drop()
		return err
	}
	if err := d.Finish(); err != nil {
		return err
	}
	return h.in.Queue.Commit(d)
}

// ParseSubmission checks that text is one JSON object without repeated names, and
// gives its _uuid. The text itself is kept as it came.
func ParseSubmission(text []byte) (uuid string, err error) {
	var s struct {
		UUID string `json:"_uuid"`
	}
	if len(bytes.TrimLeft(text, " \t\r\n")) == 0 || bytes.TrimLeft(text, " \t\r\n")[0] != '{' {
		return "", errors.New("not a JSON object")
	}
	// Python spells what is no text as lone surrogates; everything else that is
	// ambiguous is refused.
	if err := jsonv2.Unmarshal(text, &s, jsontext.AllowInvalidUTF8(true)); err != nil {
		return "", errors.New("not a JSON object of one meaning")
	}
	if !isUUID(s.UUID) {
		return "", errors.New("it has no _uuid: leave it among the fields that are sent")
	}
	return s.UUID, nil
}

func isUUID(s string) bool {
	return regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`).MatchString(s)
}
