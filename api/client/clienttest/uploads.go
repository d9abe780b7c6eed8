package clienttest

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

const uploadPath = "/v1/testimonies/{t}/parts/{n}/payload"

// keptFor is how long an upload is kept after the day on which it was begun.
const keptFor = 30 * 24 * time.Hour

// uploading are the verbs of an upload, as tus 1.0 has them. Their handlers write
// their own answers, and keep what comes before a line breaks.
func (v *Vault) uploading() map[string]func(http.ResponseWriter, *request) error {
	return map[string]func(http.ResponseWriter, *request) error{
		http.MethodHead:   v.headUpload,
		http.MethodPatch:  v.patchUpload,
		http.MethodDelete: v.endUpload,
		http.MethodGet:    v.getUpload,
	}
}

func (v *Vault) stream(pattern string, h func(http.ResponseWriter, *request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		r := &request{Request: req}
		if v.begin(pattern, w, r, true) {
			return
		}
		if err := h(w, r); err != nil {
			writeProblem(w, err)
		}
	}
}

// slot finds an upload of the caller's.
func (v *Vault) slot(r *request) (*testimony, *part, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, nil, err
	}
	s := t.slots[number(r)]
	if s == nil {
		return nil, nil, notFound()
	}
	return t, s, nil
}

// stand tells how far an upload is.
func stand(w http.ResponseWriter, s *part) {
	h := w.Header()
	h.Set(api.HeaderTusResumable, api.TusVersion)
	h.Set("Cache-Control", "no-store")
	h.Set(api.HeaderUploadOffset, strconv.Itoa(len(s.payload)))
	h.Set(api.HeaderUploadHeader, s.begin.HeaderSHA256)
	h.Set(api.HeaderUploadLength, strconv.FormatInt(s.begin.Length, 10))
	h.Set(api.HeaderUploadExpires, time.Unix(s.day, 0).Add(keptFor).UTC().Format(http.TimeFormat))
	if int64(len(s.payload)) == s.begin.Length {
		sum := api.HashOf(s.payload)
		h.Set(api.HeaderReprDigest, "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
	}
}

// headUpload waits until the request before it has noticed that its line broke.
func (v *Vault) headUpload(w http.ResponseWriter, r *request) error {
	s, err := v.settled(r)
	if err != nil {
		return err
	}
	defer s.busy.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	stand(w, s)
	return nil
}

// settled is an upload into which nobody else is writing. Its busy is the caller's
// to unlock.
func (v *Vault) settled(r *request) (*part, error) {
	v.mu.Lock()
	_, s, err := v.slot(r)
	v.mu.Unlock()
	if err == nil {
		s.busy.Lock()
	}
	return s, err
}

// patchUpload appends what comes, also of a body that breaks off.
func (v *Vault) patchUpload(w http.ResponseWriter, r *request) error {
	s, err := v.settled(r)
	if err != nil {
		return err
	}
	defer s.busy.Unlock()
	if err := v.mayAppend(r, s); err != nil {
		return err
	}
	buf := make([]byte, 32<<10)
	for err == nil {
		var n int
		n, err = r.Body.Read(buf)
		v.mu.Lock()
		s.payload = append(s.payload, buf[:n]...)
		v.mu.Unlock()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(s.payload) >= envelope.NonceSize && !bytes.Equal(s.payload[:envelope.NonceSize], nonceOf(s.begin)) {
		s.payload = nil
		return refused{name: api.ProblemDigestMismatch}
	}
	stand(w, s)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// mayAppend refuses what tus refuses, before a byte of the body is read.
func (v *Vault) mayAppend(r *request, s *part) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case r.Header.Get(api.HeaderTusResumable) != api.TusVersion, r.Header.Get("Content-Type") != api.MediaTus:
		return refused{name: api.ProblemUnsupportedMediaType}
	case r.Header.Get(api.HeaderUploadHeader) != s.begin.HeaderSHA256:
		return refused{name: api.ProblemConflict}
	case r.Header.Get(api.HeaderUploadOffset) != strconv.Itoa(len(s.payload)):
		return refused{name: api.ProblemUploadOffset}
	case int64(len(s.payload))+r.ContentLength > s.begin.Length:
		return refused{name: api.ProblemTooLarge}
	}
	return nil
}

func (v *Vault) endUpload(w http.ResponseWriter, r *request) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	t, _, err := v.slot(r)
	if err == nil {
		delete(t.slots, number(r))
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

func (v *Vault) getUpload(w http.ResponseWriter, r *request) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, s, err := v.slot(r)
	if err != nil {
		return err
	}
	stored := bytes.Clone(s.payload)
	if lie := v.lies["GET "+uploadPath]; lie != nil {
		lie(&stored)
	}
	w.Header().Set("Content-Type", api.MediaBytes)
	http.ServeContent(w, r.Request, "", time.Time{}, bytes.NewReader(stored))
	return nil
}

func nonceOf(b *statement.Begin) api.Bytes {
	var out api.Bytes
	_ = out.UnmarshalText([]byte(b.Nonce)) // parsed and checked already
	return out
}

// Uploads gives how much has arrived of each upload of a testimony, by number.
func (v *Vault) Uploads(t api.ID) map[int64]int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := map[int64]int64{}
	for n, s := range v.testimonies[t].slots {
		out[n] = int64(len(s.payload))
	}
	return out
}

// Spoil changes what is stored of an upload, as a broken disk does; change may
// shorten it.
func (v *Vault) Spoil(t api.ID, n int64, change func([]byte) []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.testimonies[t].slots[n]
	s.payload = change(s.payload)
}
