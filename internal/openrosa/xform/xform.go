// Package xform checks the forms that partners give to phones, and makes the ones
// that this project ships.
//
// A form that passes is one whose answers leave the phone only encrypted to the
// partner's own key, to this vault and nowhere else: it has an RSA key of at least
// 3072 bits, an instance id, and no address of its own to send to. It does not ask
// the phone for its number, its identity or its owner's. (ODK XForms specification.)
//
// The package does not decide whether the questions are good ones, and does not
// check that the form runs: the tools that make forms do.
package xform

import (
	"crypto/md5"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/relatingfield/vault/internal/openrosa/strictxml"
)

const (
	// MaxSize is the most bytes of a form.
	MaxSize = 1 << 20
	// MinBits is the least length of a partner's key.
	MinBits = 3072

	maxBits = 8192 // more costs an old phone minutes
	maxText = 100  // runes of an id, a version or a name
)

// ErrRefused is every reason why a form is not taken. The text behind it is for the
// partner.
var ErrRefused = errors.New("the form is refused")

// Form is what a phone is told of a form before it fetches it.
type Form struct {
	ID      string
	Version string // empty where it has none
	Name    string // as it shows on the phone
	MD5     string // of the whole document, in hexadecimal: how phones notice a change
	Key     *rsa.PublicKey
}

// Check reads a form.
func Check(doc []byte) (Form, error) {
	f, err := check(doc)
	if err != nil {
		return Form{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	sum := md5.Sum(doc)
	f.MD5 = hex.EncodeToString(sum[:])
	return f, nil
}

func check(doc []byte) (f Form, err error) {
	root, err := strictxml.Parse(doc, strictxml.Limits{Size: MaxSize, Depth: 100, Nodes: 50_000})
	if err != nil {
		return f, err
	}
	head, err := only(root, "head")
	if err != nil || root.Name != "html" {
		return f, errors.Join(errors.New("it is no XForm"), err)
	}
	title, err := only(head, "title")
	if err != nil {
		return f, err
	}
	if f.Name, err = title.Plain(); err != nil {
		return f, err
	}
	model, err := only(head, "model")
	if err != nil {
		return f, err
	}
	if err := f.readData(model); err != nil {
		return f, err
	}
	if f.Key, err = submission(model); err != nil {
		return f, err
	}
	for what, v := range map[string]string{"id": f.ID, "name": f.Name} {
		if v == "" {
			return f, fmt.Errorf("it has no %s", what)
		}
	}
	for _, v := range []string{f.ID, f.Version, f.Name} {
		if len([]rune(v)) > maxText || strings.ContainsFunc(v, unicode.IsControl) {
			return f, fmt.Errorf("its id, version and name have at most %d characters each", maxText)
		}
	}
	return f, asksPhone(root)
}

// readData reads the first instance of the model, which is what a phone fills in.
func (f *Form) readData(model *strictxml.Element) error {
	all := model.All("instance")
	if len(all) == 0 || len(all[0].Children) != 1 {
		return errors.New("it has nothing to fill in")
	}
	data := all[0].Children[0]
	f.ID, _ = data.Attr("id")
	f.Version, _ = data.Attr("version")
	meta, err := only(data, "meta")
	if err != nil {
		return err
	}
	_, err = only(meta, "instanceID")
	return err
}

func only(in *strictxml.Element, name string) (*strictxml.Element, error) {
	e, err := in.One(name)
	if err == nil && e == nil {
		err = fmt.Errorf("it has no %s", name)
	}
	return e, err
}

// submission reads how answers leave the phone.
func submission(model *strictxml.Element) (*rsa.PublicKey, error) {
	s, err := only(model, "submission")
	if err != nil {
		return nil, errors.Join(errors.New("its answers would be sent unencrypted: give it the key of your organisation"), err)
	}
	text := ""
	for _, a := range s.Attrs {
		switch a.Name.Local {
		case "action":
			// A phone would send there instead of here, and unseen.
			return nil, errors.New("it has an address of its own to send to: leave out action")
		case "base64RsaPublicKey":
			text = a.Value
		}
	}
	if text == "" {
		return nil, errors.New("its answers would be sent unencrypted: give it the key of your organisation in base64RsaPublicKey")
	}
	return ParseKey(text)
}

// ParseKey reads a public key as it stands in forms: SubjectPublicKeyInfo in base64.
func ParseKey(text string) (*rsa.PublicKey, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, errors.New("its base64RsaPublicKey is not base64")
	}
	k, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errors.New("its base64RsaPublicKey is no public key")
	}
	key, ok := k.(*rsa.PublicKey)
	if !ok || key.N.BitLen() < MinBits || key.N.BitLen() > maxBits || key.E < 65537 {
		return nil, fmt.Errorf("its key is not RSA of %d to %d bits", MinBits, maxBits)
	}
	return key, nil
}

// asksPhone finds what would put the phone's or its owner's identity, or its way
// through the country, into the answers without anybody answering.
func asksPhone(root *strictxml.Element) error {
	if root.Walk(func(e *strictxml.Element) bool { return e.Name != "setgeopoint" && !preloads(e) }) {
		return nil
	}
	return errors.New("it takes the phone's number, identity or place without asking anybody: leave out preloaded properties, setgeopoint and audited places")
}

func preloads(e *strictxml.Element) bool {
	for _, a := range e.Attrs {
		if a.Name.Local == "preload" && a.Value == "property" || a.Name.Local == "location-priority" {
			return true
		}
	}
	return false
}
