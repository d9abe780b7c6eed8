package client

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/envelope"
)

// BegunItem is what a program keeps of a large item that it has begun to bring, so
// that it goes on after it was killed. It opens nothing: the item's key is made of Salt
// and the program's own private key, and of neither alone.
type BegunItem struct {
	Item   api.ID `json:"item"`
	Salt   []byte `json:"salt"`
	Header []byte `json:"header"`
	Note   string `json:"note"`
}

// ErrOtherContent: what is brought now is not what was begun.
var ErrOtherContent = errors.New("an item was begun with another content, or for another recipient: nothing was sent; bring what was begun, or begin anew")

// pack makes a key for a content that was surveyed, wrapped to the recipient, or
// takes up the one that was begun with. Its nonce is of the content, and what is read
// later is held against the survey, so that the key never seals anything else.
func (c *Client) pack(d Delivery, src source) (p *parcel, err error) {
	to, err := postQuantum(d.To.Recipient)
	if err != nil {
		return nil, err
	}
	p = &parcel{src: src, salt: make([]byte, sha256.Size)}
	if d.Begun != nil {
		p.salt = d.Begun.Salt
	} else if _, err := io.ReadFull(c.rand, p.salt); err != nil {
		return nil, err
	}
	if p.key, err = c.program.itemKey(p.salt); errors.Is(err, errHardware) && d.Begun == nil {
		p.salt = nil
		p.key, err = envelope.NewFileKey(c.rand)
	}
	if err != nil {
		return nil, err
	}
	if p.nonce, err = envelope.DeriveNonce(p.key, src.tree); err != nil {
		return nil, err
	}
	if d.Begun != nil {
		p.header = d.Begun.Header
		return p, nil
	}
	p.header, err = envelope.ComposeHeader(p.key, to)
	return p, err
}

// itemKey is the file key of an item. HKDF separates it from what else the private key
// does, and the salt, which is random, makes it another for each item.
func (p *Program) itemKey(salt []byte) (key envelope.FileKey, err error) {
	var secret []byte
	switch k := p.key.(type) {
	case ed25519.PrivateKey:
		secret = k.Seed()
	case *ecdsa.PrivateKey:
		secret, err = k.Bytes()
	default:
		return key, errHardware
	}
	if err != nil {
		return key, err
	}
	b, err := hkdf.Key(sha256.New, secret, salt, "testimony-vault/v1/item-key", 16)
	if err != nil {
		return key, err
	}
	return envelope.FileKeyOf(b)
}

// errHardware: nothing can be made of a private key that lies in hardware. Its items
// go on for as long as the program runs.
var errHardware = errors.New("the program's private key lies in hardware: an item cannot be gone on with")

// noteFor is the note that the item was begun with, if that is of these bytes, or a
// new one.
func (c *Client) noteFor(ctx context.Context, d Delivery, p *parcel, sealed envelope.Sealed, replaces delivery.Replaced) (string, error) {
	if d.Begun == nil {
		return c.noteOf(ctx, d, p, sealed, replaces)
	}
	n, _, err := delivery.Peek(d.Begun.Note)
	if err != nil {
		return "", fmt.Errorf("go on with an item: %w", err)
	}
	if n.Length != sealed.Size || n.PayloadSHA256 != b64(sealed.SHA256[:]) || n.RecipientSHA256 != hashOf(d.To.Recipient) || n.Item != d.Item {
		return "", ErrOtherContent
	}
	return d.Begun.Note, nil
}
