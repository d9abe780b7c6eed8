// Package fieldform reads the encrypted submissions of ODK Collect and KoboCollect
// and opens them with the private key of the organisation whose form it was.
//
// A submission is a manifest in XML and files whose names end with .enc. The
// manifest holds an AES-256 key, wrapped with RSA-OAEP (SHA-256 in both places),
// and names the files; each is AES-256-CFB of the content with PKCS#7 padding. The
// initialisation vectors come from MD5(instanceID ‖ key): before each file, in the
// order of the manifest and the form itself last, byte i mod 16 of it goes up by
// one. (ODK XForms specification, "Encrypted submissions".)
//
// # What it promises
//
// A manifest is read strictly and in one way only. Open writes under the names of
// the manifest, each of them a plain file name, and gives an error unless the
// padding of every file and the digest over all of them are right; whoever calls it
// throws away what was written when it does.
//
// # What the format cannot promise
//
// It is not authenticated. The "signature" is an MD5 digest encrypted with the
// public key, which stands in the form: whoever has the form can make a submission,
// and whoever can change one file as it likes can make the signature anew. It says
// only that the files belong together and none was damaged. Who sent them, and that
// they are what arrived, can be known from the vault's envelope and receipt alone.
package fieldform

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/relatingfield/vault/internal/openrosa/strictxml"
)

const (
	// MaxManifest is the most bytes of a manifest.
	MaxManifest = 256 << 10
	// MaxFiles is the most files of a submission, the form itself included.
	MaxFiles = 1000
	// Suffix ends the name of every encrypted file.
	Suffix = ".enc"

	maxName = 240 // bytes of a file name: what file systems take, with room for a suffix
	maxID   = 1024
)

var (
	// ErrManifest says that this is no manifest of an encrypted submission.
	ErrManifest = errors.New("this is no manifest of an encrypted form")
	// ErrPlain says that a submission is not encrypted.
	ErrPlain = errors.New("the form was sent unencrypted")
)

// Manifest is what a submission says of itself without its key.
type Manifest struct {
	FormID     string
	Version    string // of the form
	Versioned  bool   // whether it has a version, which may be empty
	InstanceID string // one for each filled form, made by the phone
	Replaces   string // the InstanceID of the submission that this is an edit of; empty for none
	WrappedKey string // as it was written, in base64
	Media      []string
	Form       string // the file that holds the answers
	Signature  string // as it was written, in base64
}

// Files are the encrypted files in the order in which they were encrypted.
func (m Manifest) Files() []string { return append(slices.Clone(m.Media), m.Form) }

// Parse reads a manifest.
func Parse(doc []byte) (Manifest, error) {
	root, err := strictxml.Parse(doc, strictxml.Limits{Size: MaxManifest, Depth: 8, Nodes: 8 * MaxFiles})
	if err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	// A plain form has whatever root its author chose; what says that it is encrypted
	// is this attribute and nothing else.
	if v, _ := root.Attr("encrypted"); v != "yes" {
		return Manifest{}, ErrPlain
	}
	m, err := read(root)
	if err == nil {
		err = m.check()
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	return m, nil
}

func read(root *strictxml.Element) (Manifest, error) {
	if root.Name != "data" {
		return Manifest{}, errors.New("its root is not data")
	}
	m := Manifest{}
	m.FormID, _ = root.Attr("id")
	m.Version, m.Versioned = root.Attr("version")
	meta, err := root.One("meta")
	if err != nil {
		return m, err
	}
	if meta == nil {
		return m, errors.New("it has no meta")
	}
	for _, f := range []struct {
		in   *strictxml.Element
		name string
		to   *string
	}{
		{root, "base64EncryptedKey", &m.WrappedKey},
		{root, "encryptedXmlFile", &m.Form},
		{root, "base64EncryptedElementSignature", &m.Signature},
		{meta, "instanceID", &m.InstanceID},
		{meta, "deprecatedID", &m.Replaces},
	} {
		if *f.to, err = text(f.in, f.name); err != nil {
			return m, err
		}
	}
	m.Media, err = media(root)
	return m, err
}

// text is that of the only element of a name, and empty where there is none.
func text(in *strictxml.Element, name string) (string, error) {
	e, err := in.One(name)
	if err != nil || e == nil {
		return "", err
	}
	return e.Plain()
}

// media collects what Collect writes as one media element a file, and others as
// one for all.
func media(root *strictxml.Element) ([]string, error) {
	var out []string
	for _, m := range root.All("media") {
		for _, f := range m.All("file") {
			name, err := f.Plain()
			if err != nil {
				return nil, err
			}
			out = append(out, name)
		}
	}
	return out, nil
}

func (m Manifest) check() error {
	for what, id := range map[string]string{"form": m.FormID, "instance": m.InstanceID} {
		if id == "" || len(id) > maxID {
			return fmt.Errorf("the id of the %s is missing or too long", what)
		}
	}
	if len(m.Version) > maxID || len(m.Replaces) > maxID {
		return errors.New("the version or the edited id is too long")
	}
	for _, b := range []string{m.WrappedKey, m.Signature} {
		if _, err := decode(b); err != nil {
			return err
		}
	}
	files := m.Files()
	if len(files) > MaxFiles {
		return fmt.Errorf("%d files are the most", MaxFiles)
	}
	seen := make(map[string]bool, len(files))
	for _, f := range files {
		if err := CheckName(f); err != nil {
			return err
		}
		// Two names that differ in their case are one file on some file systems.
		key := strings.ToLower(f)
		if seen[key] {
			return errors.New("a file is named twice")
		}
		seen[key] = true
	}
	return nil
}

// CheckName accepts the name of an encrypted file: a plain one, in no folder, that
// ends with Suffix and has a letter before it.
func CheckName(name string) error {
	stem, ok := strings.CutSuffix(name, Suffix)
	switch {
	case !ok:
		return errors.New("a file is not encrypted")
	case stem == "" || len(name) > maxName || strings.HasPrefix(name, "."):
		return errors.New("a file has no usable name")
	case strings.ContainsAny(name, `/\:*?"<>|`) || strings.ContainsFunc(name, unsafeRune):
		return errors.New("the name of a file has a character that is none of a name")
	}
	return nil
}

// unsafeRune tells the characters that would change how a terminal shows the rest,
// or end a name early.
func unsafeRune(r rune) bool {
	return unicode.Is(unicode.C, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || r == unicode.ReplacementChar
}

// decode reads base64 as Collect and others write it: in lines or not, since
// Android's encoder breaks them.
func decode(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil || len(b) < 128 || len(b) > 2048 {
		return nil, errors.New("the key or the signature is not base64 of what RSA makes")
	}
	return b, nil
}
