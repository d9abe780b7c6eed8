package fieldform

import (
	"crypto/aes"
	"crypto/md5"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// keySize is that of the AES key of a submission.
const keySize = 32

var (
	// ErrKey says that the private key is not that of the form.
	ErrKey = errors.New("the private key does not open this form: it was filled for another key")
	// ErrSignature says that the files do not belong together.
	ErrSignature = errors.New("the files do not belong together: one was exchanged, or the manifest was changed")
	// ErrMissing says that a file is not there.
	ErrMissing = errors.New("a file of the form is missing")
)

// Source gives an encrypted file of a submission by its name.
type Source func(name string) (io.ReadCloser, error)

// Target takes a decrypted file. Its name is that of the encrypted one without
// Suffix.
type Target func(name string) (io.WriteCloser, error)

// Open decrypts a submission, in memory that does not grow with it. What target has
// taken is to be thrown away unless it returns nil.
func Open(m Manifest, key *rsa.PrivateKey, from Source, to Target) error {
	secret, err := unwrap(key, m.WrappedKey)
	if err != nil || len(secret) != keySize {
		return ErrKey
	}
	defer clear(secret)
	block, err := aes.NewCipher(secret)
	if err != nil {
		return fmt.Errorf("open form: %w", err)
	}
	said := new(strings.Builder)
	for _, s := range m.signed() {
		said.WriteString(s + "\n")
	}
	ivs := newVectors(m.InstanceID, secret)
	for _, name := range m.Files() {
		iv := ivs.next()
		plain := strings.TrimSuffix(name, Suffix)
		sum := md5.New()
		err := through(from, to, name, plain, func(w io.Writer, r io.Reader) error {
			return decrypt(io.MultiWriter(w, sum), r, block, iv)
		})
		if err != nil {
			return fmt.Errorf("open form: %w", err)
		}
		said.WriteString(plain + "::" + hex.EncodeToString(sum.Sum(nil)) + "\n")
	}
	want := md5.Sum([]byte(said.String()))
	got, err := unwrap(key, m.Signature)
	if err != nil || subtle.ConstantTimeCompare(got, want[:]) != 1 {
		return ErrSignature
	}
	return nil
}

// signed is what the digest begins with, each on a line of its own.
func (m Manifest) signed() []string {
	out := []string{m.FormID}
	if m.Versioned {
		out = append(out, m.Version)
	}
	return append(out, m.WrappedKey, m.InstanceID)
}

// unwrap opens what was encrypted with the public key.
func unwrap(key *rsa.PrivateKey, text string) ([]byte, error) {
	b, err := decode(text)
	if err != nil {
		return nil, err
	}
	return rsa.DecryptOAEP(sha256.New(), nil, key, b, nil)
}

// through opens both sides of one file, does the work and closes them.
func through(from Source, to Target, name, plain string, do func(io.Writer, io.Reader) error) (err error) {
	r, err := from(name)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := to(plain)
	if err != nil {
		return err
	}
	return errors.Join(do(w, r), w.Close())
}
