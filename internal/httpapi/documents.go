package httpapi

import (
	"bytes"
	"compress/gzip"
	"net/http"
)

// document is something that is the same for everybody. Nothing else of the API is
// ever compressed: in an answer that depends on who asks, a length that depends on
// what is in it would tell of it to whoever counts bytes on the way.
type document struct {
	media      string
	body, gzip []byte
	tag, gzTag string // two encodings are two representations (RFC 9110 section 8.8.3)
}

func newDocument(media string, body []byte) (*document, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return &document{media, body, out.Bytes(), tagOf(body), tagOf(out.Bytes())}, nil
}

// serve answers with the document, or that the client has it.
func (d *document) serve(r *Request) error {
	h := r.Answer()
	h.Set("Vary", "Accept-Encoding")
	body, tag := d.body, d.tag
	if takes(r.Header().Get("Accept-Encoding"), "gzip") {
		body, tag = d.gzip, d.gzTag
	}
	h.Set("ETag", tag)
	if has(r.Header().Values("If-None-Match"), tag) {
		r.echo.Response().WriteHeader(http.StatusNotModified)
		return nil
	}
	if tag == d.gzTag {
		h.Set("Content-Encoding", "gzip")
	}
	return r.send(http.StatusOK, d.media, body)
}
