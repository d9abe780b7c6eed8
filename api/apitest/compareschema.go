package apitest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// schema compares what was allowed with what is. What is sent to the vault may be more
// than before and nothing less; what the vault answers has everything that it had.
func (d *difference) schema(before, after any, sent bool) {
	old, oldName := deref(d.old, before)
	young, youngName := deref(d.new, after)
	if pair := fmt.Sprint(oldName, " ", youngName, sent); oldName != "" {
		if slices.Contains(d.within, pair) {
			return
		}
		d.within = append(d.within, pair)
		defer func() { d.within = d.within[:len(d.within)-1] }()
		d.at(oldName, func() { d.keywords(old, young, sent) })
		return
	}
	d.keywords(old, young, sent)
}

// deref gives the keywords of a schema, and its name if it is a component.
func deref(c *Contract, schema any) (map[string]any, string) {
	s, _ := schema.(map[string]any)
	ref, _ := s["$ref"].(string)
	name, ok := strings.CutPrefix(ref, "#/components/schemas/")
	if !ok {
		return s, ""
	}
	s, _ = c.doc.Components.Schemas[name].(map[string]any)
	return s, name
}

func (d *difference) keywords(old, young map[string]any, sent bool) {
	d.unless(reflect.DeepEqual(old["type"], young["type"]), "it was of type %v, and is of %v", old["type"], young["type"])
	for _, word := range []string{"format", "contentEncoding", "contentMediaType", "multipleOf"} {
		d.unless(old[word] == nil && !sent || reflect.DeepEqual(old[word], young[word]) || young[word] == nil && sent, "%s was %v, and is %v", word, old[word], young[word])
	}
	d.words(old, young, sent)
	d.members(old, young, sent)
	if old["items"] != nil && young["items"] != nil {
		d.at("entries", func() { d.schema(old["items"], young["items"], sent) })
	}
	all, others := list(old["allOf"]), list(young["allOf"])
	d.unless(len(all) == len(others), "it is put together in another way")
	for i := range min(len(all), len(others)) {
		d.schema(all[i], others[i], sent)
	}
	if sent {
		d.bounds(old, young)
	}
}

// words are those that a value can be one of. An answer may have new ones: a client
// takes a word that it does not know for something it does not know.
func (d *difference) words(old, young map[string]any, sent bool) {
	before, after := list(old["enum"]), list(young["enum"])
	if c, ok := old["const"]; ok {
		before = append(before, c)
	}
	if c, ok := young["const"]; ok {
		after = append(after, c)
	}
	d.unless(!sent || len(before) > 0 || len(after) == 0, "only some words are taken now")
	for _, w := range before {
		d.unless(len(after) == 0 || slices.Contains(after, w), "the word %v is gone", w)
	}
	d.unless(sent || len(before) == 0 || len(after) > 0, "it can be any word now")
}

func (d *difference) members(old, young map[string]any, sent bool) {
	before, _ := old["properties"].(map[string]any)
	after, _ := young["properties"].(map[string]any)
	must, now := list(old["required"]), list(young["required"])
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if after[name] == nil {
			d.unless(false, "member %s is gone", name)
			continue
		}
		d.at(name, func() { d.schema(before[name], after[name], sent) })
		d.unless(sent || !slices.Contains(must, any(name)) || slices.Contains(now, any(name)), "member %s need not be there now", name)
		d.unless(!sent || slices.Contains(must, any(name)) || !slices.Contains(now, any(name)), "member %s has to be there now", name)
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		d.unless(before[name] != nil || !sent || !slices.Contains(now, any(name)), "member %s is new and has to be there", name)
	}
	d.unless(!sent || reflect.DeepEqual(old["dependentRequired"], young["dependentRequired"]), "other members need each other")
	d.unless(!sent || reflect.DeepEqual(old["oneOf"], young["oneOf"]), "it is one of others")
}

// bounds may widen for what is sent, and not narrow.
func (d *difference) bounds(old, young map[string]any) {
	for word, sign := range map[string]float64{"maxLength": 1, "maxItems": 1, "maximum": 1, "minLength": -1, "minItems": -1, "minimum": -1} {
		before, was := size(old[word])
		after, is := size(young[word])
		d.unless(!is || was && sign*after >= sign*before, "%s was %v, and is %v", word, old[word], young[word])
	}
	d.unless(young["pattern"] == nil || old["pattern"] == young["pattern"], "the pattern was %v, and is %v", old["pattern"], young["pattern"])
	d.unless(young["additionalProperties"] == nil || reflect.DeepEqual(old["additionalProperties"], young["additionalProperties"]), "members that were taken are taken no more")
}

func size(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func list(v any) []any { l, _ := v.([]any); return l }
