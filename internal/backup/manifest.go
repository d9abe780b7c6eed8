package backup

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
)

// Errors of what is found in a folder of backups. Each says what to do.
var (
	ErrManifest = errors.New("the backup's manifest is damaged or not in its one form; take another backup")
	ErrForeign  = errors.New("the backup was not made by this vault, or was altered: none of the server's keys has signed its manifest; bring back the keys it was made with (docs/operate/keys.md), or take another backup")
	ErrAltered  = errors.New("the backup is not what was written: a file is missing, cut, swapped or altered; take another backup, or another copy of this one")
	ErrExpired  = errors.New("the backup is older than backups.keep: what was erased since it was made was promised to be gone from it by now")
)

// How a backup holds payloads.
const (
	Copied     = "copy"      // as files beside it
	Referenced = "reference" // by name and digest; the object store keeps them
)

// The files of a backup. A manifest can name no others.
const (
	manifestName   = "manifest"
	unfinishedName = "unfinished"
	databaseName   = "database.age"
	listName       = "objects.list"
	wantedName     = "objects.wanted"
	progressName   = "objects.progress"
)

const maxManifest = 1 << 20

// Manifest says what a backup is, and is signed by the server's key: without it
// anybody who knows the recipient could write a backup, for age has no sender.
type Manifest struct {
	Format     int64    `json:"format"` // 1
	Vault      string   `json:"vault"`
	Name       string   `json:"name"`    // of the backup's folder: its time
	Taken      int64    `json:"taken"`   // Unix seconds of the snapshot
	Expires    int64    `json:"expires"` // Unix seconds
	Schema     string   `json:"schema"`  // the newest migration
	Recipients []string `json:"recipients"`
	Objects    string   `json:"objects"` // copy or reference
	Pool       string   `json:"pool"`    // the folder of the copies; empty: none
	Missing    int64    `json:"missing"` // payloads that had gone before they were copied
	Files      []File   `json:"files"`   // in order
}

// File is a file of a backup.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 []byte `json:"sha256"`
}

var (
	nameForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}Z$`)
	poolForm = regexp.MustCompile(`^objects-[0-9a-f]{16}$`)
)

const nameTime = "2006-01-02T150405Z"

func nameOf(t time.Time) string { return t.UTC().Format(nameTime) }

// timeOf is when a backup of that name was begun.
func timeOf(name string) (time.Time, bool) {
	t, err := time.Parse(nameTime, name)
	return t, err == nil && nameOf(t) == name
}

// signed is what the signature covers, apart from everything else that the key signs.
func signedText(body []byte) []byte {
	return append([]byte("testimony-vault/v1/backup\n"), body...)
}

func (m Manifest) line(key ed25519.PrivateKey) ([]byte, error) {
	body, err := canonical.Encode(m)
	if err != nil {
		return nil, err
	}
	sig := base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, signedText(body)))
	return fmt.Appendf(body, " %s\n", sig), nil
}

// ParseManifest reads a manifest in its one form that one of the keys has signed.
func ParseManifest(b []byte, keys []ed25519.PublicKey) (Manifest, error) {
	var m Manifest
	if len(b) > maxManifest {
		return m, ErrManifest
	}
	at := bytes.LastIndexByte(b, ' ')
	if at < 0 || b[len(b)-1] != '\n' {
		return m, ErrManifest
	}
	sig, err := base64.RawURLEncoding.Strict().DecodeString(string(b[at+1 : len(b)-1]))
	if err != nil || len(sig) != ed25519.SignatureSize || bytes.ContainsAny(b[at+1:len(b)-1], "\r\n") {
		return m, ErrManifest
	}
	if !slices.ContainsFunc(keys, func(k ed25519.PublicKey) bool { return ed25519.Verify(k, signedText(b[:at]), sig) }) {
		return m, ErrForeign
	}
	if canonical.Decode(b[:at], &m) != nil || !m.sound() {
		return Manifest{}, ErrManifest
	}
	return m, nil
}

// sound keeps every name that a manifest brings out of the file system, whoever signed
// it: files are of three names, and folders of two forms.
func (m Manifest) sound() bool {
	_, named := timeOf(m.Name)
	if m.Format != 1 || !named || m.Expires <= m.Taken || m.Taken < 0 || m.Missing < 0 || m.Pool != "" && !poolForm.MatchString(m.Pool) {
		return false
	}
	if m.Objects != Copied && m.Objects != Referenced || m.Objects == Copied && m.Pool == "" {
		return false
	}
	last := ""
	for _, f := range m.Files {
		if f.Name <= last || !slices.Contains([]string{databaseName, listName, wantedName}, f.Name) || f.Size < 0 || len(f.SHA256) != sha256.Size {
			return false
		}
		last = f.Name
	}
	return true
}

// file is one that the manifest names.
func (m Manifest) file(name string) (File, bool) {
	i := slices.IndexFunc(m.Files, func(f File) bool { return f.Name == name })
	if i < 0 {
		return File{}, false
	}
	return m.Files[i], true
}

// Object is a payload object in a backup: of a copy the size and digest of the file
// that holds it, of a reference those of the object itself.
type Object struct {
	Key    id.ID
	Size   int64
	SHA256 [sha256.Size]byte
}

func (o Object) line() string {
	return string(o.Key) + " " + strconv.FormatInt(o.Size, 10) + " " + base64.RawURLEncoding.EncodeToString(o.SHA256[:]) + "\n"
}

// parseObject reads exactly what line writes.
func parseObject(line string) (Object, bool) {
	f := strings.Split(strings.TrimSuffix(line, "\n"), " ")
	if len(f) != 3 {
		return Object{}, false
	}
	key, err1 := id.Parse(f[0])
	size, err2 := strconv.ParseInt(f[1], 10, 64)
	sum, err3 := base64.RawURLEncoding.Strict().DecodeString(f[2])
	if errors.Join(err1, err2, err3) != nil || size < 0 || len(sum) != sha256.Size {
		return Object{}, false
	}
	o := Object{key, size, [sha256.Size]byte(sum)}
	return o, o.line() == line
}
