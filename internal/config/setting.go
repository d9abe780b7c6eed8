package config

import (
	"encoding"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/secret"
)

// setting is one leaf of a Config.
type setting struct {
	path  string
	value reflect.Value
}

// settings are the leaves of c, in the order of its fields. Setting their values
// changes c.
func settings(c *Config) []setting { return leaves("", reflect.ValueOf(c).Elem()) }

func leaves(prefix string, v reflect.Value) []setting {
	var out []setting
	for i := range v.NumField() {
		path := prefix + v.Type().Field(i).Tag.Get("yaml")
		if field := v.Field(i); field.Kind() == reflect.Struct && !isSecret(field) {
			out = append(out, leaves(path+".", field)...)
		} else {
			out = append(out, setting{path, field})
		}
	}
	return out
}

func isSecret(v reflect.Value) bool { return v.Type() == reflect.TypeFor[secret.Bytes]() }

func (s setting) isList() bool { return s.value.Type() == reflect.TypeFor[[]string]() }

// variable is the setting's name in the environment.
func (s setting) variable() string {
	return Prefix + strings.ToUpper(strings.ReplaceAll(s.path, ".", "_"))
}

// set gives the setting the values that a source names: one text, or for a list
// any number. Errors continue a sentence that begins with the setting's name, and
// do not contain the values.
func (s setting) set(texts []string) error {
	if s.isList() {
		s.value.Set(reflect.ValueOf(texts))
		return nil
	}
	if len(texts) != 1 {
		return errors.New("is a list where one value belongs")
	}
	return s.setOne(texts[0])
}

// hint says how a value of the setting's kind is written.
func (s setting) hint() string {
	switch s.value.Addr().Interface().(type) {
	case *Size:
		return "write bytes, or a number and B, KiB, MiB, GiB or TiB, as in 64 KiB"
	case *Days:
		return "write a number of days, as in 90d"
	case *time.Duration:
		return "write a time, as in 90s, 10m or 24h"
	case *bool:
		return "write true or false"
	case *int:
		return "write digits, as in 18"
	}
	return "write one value"
}

func (s setting) setOne(text string) (err error) {
	switch to := s.value.Addr().Interface().(type) {
	case encoding.TextUnmarshaler:
		return to.UnmarshalText([]byte(text))
	case *secret.Bytes:
		*to = secret.Of([]byte(text))
	case *time.Duration:
		if *to, err = time.ParseDuration(text); err != nil {
			return errors.New("is not a time")
		}
	case *bool:
		if text != "true" && text != "false" {
			return errors.New("is neither true nor false")
		}
		*to = text == "true"
	case *int:
		if *to, err = strconv.Atoi(text); err != nil {
			return errors.New("is not a whole number")
		}
	default:
		s.value.SetString(text)
	}
	return nil
}
