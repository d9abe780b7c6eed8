package fieldform_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/openrosa/fieldform"
)

var blob = strings.Repeat("QUFB", 128) // base64 of 384 bytes, as RSA-3072 makes

func manifest(root, meta, rest string) string {
	return fmt.Sprintf(`<data xmlns="http://opendatakit.org/submissions" %s><base64EncryptedKey>%s</base64EncryptedKey>`+
		`<m:meta xmlns:m="http://openrosa.org/xforms">%s</m:meta>%s<base64EncryptedElementSignature>%s</base64EncryptedElementSignature></data>`, root, blob, meta, rest, blob)
}

const (
	head = `id="f" version="1" encrypted="yes"`
	meta = `<m:instanceID>uuid:1</m:instanceID>`
	form = `<encryptedXmlFile>submission.xml.enc</encryptedXmlFile>`
)

// A manifest says the same in any namespace and in either grouping of its files.
func TestManifestsAreReadByLocalNames(t *testing.T) {
	doc := manifest(head, meta+`<m:deprecatedID>uuid:0</m:deprecatedID>`, `<media><file>b.jpg.enc</file></media><media><file> a b.m4a.enc </file><file>1.ogg.enc</file></media>`+form)
	for _, space := range []string{"http://opendatakit.org/submissions", "http://www.opendatakit.org/xforms/encrypted", "u"} {
		m, err := fieldform.Parse([]byte(strings.Replace(doc, "http://opendatakit.org/submissions", space, 1)))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"b.jpg.enc", "a b.m4a.enc", "1.ogg.enc", "submission.xml.enc"}
		if !slices.Equal(m.Files(), want) || m.FormID != "f" || m.Version != "1" || m.InstanceID != "uuid:1" || m.Replaces != "uuid:0" || m.WrappedKey != blob {
			t.Errorf("%+v", m)
		}
	}
}

// What is not marked as encrypted is plain, whatever else it looks like.
func TestOnlyEncryptedFormsAreManifests(t *testing.T) {
	for _, root := range []string{`id="f"`, `id="f" encrypted="no"`, `id="f" encrypted="true"`, `id="f" encrypted="YES"`, `id="f" encrypted=""`, `id="f" xmlns:e="e" e:encrypted="yes"`} {
		if _, err := fieldform.Parse([]byte(manifest(root, meta, form))); !errors.Is(err, fieldform.ErrPlain) {
			t.Errorf("%s: %v", root, err)
		}
	}
	if _, err := fieldform.Parse([]byte(`<household id="f"><name>canary</name></household>`)); !errors.Is(err, fieldform.ErrPlain) {
		t.Error(err)
	}
}

// A manifest that could be read in two ways, or that names files outside its
// folder, is none.
func TestDoubtfulManifestsAreRefused(t *testing.T) {
	file := func(name string) string {
		return manifest(head, meta, `<media><file>`+name+`</file></media>`+form)
	}
	docs := map[string]string{
		"no id":             manifest(`encrypted="yes"`, meta, form),
		"no instance":       manifest(head, ``, form),
		"two instances":     manifest(head, meta+meta, form),
		"two metas":         manifest(head, meta, form+`<meta/>`),
		"no form":           manifest(head, meta, ``),
		"two forms":         manifest(head, meta, form+form),
		"two keys":          manifest(head, meta, form+`<base64EncryptedKey>`+blob+`</base64EncryptedKey>`),
		"elements in a key": strings.Replace(manifest(head, meta, form), blob, blob+"<a/>", 1),
		"short key":         strings.Replace(manifest(head, meta, form), blob, "QUFB", 1),
		"no base64":         strings.Replace(manifest(head, meta, form), blob, "-"+blob[1:], 1),
		"no signature":      strings.Replace(manifest(head, meta, form), "base64EncryptedElementSignature", "other", 2),
		"another root":      strings.NewReplacer("<data", "<dat", "</data", "</dat").Replace(manifest(head, meta, form)),
		"form in plain":     manifest(head, meta, `<encryptedXmlFile>submission.xml</encryptedXmlFile>`),
		"named twice":       file("submission.xml.enc"),
		"named in capitals": file("SUBMISSION.xml.enc"),
		"many files":        manifest(head, meta, `<media>`+strings.Repeat(`<file>a.enc</file>`, fieldform.MaxFiles)+`</media>`+form),
		"many bytes":        manifest(head, meta, form+strings.Repeat(" ", fieldform.MaxManifest)),
		"long id":           manifest(`encrypted="yes" id="`+strings.Repeat("f", 2000)+`"`, meta, form),
	}
	for _, name := range []string{"a.jpg", ".enc", ".hidden.enc", "../a.enc", "a/b.enc", `a\b.enc`, "a:b.enc", "..enc", "a&#10;b.enc", "a\u202eb.enc", strings.Repeat("a", 300) + ".enc", "a.ENC", "a.enc.exe"} {
		docs["file "+name] = file(name)
	}
	for name, doc := range docs {
		t.Run(name, func(t *testing.T) {
			if m, err := fieldform.Parse([]byte(doc)); !errors.Is(err, fieldform.ErrManifest) {
				t.Errorf("%v, %+v", err, m)
			}
		})
	}
}

// Any bytes are a manifest whose files have plain names, or a refusal.
func FuzzParse(f *testing.F) {
	f.Add([]byte(manifest(head, meta, form)))
	f.Add([]byte(manifest(head, meta, `<media><file>a.enc</file></media>`+form)))
	f.Add([]byte(`<data encrypted="yes"/>`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		m, err := fieldform.Parse(doc)
		if err != nil {
			if !errors.Is(err, fieldform.ErrManifest) && !errors.Is(err, fieldform.ErrPlain) {
				t.Fatal(err)
			}
			return
		}
		for _, name := range m.Files() {
			if strings.ContainsAny(name, "/\\\x00\n") || !strings.HasSuffix(name, ".enc") || strings.HasPrefix(name, ".") {
				t.Fatalf("%q", name)
			}
		}
		if m.InstanceID == "" || m.FormID == "" || m.WrappedKey == "" {
			t.Fatalf("%+v", m)
		}
	})
}
