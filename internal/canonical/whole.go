package canonical

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// ErrMissing says that a member is absent or null which the type always writes.
var ErrMissing = errors.New("the JSON lacks a member, or has null in the place of a value")

// Whole is Request for what a stranger sends: it also refuses null, and a member that
// is missing although its field has no omitempty. A decision that nobody wrote down,
// {} for {"open":false}, is nobody's decision.
func Whole(b []byte, v any) error {
	if err := Request(b, v); err != nil {
		return err
	}
	w := whole{dec: jsontext.NewDecoder(bytes.NewReader(b)), of: map[reflect.Type]map[string]field{}}
	return w.value(reflect.TypeOf(v))
}

// field is a member of a struct as it travels.
type field struct {
	kind     reflect.Type
	required bool
}

type whole struct {
	dec *jsontext.Decoder
	of  map[reflect.Type]map[string]field
}

func (w *whole) value(t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	_, own := reflect.New(t).Interface().(json.Unmarshaler)
	switch kind := w.dec.PeekKind(); {
	case kind == 'n':
		return ErrMissing
	case kind == '{' && t.Kind() == reflect.Struct && !own:
		return w.object(t)
	case kind == '[' && t.Kind() == reflect.Slice && !own:
		return w.list(t.Elem())
	}
	return w.dec.SkipValue()
}

func (w *whole) object(t reflect.Type) error {
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	fields, there := w.fields(t), map[string]bool{}
	for w.dec.PeekKind() != '}' {
		name, err := w.dec.ReadToken()
		if err != nil {
			return err
		}
		f, ok := fields[name.String()]
		there[name.String()] = true
		if !ok {
			return ErrMissing // Request has refused unknown names before
		}
		if err := w.value(f.kind); err != nil {
			return err
		}
	}
	for name, f := range fields {
		if f.required && !there[name] {
			return ErrMissing
		}
	}
	_, err := w.dec.ReadToken()
	return err
}

func (w *whole) list(of reflect.Type) error {
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	for w.dec.PeekKind() != ']' {
		if err := w.value(of); err != nil {
			return err
		}
	}
	_, err := w.dec.ReadToken()
	return err
}

func (w *whole) fields(t reflect.Type) map[string]field {
	if known, ok := w.of[t]; ok {
		return known
	}
	out := map[string]field{}
	for _, f := range reflect.VisibleFields(t) {
		if name, options, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			out[name] = field{f.Type, options == ""}
		}
	}
	w.of[t] = out
	return out
}
