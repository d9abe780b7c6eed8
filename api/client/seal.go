package client

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"runtime"

	"filippo.io/age"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// lock is a fresh file key, its nonce and her own header: what exists of a part
// before its first byte. It seals one payload and is then thrown away.
type lock struct {
	key    envelope.FileKey
	nonce  [envelope.NonceSize]byte
	header []byte
}

// newLock draws a key and wraps it to herself, so that nothing can be sealed
// that she could not open. The nonce is made of the content where that has been
// read, so that its upload can be gone on with; otherwise it is drawn.
func (c *Client) newLock(of *envelope.Tree) (*lock, error) {
	to, err := c.self()
	if err != nil {
		return nil, err
	}
	key, err := envelope.NewFileKey(c.rand)
	if err != nil {
		return nil, err
	}
	nonce, err := c.nonceFor(key, of)
	if err != nil {
		return nil, err
	}
	header, err := envelope.ComposeHeader(key, to)
	if err != nil {
		return nil, err
	}
	return &lock{key, nonce, header}, nil
}

func (c *Client) nonceFor(key envelope.FileKey, of *envelope.Tree) ([envelope.NonceSize]byte, error) {
	if of == nil || of.Known() < of.Size() {
		return envelope.NewNonce(c.rand)
	}
	return envelope.DeriveNonce(key, of)
}

// self is her own recipient.
func (c *Client) self() (age.Recipient, error) {
	if c.keys == nil {
		return nil, ErrNoKeys
	}
	to, _, err := envelope.ParseRecipient(c.keys.Recipient)
	if err != nil {
		return nil, fmt.Errorf("your own recipient: %w", err)
	}
	return to, nil
}

// seal writes the payload of a container. The lock must not have sealed before.
func (l *lock) seal(dst io.Writer, container io.Reader) (statement.Binding, error) {
	sealed, err := envelope.Seal(dst, container, l.key, l.nonce, runtime.GOMAXPROCS(0))
	if err != nil {
		return statement.Binding{}, err
	}
	return l.binding(sealed), nil
}

// binding is what she signs of a sealed payload.
func (l *lock) binding(s envelope.Sealed) statement.Binding {
	commit := envelope.Commit(l.key, s.SHA256)
	header := sha256.Sum256(l.header)
	return statement.Binding{Length: s.Size, PayloadSHA256: b64(s.SHA256[:]), Commit: b64(commit[:]), HeaderSHA256: b64(header[:])}
}

// sealedPart is a small part, whole in memory.
type sealedPart struct {
	header  []byte
	payload []byte
	binding statement.Binding
}

func (c *Client) sealSmall(content Content) (*sealedPart, error) {
	container, err := content.container()
	if err != nil {
		return nil, err
	}
	defer container.Close()
	// Read once and sealed from memory, so that the nonce is of what is sealed.
	var plain, out bytes.Buffer
	if _, err := io.Copy(&plain, container); err != nil {
		return nil, err
	}
	tree := envelope.NewTree(int64(plain.Len()))
	if _, err := io.Copy(io.Discard, tree.Reader(bytes.NewReader(plain.Bytes()), 0)); err != nil {
		return nil, err
	}
	l, err := c.newLock(tree)
	if err != nil {
		return nil, err
	}
	defer l.key.Wipe()
	binding, err := l.seal(&out, &plain)
	if err != nil {
		return nil, err
	}
	return &sealedPart{l.header, out.Bytes(), binding}, nil
}

// addOf is the statement that makes a sealed part hers.
func addOf(t api.ID, n int64, b statement.Binding) statement.Add {
	return statement.Add{Testimony: t, N: n, Length: b.Length, PayloadSHA256: b.PayloadSHA256, Commit: b.Commit, HeaderSHA256: b.HeaderSHA256}
}
