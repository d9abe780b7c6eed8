package form

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/relatingfield/vault/internal/gateway/intake"
)

// Document is a post in JSON. Other members are refused: they would be lost.
type Document struct {
	UUID   string         `json:"_uuid,omitempty"`
	Fields jsontext.Value `json:"fields"` // an object, kept as it came
	Files  []Attached     `json:"files,omitempty"`
}

// Attached is a file in a Document.
type Attached struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Data      string `json:"data"` // base64, of either alphabet, padded or not
}

// ParseDocument reads a post in JSON: without unknown or repeated names.
func ParseDocument(text []byte) (Document, error) {
	var d Document
	if err := jsonv2.Unmarshal(text, &d, jsonv2.RejectUnknownMembers(true)); err != nil {
		return d, errors.New("not a form in JSON: it has fields, files and perhaps _uuid")
	}
	if len(d.Fields) > 0 && d.Fields.Kind() != '{' {
		return d, errors.New("fields is not an object")
	}
	for _, f := range d.Files {
		if !plain(f.Name) || len(f.Name) > 255 || bytes.ContainsAny([]byte(f.Name), `/\`) || f.Name == "." || f.Name == ".." {
			return d, errors.New("the name of a file")
		}
	}
	return d, nil
}

// json takes a post in JSON.
func (p *post) json(text []byte) error {
	d, err := ParseDocument(text)
	if err != nil {
		return fmt.Errorf("%w: %w", intake.ErrBad, err)
	}
	if d.UUID != "" && p.uuid == "" {
		if err := p.identify(d.UUID); err != nil {
			return err
		}
	}
	if err := p.known(); err != nil {
		return err
	}
	for _, f := range d.Files {
		data, err := decode(f.Data)
		if err != nil {
			return fmt.Errorf("%w: a file that is no base64", intake.ErrBad)
		}
		err = p.file(f.Name, mediaType(f.MediaType), bytes.NewReader(data))
		clear(data)
		if err != nil {
			return err
		}
	}
	p.object = d.Fields
	return nil
}

func decode(s string) ([]byte, error) {
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if b, err := e.DecodeString(s); err == nil {
			return b, nil
		}
	}
	return nil, errors.New("no base64")
}
