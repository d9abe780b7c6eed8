package backup

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/relatingfield/vault/internal/id"
)

// progress is what a backup that is cut off has copied so far, a signed line each.
type progress struct {
	file *os.File
	name string
	key  ed25519.PrivateKey
}

func (m *Maker) openProgress(x Manifest, known map[id.ID]Object) (*progress, error) {
	path := filepath.Join(m.Dir, x.Name, progressName)
	b, err := readSmall(path, 1<<30)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	p := &progress{name: x.Name, key: m.Key.Reveal()}
	for line := range strings.Lines(string(b)) {
		text, sig, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		o, ok := parseObject(text + "\n")
		raw, err := base64.RawURLEncoding.Strict().DecodeString(sig)
		if ok && err == nil && ed25519.Verify(p.key.Public().(ed25519.PublicKey), p.signed(o), raw) {
			known[o.Key] = o
		}
	}
	if p.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
		return nil, err
	}
	// A line that a crash cut in two must not swallow the next one.
	_, err = p.file.WriteString("\n")
	return p, err
}

func (p *progress) signed(o Object) []byte {
	return []byte("testimony-vault/v1/backup-progress\n" + p.name + "\n" + o.line())
}

func (p *progress) add(o Object) error {
	sig := base64.RawURLEncoding.EncodeToString(ed25519.Sign(p.key, p.signed(o)))
	_, err := p.file.WriteString(strings.TrimSuffix(o.line(), "\n") + "\t" + sig + "\n")
	return err
}

func (p *progress) close() { _ = p.file.Close() } // what it holds is looked at again
