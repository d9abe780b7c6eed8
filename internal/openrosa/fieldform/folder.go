package fieldform

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ManifestFile is the name of the manifest in a folder.
const ManifestFile = "submission.xml"

// OpenFolder decrypts the submission in the folder src, manifest and encrypted files
// under their own names, into the new folder dst. dst appears only when everything
// was found to belong together, and whole; until then what was decrypted lies in a
// hidden folder beside it, which is deleted when anything is wrong. Only the user's
// own account can read any of it.
func OpenFolder(src, dst string, key *rsa.PrivateKey) (m Manifest, err error) {
	if _, err := os.Lstat(dst); !errors.Is(err, fs.ErrNotExist) {
		return m, fmt.Errorf("%s is there already", dst)
	}
	from, err := os.OpenRoot(src) // a link in it leads nowhere else
	if err != nil {
		return m, err
	}
	defer from.Close()
	if m, err = readManifest(from); err != nil {
		return m, err
	}
	work, err := os.MkdirTemp(filepath.Dir(dst), ".opening-*")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	to, err := os.OpenRoot(work)
	if err != nil {
		return m, err
	}
	defer to.Close()
	if err := Open(m, key, source(from), target(to)); err != nil {
		return m, err
	}
	return m, os.Rename(work, dst)
}

func readManifest(from *os.Root) (Manifest, error) {
	f, err := from.Open(ManifestFile)
	if err != nil {
		return Manifest{}, err
	}
	defer f.Close()
	doc, err := io.ReadAll(io.LimitReader(f, MaxManifest+1))
	if err != nil {
		return Manifest{}, err
	}
	return Parse(doc)
}

func source(from *os.Root) Source {
	return func(name string) (io.ReadCloser, error) {
		f, err := from.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, ErrMissing
		}
		if err != nil {
			return nil, err
		}
		return f, nil
	}
}

func target(to *os.Root) Target {
	return func(name string) (io.WriteCloser, error) {
		return to.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	}
}

// ParsePrivateKey reads an RSA key in PEM, as PKCS #8 or PKCS #1, not locked with a
// passphrase.
func ParsePrivateKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("this is no key in PEM")
	}
	switch block.Type {
	case "PRIVATE KEY":
		k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if key, ok := k.(*rsa.PrivateKey); ok && err == nil {
			return key, nil
		}
	case "RSA PRIVATE KEY":
		if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
			return key, nil
		}
	case "ENCRYPTED PRIVATE KEY":
		return nil, errors.New("the key is locked with a passphrase: openssl pkey -in FILE -out NEW unlocks a copy")
	}
	return nil, errors.New("this is no private RSA key")
}

// ParsePublicKey reads an RSA key in PEM: the public one, or the private one it
// belongs to.
func ParsePublicKey(text []byte) (*rsa.PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" {
		k, err := ParsePrivateKey(text)
		if err != nil {
			return nil, err
		}
		return &k.PublicKey, nil
	}
	k, err := x509.ParsePKIXPublicKey(block.Bytes)
	if key, ok := k.(*rsa.PublicKey); ok && err == nil {
		return key, nil
	}
	return nil, errors.New("this is no public RSA key")
}
