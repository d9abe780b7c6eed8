package gateway

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/gateway/queue"
	"github.com/relatingfield/vault/internal/secret"
)

// Example is a configuration with every setting, explained.
//
//go:embed example.yaml
var Example string

// Load reads a configuration file, what it names, and the secrets, which may stand in
// environ (like os.Environ). The error is config.Faults, with every fault at once.
func Load(file string, environ []string) (Settings, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return Settings{}, config.Faults{{Where: "--config", Problem: "cannot be read: " + err.Error(), Fix: "name a file that this user may read"}}
	}
	s, err := Parse(b)
	if err != nil {
		return Settings{}, config.Faults{{Where: file, Problem: err.Error(), Fix: "compare it with testimonyd gateway example"}}
	}
	l := &loading{s: &s, dir: filepath.Dir(file), environ: environ}
	l.settings()
	if len(l.faults) > 0 {
		return Settings{}, l.faults
	}
	return s, nil
}

// Parse reads the text of a configuration: one YAML document without unknown names.
// What it names is not looked at.
func Parse(text []byte) (Settings, error) {
	s := Defaults()
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return Settings{}, err
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Settings{}, errors.New("there is more than one YAML document")
	}
	return s, nil
}

// loading gathers the faults of a configuration.
type loading struct {
	s       *Settings
	dir     string // of the file: other files are named from there
	environ []string
	faults  config.Faults
}

func (l *loading) fault(where, problem, fix string) {
	l.faults = append(l.faults, config.Fault{Where: where, Problem: problem, Fix: fix})
}

func (l *loading) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(l.dir, name)
}

func (l *loading) settings() {
	if l.s.Folder == "" {
		l.fault("folder", "is empty", "name the folder of the queue")
	} else {
		l.s.Folder = l.path(l.s.Folder)
	}
	l.exposure()
	l.vault()
	l.destinations()
	l.tools()
	l.limits()
}

// vault reads whereto things are brought and with which key.
func (l *loading) vault() {
	v := &l.s.Vault
	if v.Server == "" {
		l.fault("vault.server", "is empty", "write the vault's address, like https://vault.example")
	}
	if err := v.id.UnmarshalText([]byte(v.ID)); err != nil {
		l.fault("vault.id", "is not the id of a vault", "copy it from a card or from testimonyd found")
	}
	v.client = api.ID(v.Client)
	key, err := readKey(l.path(v.Key))
	if v.Key == "" || err != nil {
		l.fault("vault.key_file", "holds no private key", "make one with openssl genpkey -algorithm ed25519, and have two officers register it")
	}
	v.key = key
	l.line()
}

// line looks whether the files for the line to the vault can be used.
func (l *loading) line() {
	t := &l.s.Vault.Line
	for _, name := range []*string{&t.Certificate, &t.Key, &t.CA} {
		if *name != "" {
			*name = l.path(*name)
		}
	}
	if _, err := client.Line(*t).HTTP(time.Now); err != nil {
		l.fault("vault.tls", "cannot be used: "+err.Error(), "name files in PEM: a certificate with its key, or an authority, or all three")
	}
}

// readKey reads a private key in PEM (PKCS #8).
func readKey(path string) (crypto.Signer, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	defer clear(b)
	block, _ := pem.Decode(b)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("no PEM of a private key")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("no private key")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("no key that signs")
	}
	return signer, nil
}

func (l *loading) destinations() {
	seen := map[string]bool{}
	if len(l.s.Destinations) == 0 {
		l.fault("destinations", "is empty", "name at least one recipient and its tray")
	}
	for i := range l.s.Destinations {
		d := &l.s.Destinations[i]
		where := fmt.Sprintf("destinations[%d]", i)
		l.name(where, d.Name, seen)
		to, pq, err := envelope.ParseRecipient(d.Recipient)
		if err != nil || !pq {
			l.fault(where+".recipient", "is not a post-quantum recipient", "scan it from the card: it begins with age1pq1")
		}
		d.to = queue.Destination{Name: d.Name, Recipient: to, Text: d.Recipient}
		d.tray = l.secret(where+".tray", d.Tray, 26)
		if d.Consultation != "" {
			if len(d.Consultation) != 26 {
				l.fault(where+".consultation", "is not the id of a consultation", "leave it out, or copy it from the consultation")
			}
		}
	}
}

// name checks the name of one of a list.
func (l *loading) name(where, name string, seen map[string]bool) {
	if name == "" || len(name) > 64 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != "" || strings.HasPrefix(name, ".") {
		l.fault(where, "has no usable name", "1 to 64 letters, digits, dots, dashes and underscores; a neutral one: it stands on this disk")
	}
	if seen[name] {
		l.fault(where, "has the name of another", "give each its own")
	}
	seen[name] = true
}

// secret reads a secret of at least so many bytes.
func (l *loading) secret(where string, from Secret, least int) secret.Bytes {
	var text string
	switch {
	case (from.File == "") == (from.Env == ""):
		l.fault(where, "has not one place", "name a file, or a variable with env")
		return secret.Bytes{}
	case from.File != "":
		b, err := os.ReadFile(l.path(from.File))
		if err != nil {
			l.fault(where, "cannot be read", "name a file that this user may read")
			return secret.Bytes{}
		}
		text = string(b)
	default:
		for _, v := range l.environ {
			if name, value, _ := strings.Cut(v, "="); name == from.Env {
				text = value
			}
		}
	}
	text = strings.TrimRight(text, "\r\n")
	if len(text) < least || strings.ContainsAny(text, "\r\n\x00") {
		l.fault(where, fmt.Sprintf("has less than %d characters or more than one line", least), "make one with openssl rand -hex 16")
		return secret.Bytes{}
	}
	return secret.Of([]byte(text))
}

// certificate reads the gateway's own.
func (l *loading) certificate() {
	t := l.s.TLS
	if t == (TLS{}) {
		return
	}
	c, err := tls.LoadX509KeyPair(l.path(t.Certificate), l.path(t.Key))
	if err != nil {
		l.fault("tls", "has no certificate with its key", "name both files, in PEM")
		return
	}
	l.s.certificate = &c
}
