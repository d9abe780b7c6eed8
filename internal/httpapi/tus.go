package httpapi

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/testimony"
)

// uploads are the routes of an upload under way, which speak tus 1.0. What it is was
// signed before, in its begin; who asks is found out on each of them.
func (t *Testimonies) uploads(path string) []Route {
	return []Route{
		{Method: "POST", Path: path, Tus: true, Handler: plain(t.tus)},
		{Method: "HEAD", Path: path, Tus: true, Handler: plain(t.tus)},
		{Method: "PATCH", Path: path, Tus: true, Body: t.Vault.Limits.PartSize, Handler: plain(t.tus)},
		{Method: "DELETE", Path: path, Tus: true, Handler: plain(t.tus)},
		{Method: "OPTIONS", Path: path, Tus: true, Handler: plain(t.discover)},
		{Method: "GET", Path: path, Tus: true, Handler: plain(t.kept)},
	}
}

// discover says which tus this is. It is the same for every path of uploads of parts.
func (t *Testimonies) discover(r *Request) error { return discover(r, t.Vault.Limits.PartSize) }

func discover(r *Request, most int64) error {
	h := r.Answer()
	h.Set(api.HeaderTusVersion, api.TusVersion)
	h.Set(api.HeaderTusExtension, api.TusExtensions)
	h.Set(api.HeaderTusChecksums, api.TusChecksums)
	h.Set(api.HeaderTusMaxSize, strconv.FormatInt(most, 10))
	r.Writer(http.StatusNoContent)
	return nil
}

// tus answers a request over the one upload that the path names.
func (t *Testimonies) tus(r *Request) error {
	p, err := r.part()
	if err != nil {
		return err
	}
	if err := checkTus(r); err != nil {
		return err
	}
	return speakTus(r, &partUpload{vault: t.Vault, turns: t.Turns, caller: r.Caller, part: p}, t.Keep)
}

// speakTus has tusd answer a request that was checked, and makes its answer the
// vault's own. keep is how long an upload is kept that does not go on.
func speakTus(r *Request, of incoming, keep time.Duration) (err error) {
	s := &tusUpload{of: of, request: r, ctx: context.WithoutCancel(r.Context())}
	if s.sum, err = checksumOf(r.Header()); err != nil {
		return err
	}
	if s.header, err = uploadOf(r.Header()); err != nil {
		return err
	}
	rec, err := s.run()
	if err != nil {
		return err
	}
	return reply(r, s, rec, keep)
}

// checkTus refuses what tusd would take, or would refuse in other words.
func checkTus(r *Request) error {
	h := r.Header()
	if once(h, api.HeaderTusResumable) != api.TusVersion {
		return errTusVersion
	}
	// Metadata is where clients put a file's name. The others are of extensions
	// that are not here; a method other than the one her proof names is none.
	for _, name := range []string{"Upload-Metadata", "Upload-Defer-Length", "Upload-Concat", "X-Http-Method-Override"} {
		if len(h.Values(name)) > 0 {
			return errBadRequest
		}
	}
	switch r.route.Method {
	case http.MethodPost:
		return checkNumber(h, api.HeaderUploadLength)
	case http.MethodPatch:
		if err := r.checkMedia(api.MediaTus); err != nil {
			return err
		}
		return checkNumber(h, api.HeaderUploadOffset)
	}
	return nil
}

// uploadOf reads which upload the client means, nil where it does not say.
func uploadOf(h http.Header) ([]byte, error) {
	if len(h.Values(api.HeaderUploadHeader)) == 0 {
		return nil, nil
	}
	var sum api.Hash
	if err := sum.UnmarshalText([]byte(once(h, api.HeaderUploadHeader))); err != nil {
		return nil, errBadRequest
	}
	return sum[:], nil
}

// checkNumber wants digits and nothing else.
func checkNumber(h http.Header, name string) error {
	text := once(h, name)
	if n, err := position(text); err != nil || strconv.FormatInt(n, 10) != text {
		return errBadRequest
	}
	return nil
}

// reply sends what tusd decided, as far as it is about this upload.
func reply(r *Request, s *tusUpload, rec *tusAnswer, keep time.Duration) error {
	h := r.Answer()
	for _, name := range []string{api.HeaderUploadOffset, api.HeaderUploadLength} {
		if v := rec.header.Get(name); v != "" {
			h.Set(name, v)
		}
	}
	if r.route.Method == http.MethodDelete {
		r.Writer(http.StatusNoContent)
		return nil
	}
	tell(h, s.now, keep)
	if r.route.Method == http.MethodPost {
		h.Set("Location", r.echo.Request().URL.EscapedPath())
	}
	r.Writer(rec.status)
	return nil
}

// tell says which upload it is, until when it is kept, and what it is once it is
// whole.
func tell(h http.Header, p testimony.Progress, keep time.Duration) {
	h.Set(api.HeaderUploadHeader, api.Hash(p.HeaderSHA256).String())
	if p.PayloadSHA256 == nil {
		h.Set(api.HeaderUploadExpires, time.Unix(p.MovedDay+statement.Day, 0).Add(keep).UTC().Format(http.TimeFormat))
		return
	}
	h.Set(api.HeaderReprDigest, "sha-256=:"+base64.StdEncoding.EncodeToString(p.PayloadSHA256)+":")
}

// tusRefusal is what a refusal of tusd's means here.
func tusRefusal(code string, length int64) error {
	for _, c := range []struct {
		is  handler.Error
		err error
	}{
		{handler.ErrMismatchOffset, testimony.ErrOffset},
		{handler.ErrUnsupportedVersion, errTusVersion},
		{handler.ErrUploadInterrupted, errInterrupted},
		{handler.ErrSizeExceeded, &tooLarge{length}},
		{handler.ErrMaxSizeExceeded, &tooLarge{length}},
		{handler.ErrUnexpectedEOF, errCutOff},
		{handler.ErrConnectionReset, errCutOff},
		{handler.ErrReadTimeout, errSlow},
		{handler.ErrInvalidOffset, errBadRequest},
		{handler.ErrInvalidUploadLength, errBadRequest},
		{handler.ErrInvalidContentType, errMedia},
		{handler.ErrNotFound, testimony.ErrNotFound},
		{handler.ErrNotImplemented, errBadRequest},
	} {
		if c.is.ErrorCode == code {
			return c.err
		}
	}
	return errors.New("tus refused the request for a reason of its own: " + code)
}
