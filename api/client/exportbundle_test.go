package client_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/bag"
	"github.com/relatingfield/vault/internal/bundle"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stockagetest"
)

// evidence is a reader who was granted an account, a redacted copy of it and a photo.
type evidence struct {
	w          *clienttest.World
	salma      *client.Client
	reader     *client.Client
	readerKeys *client.Keys
	salmaKeys  *client.Keys
	tid        api.ID
}

func newEvidence(t *testing.T) *evidence {
	t.Helper()
	w := clienttest.NewWorld(t)
	e := &evidence{w: w, readerKeys: w.Keys(t)}
	e.salma, e.salmaKeys = w.Participant(t)
	e.reader = w.Client(t, e.readerKeys)
	must(t, e.reader.Enrol(t.Context(), statement.Researcher, ""))
	must(t, e.reader.Apply(t.Context(), "Dr. Leyla \u202eHaddad", "Institute for Listening", "to listen"))
	for _, s := range w.Stewards {
		_, err := s.Accredit(t.Context(), e.reader.Account(), 300)
		must(t, err)
	}
	whole := client.Bytes("شهادتي.txt", "text/plain", []byte("اسمي سلمى. كنت أحمل الخبز"))
	whole.Info.People = []api.Person{{Role: envelope.Speaker, Name: "سلمى الحدّاد", FirstName: "سلمى", Pseudonym: "نور", Country: "Iraq"}}
	short := client.Bytes("short.txt", "text/plain", []byte("كنت أحمل الخبز"))
	short.Info.Kind, short.Info.DerivedFrom, short.Info.People = envelope.Redacted, 1, whole.Info.People
	var err error
	e.tid, err = e.salma.Create(t.Context(), client.Testimony{Title: "عنوان", Language: "ar", Parts: []client.Content{whole, short}})
	must(t, err)
	return e
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// grant lets the reader have parts by an attribution, for text.
func (e *evidence) grant(t *testing.T, a statement.Attribution, parts ...int64) api.ID {
	t.Helper()
	o := offer(e.tid, e.reader, parts...)
	o.Terms.Attribution, o.Terms.Media, o.Terms.Place = a, []statement.Medium{"text"}, statement.PlaceCountry
	return granted(t, e.salma, o)
}

func (e *evidence) bundle(t *testing.T, g api.ID, sealed bool) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bundle")
	out, err := e.reader.ExportBundle(t.Context(), []client.Choice{{Grant: g}}, dir, sealed, nil)
	must(t, err)
	if out.Signer != e.reader.Account() {
		t.Errorf("%+v", out)
	}
	return dir
}

func run(t *testing.T, dir, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// checksElsewhere holds a bundle against programs of others: coreutils, openssl.
func checksElsewhere(t *testing.T, dir string) {
	t.Helper()
	for _, m := range []string{bag.Manifest512, bag.TagManifest512} {
		run(t, dir, "sha512sum", "-c", "--strict", "--quiet", m)
	}
	for _, m := range []string{bag.Manifest256, bag.TagManifest256} {
		run(t, dir, "sha256sum", "-c", "--strict", "--quiet", m)
	}
	jws := strings.Split(strings.TrimSpace(string(readFile(t, dir, bundle.SignatureFile))), ".")
	work := t.TempDir()
	sig, err := base64.RawURLEncoding.DecodeString(jws[2])
	must(t, err)
	must(t, os.WriteFile(filepath.Join(work, "sig"), sig, 0o600))
	must(t, os.WriteFile(filepath.Join(work, "signed"), []byte(jws[0]+"."+jws[1]), 0o600))
	run(t, work, "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", filepath.Join(dir, "data", bundle.KeyFile), "-rawin", "-in", "signed", "-sigfile", "sig")
	said, err := base64.RawURLEncoding.DecodeString(jws[1])
	must(t, err)
	if sum, _, _ := strings.Cut(string(run(t, dir, "sha512sum", bag.TagManifest512)), " "); !strings.Contains(string(said), sum) {
		t.Errorf("the signature is over something else: %s", said)
	}
	listed(t, dir)
	crate(t, dir)
	custody(t, dir)
}

// listed holds the rules of RFC 8493 against a bag, apart from package bag: what is
// listed is there, what is there is listed, and the oxum counts it.
func listed(t *testing.T, dir string) {
	t.Helper()
	there := map[string]int64{}
	must(t, filepath.WalkDir(filepath.Join(dir, "data"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		rel, relErr := filepath.Rel(dir, path)
		there[filepath.ToSlash(rel)] = info.Size()
		return errors.Join(err, relErr)
	}))
	var octets int64
	for _, size := range there {
		octets += size
	}
	for _, m := range []string{bag.Manifest512, bag.Manifest256} {
		names := map[string]bool{}
		for l := range strings.Lines(string(readFile(t, dir, m))) {
			fields := strings.SplitN(strings.TrimSuffix(l, "\n"), "  ", 2)
			names[fields[1]] = true
			if _, ok := there[fields[1]]; !ok {
				t.Errorf("%s lists %s, which is not there", m, fields[1])
			}
		}
		if len(names) != len(there) {
			t.Errorf("%s lists %d of %d files", m, len(names), len(there))
		}
	}
	info := string(readFile(t, dir, bag.Info))
	want := "Payload-Oxum: " + jsonNumber(octets) + "." + jsonNumber(int64(len(there)))
	if !strings.Contains(info, want+"\n") || !strings.Contains(info, "Bagging-Date: 2026-11-23\n") || strings.Contains(info, "\u202e") || !strings.Contains(info, "Institute for Listening") {
		t.Errorf("%s is not in\n%s", want, info)
	}
	if string(readFile(t, dir, bag.Declaration)) != "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n" {
		t.Error("the bag is of another version")
	}
}

func jsonNumber(n int64) string { b, _ := json.Marshal(n); return string(b) }

// crate holds the rules of RO-Crate 1.2 that a program relies on.
func crate(t *testing.T, dir string) {
	t.Helper()
	var doc struct {
		Context string           `json:"@context"`
		Graph   []map[string]any `json:"@graph"`
	}
	must(t, json.Unmarshal(readFile(t, dir, "data", bundle.CrateFile), &doc))
	nodes := map[string]map[string]any{}
	for _, n := range doc.Graph {
		id, _ := n["@id"].(string)
		if nodes[id] != nil || id == "" || n["@type"] == nil {
			t.Errorf("%q stands twice or without a type", id)
		}
		nodes[id] = n
	}
	about, root := nodes["ro-crate-metadata.json"], nodes["./"]
	if doc.Context != "https://w3id.org/ro/crate/1.2/context" || about == nil || root == nil || reference(about["conformsTo"]) != "https://w3id.org/ro/crate/1.2" || reference(about["about"]) != "./" {
		t.Fatalf("this is no RO-Crate: %v", about)
	}
	for _, must := range []string{"name", "description", "datePublished", "license"} {
		if root[must] == nil {
			t.Errorf("the crate has no %s", must)
		}
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if id, ok := v["@id"].(string); ok && len(v) == 1 && nodes[id] == nil && !strings.HasPrefix(id, "https://w3id.org/ro/") {
				t.Errorf("%s leads nowhere", id)
			}
			for _, x := range v {
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	for _, n := range doc.Graph {
		walk(n)
		if n["@type"] == "File" {
			if _, err := os.Stat(filepath.Join(dir, "data", filepath.FromSlash(n["@id"].(string)))); err != nil {
				t.Error(err)
			}
		}
	}
}

func reference(v any) string {
	m, _ := v.(map[string]any)
	id, _ := m["@id"].(string)
	return id
}

// custody holds premis.xml against the order of the schema of PREMIS 3.0, and the
// files.
func custody(t *testing.T, dir string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(readFile(t, dir, "data", bundle.PremisFile)))
	order := map[string][]string{
		"premis":                {"object", "event", "agent", "rights"},
		"object":                {"objectIdentifier", "objectCharacteristics", "relationship"},
		"objectCharacteristics": {"fixity", "size", "format", "inhibitors"},
		"event":                 {"eventIdentifier", "eventType", "eventDateTime", "eventDetailInformation", "linkingAgentIdentifier", "linkingObjectIdentifier"},
		"agent":                 {"agentIdentifier", "agentName", "agentType"},
		"rights":                {"rightsStatement"},
		"rightsStatement":       {"rightsStatementIdentifier", "rightsBasis", "otherRightsInformation", "rightsGranted", "linkingObjectIdentifier"},
		"rightsGranted":         {"act", "restriction", "termOfGrant"},
	}
	var open []string
	last := map[int]int{}
	seen := map[string]int{}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		must(t, err)
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Space != "http://www.loc.gov/premis/v3" {
				t.Fatalf("%s is of %s", e.Name.Local, e.Name.Space)
			}
			seen[e.Name.Local]++
			if len(open) > 0 {
				if children := order[open[len(open)-1]]; children != nil {
					at := slices.Index(children, e.Name.Local)
					if at < last[len(open)] {
						t.Errorf("%s stands where the schema has none, in %s", e.Name.Local, open[len(open)-1])
					}
					last[len(open)] = at
				}
			}
			open = append(open, e.Name.Local)
			last[len(open)] = 0
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	if seen["object"] == 0 || seen["event"] < 3 || seen["rightsStatement"] != seen["object"] || seen["rights"] != 1 {
		t.Errorf("%v", seen)
	}
}

// A sealed bundle checks with programs of others, and opens with age and tar alone.
// Nobody without the signer's key reads who granted it.
func TestASealedBundleOpensWithAgeAndChecksElsewhere(t *testing.T) {
	e := newEvidence(t)
	dir := e.bundle(t, e.grant(t, statement.ChathamHouse, 1, 2), true)
	checksElsewhere(t, dir)
	key := filepath.Join(t.TempDir(), "key.txt")
	must(t, os.WriteFile(key, e.readerKeys.IdentityFile().Reveal(), 0o600))
	work := t.TempDir()
	for part, want := range map[string]string{"original/item-1": "اسمي سلمى. كنت أحمل الخبز", "working/item-2": "كنت أحمل الخبز"} {
		out := filepath.Join(work, filepath.Base(part))
		must(t, os.Mkdir(out, 0o700))
		run(t, out, stockagetest.Binary(t), "-d", "-i", key, "-o", "part.tar", filepath.Join(dir, "data", part, client.AgeFile))
		run(t, out, "tar", "-xf", "part.tar")
		run(t, out, "sha256sum", "-c", "SHA256SUMS")
		if got := string(readFile(t, out, "content")); got != want {
			t.Errorf("%s: %q", part, got)
		}
	}
	all := everything(t, dir)
	for _, text := range []string{"سلمى", "نور", "شهادتي", "short.txt", "الخبز", string(e.salma.Account()), string(e.tid), "text/plain; ", "AGE-SECRET-KEY"} {
		if holds(all, text) {
			t.Errorf("%q can be read in it", text)
		}
	}
	// The signed terms are there for whoever gets the signer's key, and prove them.
	run(t, work, stockagetest.Binary(t), "-d", "-i", key, "-o", "terms.json", filepath.Join(dir, "data", bundle.Consent(1), client.TermsFile+".age"))
	k, err := client.ReadTerms(bytes.NewReader(readFile(t, work, "terms.json")))
	must(t, err)
	file, err := os.Open(filepath.Join(dir, "data/original/item-1", client.AgeFile))
	must(t, err)
	defer file.Close()
	if err := k.Match(file); err != nil || k.From != e.salma.Account() {
		t.Errorf("%+v, %v", k, err)
	}
}

// An opened bundle holds what the terms let others see, under its own name where she
// is named, and says what was made from what.
func TestAnOpenedBundleHoldsWhatMayBeSeen(t *testing.T) {
	e := newEvidence(t)
	dir := e.bundle(t, e.grant(t, statement.Named, 1, 2), false)
	checksElsewhere(t, dir)
	if got := string(readFile(t, dir, "data/original/item-1/شهادتي.txt")); got != "اسمي سلمى. كنت أحمل الخبز" {
		t.Errorf("%q", got)
	}
	k, err := client.ReadTerms(bytes.NewReader(readFile(t, dir, "data", bundle.Consent(1), client.TermsFile)))
	if err != nil || k.From != e.salma.Account() {
		t.Errorf("%+v, %v", k, err)
	}
	doc := string(readFile(t, dir, "data", bundle.CrateFile))
	for _, text := range []string{`"CreateAction"`, `"original/item-1/شهادتي.txt"`, `"working/item-2/short.txt"`, "سلمى الحدّاد"} {
		if !strings.Contains(doc, text) {
			t.Errorf("the crate does not say %s", text)
		}
	}
	if !strings.Contains(string(readFile(t, dir, "data", bundle.PremisFile)), "has source") {
		t.Error("the custody does not say what it was made from")
	}
	for _, tag := range []string{"en", "fr", "ar", "uk", "ckb"} {
		if len(readFile(t, dir, "data", bundle.Consent(2), "notice."+tag+".txt")) < 100 {
			t.Errorf("no notice in %s", tag)
		}
	}
	if note := string(readFile(t, dir, "data", bundle.ProofsNote)); !strings.Contains(note, "transparency log") || !strings.Contains(note, "no such log yet") {
		t.Error("the proofs pretend")
	}
}

// Under terms that do not let others see it, there is no opened bundle, and nothing
// is opened for one where the terms alone say so.
func TestNoOpenedBundleAgainstHerTerms(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*api.Terms)
		part   int64
		want   error
		opened int
	}{
		"to retell":               {func(t *api.Terms) { t.Attribution = statement.Background }, 2, client.ErrRetold, 0},
		"she sees quotes":         {func(t *api.Terms) { t.QuoteReview = true }, 2, client.ErrReview, 0},
		"in no form":              {func(t *api.Terms) { t.Media = []statement.Medium{} }, 2, client.ErrMedium, 0},
		"in another form":         {func(t *api.Terms) { t.Media = []statement.Medium{"voice"} }, 2, client.ErrMedium, 1},
		"it names her":            {func(t *api.Terms) { t.Attribution = statement.ChathamHouse }, 1, client.ErrNamesLeft, 1},
		"only to look":            {func(t *api.Terms) { t.Access = statement.View }, 2, client.ErrNoExport, 0},
		"nothing stands against":  {func(*api.Terms) {}, 2, nil, 1},
		"nobody, and it is clear": {func(t *api.Terms) { t.Attribution = statement.ChathamHouse }, 2, nil, 1},
	} {
		e := newEvidence(t)
		o := offer(e.tid, e.reader, c.part)
		o.Terms.Attribution, o.Terms.Media = statement.Pseudonym, []statement.Medium{"text"}
		c.change(&o.Terms)
		g := granted(t, e.salma, o)
		base := t.TempDir()
		_, err := e.reader.ExportBundle(t.Context(), []client.Choice{{Grant: g}}, filepath.Join(base, "bundle"), false, nil)
		if c.want == nil && err != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := os.ReadDir(base); err != nil || (c.want == nil) != (len(left) == 1) {
			t.Errorf("%s: %v is left, %v", name, left, err)
		}
		if list, err := e.salma.Grants(t.Context(), e.tid); err != nil || len(list[0].Openings) != c.opened {
			t.Errorf("%s: opened %d times, %v", name, len(list[0].Openings), err)
		}
	}
}
