package main

import (
	"bytes"
	"errors"

	"github.com/andybalholm/brotli"
)

// squeezed are files as Brotli makes them at its best, each made once, when it is first
// asked for: every browser that the site works in takes them so (docs/web.md, "Weight").
type squeezed struct{ from, made files }

func squeeze(made files) *squeezed { return &squeezed{from: made, made: files{}} }

func (s *squeezed) get(path string) []byte {
	short, ok := s.made[path]
	if !ok {
		short = brotlied(s.from[path])
		s.made[path] = short
	}
	return short
}

func brotlied(body []byte) []byte {
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, brotli.BestCompression)
	if _, err := w.Write(body); errors.Join(err, w.Close()) != nil {
		return body
	}
	return b.Bytes()
}
