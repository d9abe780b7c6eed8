package collecttest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// File is a file with its content.
type File struct {
	Name    string
	Content []byte
}

// Style is one of the ways in which field tools spell a manifest.
type Style int

// The spellings.
const (
	Collect Style = iota // one media element a file, in the namespace of Collect
	Kobo                 // all files in one media element, in the older namespace, with a declaration
)

// Filled is a form that somebody has filled in.
type Filled struct {
	FormID, Version string
	Unversioned     bool
	InstanceID      string
	Replaces        string
	Answers         string // the XML that is encrypted as submission.xml
	Media           []File
	Style           Style
}

// Sent is an encrypted form as it lies on the phone.
type Sent struct {
	Manifest []byte
	Files    []File // in the order in which Collect sends them
}

// Encrypt does what Collect does when somebody finalises a form.
func (f Filled) Encrypt(t testing.TB, k Key) Sent {
	t.Helper()
	key := openssl(t, nil, "rand", "32")
	seed := md5Of(t, append([]byte(f.InstanceID), key...))
	wrapped := k.wrap(t, key)
	said := f.FormID + "\n"
	if !f.Unversioned {
		said += f.Version + "\n"
	}
	said += wrapped + "\n" + f.InstanceID + "\n"
	var out Sent
	for i, file := range append(append([]File(nil), f.Media...), File{"submission.xml", []byte(f.Answers)}) {
		seed[i%16]++
		said += file.Name + "::" + hex.EncodeToString(md5Of(t, file.Content)) + "\n"
		pad := 16 - len(file.Content)%16
		padded := append(bytes.Clone(file.Content), bytes.Repeat([]byte{byte(pad)}, pad)...)
		out.Files = append(out.Files, File{file.Name + ".enc", cfb(t, "-e", key, seed, padded)})
	}
	out.Manifest = f.manifest(wrapped, k.wrap(t, md5Of(t, []byte(said))))
	return out
}

// manifest spells what Collect's serialiser writes, in one line and without a
// declaration, or what others do.
func (f Filled) manifest(key, signature string) []byte {
	version := fmt.Sprintf(` version="%s"`, f.Version)
	if f.Unversioned {
		version = ""
	}
	edit := ""
	if f.Replaces != "" {
		edit = "<orx:deprecatedID>" + f.Replaces + "</orx:deprecatedID>"
	}
	if f.Style == Kobo {
		var files strings.Builder
		for _, m := range f.Media {
			files.WriteString("\n    <file>" + m.Name + ".enc</file>")
		}
		return fmt.Appendf(nil, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<data xmlns=\"http://opendatakit.org/submissions\" encrypted=\"yes\" id=\"%s\"%s>\n"+
			"  <base64EncryptedKey>%s</base64EncryptedKey>\n  <orx:meta xmlns:orx=\"http://openrosa.org/xforms\">\n    <orx:instanceID>%s</orx:instanceID>%s\n  </orx:meta>\n"+
			"  <media>%s\n  </media>\n  <encryptedXmlFile>submission.xml.enc</encryptedXmlFile>\n"+
			"  <base64EncryptedElementSignature>%s</base64EncryptedElementSignature>\n</data>\n",
			f.FormID, version, key, f.InstanceID, edit, files.String(), signature)
	}
	var files strings.Builder
	for _, m := range f.Media {
		files.WriteString("<media><file>" + m.Name + ".enc</file></media>\n")
	}
	return fmt.Appendf(nil, `<data id="%s"%s encrypted="yes" xmlns="http://www.opendatakit.org/xforms/encrypted">`+
		`<base64EncryptedKey>%s</base64EncryptedKey><orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>%s</orx:instanceID>%s</orx:meta>`+"\n"+
		`%s<encryptedXmlFile>submission.xml.enc</encryptedXmlFile><base64EncryptedElementSignature>%s</base64EncryptedElementSignature></data>`,
		f.FormID, version, key, f.InstanceID, edit, files.String(), signature)
}

// Save writes a submission into a folder, as a partner has it in the end.
func (s Sent) Save(t testing.TB, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "submission.xml"), s.Manifest)
	for _, f := range s.Files {
		write(t, filepath.Join(dir, f.Name), f.Content)
	}
}

// Decrypt opens files that came out of the vault with openssl alone, and gives
// them in the order of the manifest. names are those of the encrypted files in it.
func Decrypt(t testing.TB, k Key, dir string, f Filled) []File {
	t.Helper()
	wrapped := between(t, string(read(t, filepath.Join(dir, "submission.xml"))), "<base64EncryptedKey>", "</base64EncryptedKey>")
	key := k.unwrap(t, wrapped)
	seed := md5Of(t, append([]byte(f.InstanceID), key...))
	var out []File
	for i, file := range append(append([]File(nil), f.Media...), File{Name: "submission.xml"}) {
		seed[i%16]++
		b := cfb(t, "-d", key, seed, read(t, filepath.Join(dir, file.Name+".enc")))
		if len(b) == 0 || int(b[len(b)-1]) > len(b) {
			t.Fatalf("%s does not end with padding", file.Name)
		}
		out = append(out, File{file.Name, b[:len(b)-int(b[len(b)-1])]})
	}
	return out
}

func between(t testing.TB, s, from, to string) string {
	t.Helper()
	_, s, ok := strings.Cut(s, from)
	s, _, end := strings.Cut(s, to)
	if !ok || !end {
		t.Fatalf("there is nothing between %s and %s", from, to)
	}
	return s
}
