package config

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/secret"
)

// Print writes the configuration as YAML, in which every secret that is set is
// [redacted].
func (c Config) Print(w io.Writer) error { return c.render(w, nil) }

// render writes one setting a line, with what comment says about its path (or
// that of a section) above it. A comment ends every line with a line feed.
func (c Config) render(w io.Writer, comment func(path string) string) error {
	var out strings.Builder
	var open []string // the sections that the last line stands in
	for _, s := range settings(&c) {
		names := strings.Split(s.path, ".")
		sections, name := names[:len(names)-1], names[len(names)-1]
		for i, section := range sections {
			if i < len(open) && slices.Equal(open[:i+1], sections[:i+1]) {
				continue
			}
			indent := strings.Repeat("  ", i)
			out.WriteString(above(comment, strings.Join(sections[:i+1], "."), indent) + indent + section + ":\n")
			open = nil // what follows is new, too
		}
		open = sections
		indent := strings.Repeat("  ", len(sections))
		out.WriteString(above(comment, s.path, indent) + indent + s.line(name) + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// above is the comment for a path, as YAML comment lines after an empty line.
func above(comment func(string) string, path, indent string) string {
	if comment == nil {
		return ""
	}
	var out strings.Builder
	for line := range strings.Lines(comment(path)) {
		out.WriteString(indent + strings.TrimRight("# "+line, " \n") + "\n")
	}
	return "\n" + out.String()
}

// line is the setting as YAML. A secret becomes a comment: its value is not
// shown, and the file is not where it would be set.
func (s setting) line(name string) string {
	if isSecret(s.value) {
		if s.value.Interface().(secret.Bytes).Len() > 0 {
			return "# " + name + ": [redacted]"
		}
		return "# " + name + ": not set"
	}
	if s.isList() {
		texts := s.value.Interface().([]string)
		quoted := make([]string, len(texts))
		for i, t := range texts {
			quoted[i] = quote(t)
		}
		return name + ": [" + strings.Join(quoted, ", ") + "]"
	}
	if s.value.Kind() == reflect.String {
		return name + ": " + quote(s.value.String())
	}
	return name + ": " + text(s.value.Interface())
}

// misplaced begins a secret key, in capitals, that somebody put where a public one
// belongs. That is a fault; and print, which shows faulty settings too, must not
// carry it on to a screen or into a ticket.
var misplaced = []string{"AGE-SECRET-KEY-", "AGE-PLUGIN-", "PRIVATE KEY"}

// quote writes a string so that YAML reads back that string and nothing else, but a
// misplaced secret key.
func quote(t string) string {
	if slices.ContainsFunc(misplaced, func(mark string) bool { return strings.Contains(strings.ToUpper(t), mark) }) {
		return `"[redacted: a secret key does not belong here]"`
	}
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./_-:"
	if strings.Trim(t, plain) != "" || strings.Trim(t, "-:") != t || t == "" || strings.EqualFold(t, "null") {
		return strconv.Quote(t)
	}
	return t
}

// text writes a value as the sources spell it.
func text(v any) string {
	d, ok := v.(time.Duration)
	if !ok {
		return fmt.Sprint(v)
	}
	// 10m0s and 24h0m0s are right, but nobody writes them.
	short := d.String()
	if strings.HasSuffix(short, "m0s") {
		short = strings.TrimSuffix(short, "0s")
	}
	if strings.HasSuffix(short, "h0m") {
		short = strings.TrimSuffix(short, "0m")
	}
	return short
}
