// Package serverkeys keeps the keys a server needs to run: the key that signs
// access tokens, the key that signs receipts, the key that signs the journal, and
// the secret under the nonces it hands out.
//
// Promises: the file is made once, whole and durable, so that nodes which share the
// folder share the keys, also when they start at the same moment; nobody but the
// server's own user can read it, or Open refuses. Each kind of key is a list: one of
// it makes, the others are accepted. Rotate alone changes the file, as a whole: a new
// signing key is accepted and published by every node from within a second, and signs
// only from a time that is in the file with it; the key of receipts before it signs
// it, so that whoever has kept the older one believes the newer one. Keys of receipts
// are never taken out. The MAC secrets are those of the file when it was opened: a new
// one counts from a node's next start, so all nodes start anew together.
//
// None of these keys opens a testimony (promise P2): a thief can sign in as
// anybody until they are replaced, and gets ciphertext. A lost file ends all
// sessions, and the journal verifies no more, so that the vault does not serve
// (docs/operate/restore.md); receipts stay valid under the old public key.
package serverkeys

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"io"
	"slices"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/secret"
)

// Errors of Open.
var (
	ErrExposed = errors.New("other users can read the server's keys; take their permissions away with chmod go= and think about replacing the keys")
	ErrDamaged = errors.New("the file of the server's keys is damaged; restore it from a backup, or move it away to begin with new keys")
)

// Keys are all the keys of a server.
type Keys struct {
	live *live
	macs []secret.Bytes // as they were when this was opened
}

// Token lists the keys of access tokens, the one to sign with first.
func (k *Keys) Token() []Signing { return inForce(k.live.current().token, k.live.unix()) }

// Receipt lists the keys of receipts, the one to sign with first. None is ever taken
// out of the list: what it signed has to verify for as long as somebody keeps it.
func (k *Keys) Receipt() []Signing { return inForce(k.live.current().receipt, k.live.unix()) }

// MAC derives 32-byte keys for one purpose, the one to make with first. No two
// purposes share a key, so what one of them hands out proves nothing to another.
func (k *Keys) MAC(purpose string) ([]secret.Bytes, error) {
	var out []secret.Bytes
	for _, m := range k.macs {
		b, err := hkdf.Key(sha256.New, m.Reveal(), nil, "testimony-vault/v1/mac/"+purpose, sha256.Size)
		if err != nil {
			return nil, err
		}
		out = append(out, secret.Of(b))
	}
	return out, nil
}

// Journal derives the keys that sign the journal of restricting acts, the one to
// sign with first. What an older key signed verifies while its MAC secret is
// listed: keep one listed for as long as heads of the journal are kept.
func (k *Keys) Journal() ([]Signing, error) { return k.derived("testimony-vault/v1/journal") }

// Backup derives the keys that sign the manifests of backups, the one to sign with
// first.
func (k *Keys) Backup() ([]Signing, error) { return k.derived("testimony-vault/v1/backup") }

func (k *Keys) derived(info string) ([]Signing, error) {
	var out []Signing
	for _, m := range k.macs {
		seed, err := hkdf.Key(sha256.New, m.Reveal(), nil, info, ed25519.SeedSize)
		if err != nil {
			return nil, err
		}
		out = append(out, fromSeed(seed))
	}
	return out, nil
}

// Signing is an Ed25519 key pair.
type Signing struct {
	public  ed25519.PublicKey
	private secret.Bytes
}

// ID is the RFC 7638 thumbprint of the public key: the kid of what it signs.
func (s Signing) ID() id.Thumbprint { return id.Of(s.public) }

// Public is the public key.
func (s Signing) Public() ed25519.PublicKey { return slices.Clone(s.public) }

// Reveal gives the private key itself, not a copy.
func (s Signing) Reveal() ed25519.PrivateKey { return s.private.Reveal() }

func fromSeed(seed []byte) Signing {
	private := ed25519.NewKeyFromSeed(seed)
	return Signing{private.Public().(ed25519.PublicKey), secret.Of(private)}
}

// draw makes the first keys.
func draw(rand io.Reader) (file, error) {
	b := make([]byte, 3*sha256.Size)
	if _, err := io.ReadFull(rand, b); err != nil {
		return file{}, err
	}
	token, receipt, mac := b[:32:32], b[32:64:64], b[64:]
	name := sha256.Sum256(mac)
	return file{
		Version: version,
		Token:   []entry{{ID: string(fromSeed(token).ID()), Secret: token}},
		Receipt: []entry{{ID: string(fromSeed(receipt).ID()), Secret: receipt}},
		MAC:     []entry{{ID: b64(name[:]), Secret: mac}},
	}, nil
}
