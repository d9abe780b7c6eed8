package api_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/statementtest"
)

// statements is the schema of statements, compiled.
type statements struct{ payload, header *jsonschema.Schema }

const schemaURN = "urn:testimony-vault:statement"

func statementSchema(t testing.TB) statements {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(api.StatementSchema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{})
	if err := c.AddResource(schemaURN, doc); err != nil {
		t.Fatal(err)
	}
	compile := func(at string) *jsonschema.Schema {
		s, err := c.Compile(schemaURN + at)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	return statements{compile(""), compile("#/$defs/header")}
}

func validate(s *jsonschema.Schema, text []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// half decodes one part of a compact statement.
func half(t testing.TB, compact string, n int) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[n])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Every act's statements are what the schema says, header and payload.
func TestTheSchemaAcceptsStatementsOfEveryAct(t *testing.T) {
	schema := statementSchema(t)
	seen := map[statement.Act]bool{}
	for _, s := range statementtest.All(t) {
		seen[s.Act()] = true
		if err := validate(schema.header, half(t, s.Compact(), 0)); err != nil {
			t.Errorf("%s: %v", s.Act(), err)
		}
		if err := validate(schema.payload, half(t, s.Compact(), 1)); err != nil {
			t.Errorf("%s: %v", s.Act(), err)
		}
	}
	for _, a := range statement.Acts() {
		if !seen[a] {
			t.Errorf("no statement of act %s", a)
		}
	}
}

// So is every statement that the contract's examples hold.
func TestTheSchemaAcceptsTheContractsStatements(t *testing.T) {
	schema := statementSchema(t)
	for _, s := range read(t).said {
		if err := validate(schema.payload, half(t, s.Compact(), 1)); err != nil {
			t.Errorf("%s: %v", s.Act(), err)
		}
	}
}

// field is one member of a JSON object, in its place.
type field struct {
	name string
	raw  json.RawMessage
}

func membersOf(t testing.TB, text []byte) (out []field) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		m := field{name: name.(string)}
		if err := dec.Decode(&m.raw); err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func join(list []field) []byte {
	var b bytes.Buffer
	for i, m := range list {
		fmt.Fprintf(&b, `%c"%s":%s`, ",{"[max(0, 1-i)], m.name, m.raw)
	}
	if len(list) == 0 {
		b.WriteByte('{')
	}
	return append(b.Bytes(), '}')
}

// wrong are other shapes of an object: a member less, one more, and each member
// replaced by what it is not.
func wrong(list []field) map[string][]byte {
	out := map[string][]byte{"one more": join(append(slices.Clone(list), field{"more", json.RawMessage("1")}))}
	for i, m := range list {
		out["without "+m.name] = join(slices.Delete(slices.Clone(list), i, i+1))
		for _, other := range []string{`null`, `"x"`, `""`, `-1`, `1.5`, `true`, `[]`, `[1]`, `["x"]`, `{}`} {
			changed := slices.Clone(list)
			changed[i].raw = json.RawMessage(other)
			if other != string(m.raw) {
				out[m.name+" "+other] = join(changed)
			}
		}
	}
	return out
}

// resigned is a statement with another payload and a good signature.
func resigned(t testing.TB, s *statement.Statement, payload []byte) string {
	t.Helper()
	text := strings.Split(s.Compact(), ".")[0] + "." + statement.B64(payload)
	sig := ed25519.Sign(statementtest.Signer().Key.(ed25519.PrivateKey), []byte(text))
	return text + "." + statement.B64(sig)
}

// A statement of another shape is refused by the schema exactly when the vault
// refuses it: nothing that a signature does not cover, order or arithmetic
// between members, hides a difference.
func TestTheSchemaRefusesTheShapesThatTheVaultRefuses(t *testing.T) {
	schema := statementSchema(t)
	refused := 0
	for _, s := range statementtest.All(t) {
		outer := membersOf(t, half(t, s.Compact(), 1))
		body := len(outer) - 1
		cases := wrong(outer)
		for name, inner := range wrong(membersOf(t, outer[body].raw)) {
			changed := slices.Clone(outer)
			changed[body].raw = inner
			cases["body: "+name] = join(changed)
		}
		for name, payload := range cases {
			_, err := statement.Parse(resigned(t, s, payload))
			if said := validate(schema.payload, payload); (err == nil) != (said == nil) {
				t.Errorf("%s, %s: the vault says %v, the schema %v", s.Act(), name, err, said)
			}
			if err != nil {
				refused++
			}
		}
	}
	if refused < 1000 {
		t.Errorf("only %d shapes were refused", refused)
	}
}

// What stands within lists is held to its shape as well.
func TestTheSchemaLooksIntoLists(t *testing.T) {
	schema := statementSchema(t)
	for _, s := range statementtest.All(t) {
		outer := membersOf(t, half(t, s.Compact(), 1))
		inner := membersOf(t, outer[len(outer)-1].raw)
		for i, m := range inner {
			var list []json.RawMessage
			if json.Unmarshal(m.raw, &list) != nil || len(list) == 0 || list[0][0] != '{' {
				continue
			}
			for name, text := range wrong(membersOf(t, list[0])) {
				changed := slices.Clone(inner)
				items := slices.Clone(list)
				items[0] = text
				raw, err := json.Marshal(items)
				if err != nil {
					t.Fatal(err)
				}
				changed[i].raw = raw
				whole := slices.Clone(outer)
				whole[len(outer)-1].raw = join(changed)
				payload := join(whole)
				_, refusal := statement.Parse(resigned(t, s, payload))
				if said := validate(schema.payload, payload); refusal == nil || said == nil {
					t.Errorf("%s, %s: %s: the vault says %v, the schema %v", s.Act(), m.name, name, refusal, said)
				}
			}
		}
	}
}

// The schema has the acts, the members and their order of the Go types, and the
// words of the vocabularies, so that neither can change without the other.
func TestTheSchemaIsThatOfTheTypes(t *testing.T) {
	defs := definitions(t)
	acts := 0
	for name := range defs {
		if strings.HasPrefix(name, "body-") {
			acts++
		}
	}
	if acts != len(statement.Acts()) {
		t.Errorf("the schema has %d acts, the vault %d", acts, len(statement.Acts()))
	}
	for _, a := range statement.Acts() {
		body := reflect.TypeOf(statement.Blank(a)).Elem()
		sameMembers(t, defs, "body-"+string(a), body)
	}
	for name, of := range map[string]reflect.Type{
		"brought": reflect.TypeFor[statement.Brought](), "granted_part": reflect.TypeFor[statement.GrantedPart](), "conditions": reflect.TypeFor[statement.Conditions](),
		"relocked_grant": reflect.TypeFor[statement.RelockedGrant](), "rewrapped_part": reflect.TypeFor[statement.RewrapedPart](), "share": reflect.TypeFor[statement.Share](),
	} {
		sameMembers(t, defs, name, of)
	}
	sameWords(t, "act", defs["payload"].Properties.get("act").Enum, statement.Acts())
	sameWords(t, "brought", defs["brought"].Properties.get("assurance").Enum, statement.BroughtAssurances())
	sameWords(t, "purposes", defs["purposes"].Items.Enum, statement.Purposes())
	sameWords(t, "prohibited", defs["prohibited"].Items.Enum, statement.Prohibitions())
	sameWords(t, "attribution", defs["attribution"].Enum, statement.Attributions())
	sameWords(t, "media", defs["media"].Items.Enum, statement.Media())
	sameWords(t, "place", defs["place"].Enum, statement.Places())
	sameWords(t, "access", defs["access"].Enum, []statement.Access{statement.View, statement.Download})
}

// definition is what these tests read of one.
type definition struct {
	Required   []string
	Properties ordered
	Enum       []string
	Items      *definition
	Additional *bool `json:"additionalProperties"`
}

// ordered are properties in their order.
type ordered []struct {
	name string
	of   definition
}

func (o ordered) get(name string) definition {
	for _, p := range o {
		if p.name == name {
			return p.of
		}
	}
	return definition{}
}

// UnmarshalJSON keeps the order.
func (o *ordered) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		var d definition
		if err := dec.Decode(&d); err != nil {
			return err
		}
		*o = append(*o, struct {
			name string
			of   definition
		}{name.(string), d})
	}
	return nil
}

func definitions(t *testing.T) map[string]definition {
	t.Helper()
	var doc struct {
		Defs map[string]definition `json:"$defs"`
	}
	if err := json.Unmarshal(api.StatementSchema, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Defs
}

func sameMembers(t *testing.T, defs map[string]definition, name string, of reflect.Type) {
	t.Helper()
	d := defs[name]
	var listed, want, required []string
	for _, p := range d.Properties {
		listed = append(listed, p.name)
	}
	for _, f := range reflect.VisibleFields(of) {
		if !f.Anonymous {
			name, maybe, _ := strings.Cut(f.Tag.Get("json"), ",")
			want = append(want, name)
			if maybe == "" {
				required = append(required, name)
			}
		}
	}
	if !slices.Equal(listed, want) || !slices.Equal(d.Required, required) || d.Additional == nil || *d.Additional {
		t.Errorf("%s: the schema has %v, %v required; the type has %v, %v required", name, listed, d.Required, want, required)
	}
}

func sameWords[T ~string](t *testing.T, name string, schema []string, words []T) {
	t.Helper()
	var want []string
	for _, w := range words {
		want = append(want, string(w))
	}
	if slices.Sort(want); !slices.Equal(slices.Sorted(slices.Values(schema)), want) {
		t.Errorf("%s: the schema has %v, the vault %v", name, schema, want)
	}
}

// Whatever Parse accepts the schema accepts.
func FuzzTheSchemaAcceptsWhatTheVaultAccepts(f *testing.F) {
	schema := statementSchema(f)
	all := statementtest.All(f)
	for _, s := range all {
		f.Add(half(f, s.Compact(), 1))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		if _, err := statement.Parse(resigned(t, all[0], payload)); err != nil {
			return
		}
		if err := validate(schema.payload, payload); err != nil {
			t.Fatalf("%s: %v", payload, err)
		}
	})
}
