package contracttest

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
)

// tray is somebody's, with the program that may bring things there.
type tray struct {
	program   *client.Client
	recipient string
	code      string
}

// opens lets her open a tray, into which the program has brought something, beside an
// endpoint of its own, and knows what they are called.
func (p *People) opens(her, program *client.Client, partner api.ID) {
	ctx := p.t.Context()
	opened, err := her.OpenTray(ctx, partner)
	p.must(err)
	p.tray = tray{program, her.Recipient(), opened.Code}
	info, err := envelope.PartInfo{MediaType: "text/plain", Kind: envelope.Original, Name: "a.txt"}.Encode()
	p.must(err)
	p.Knows(api.HeaderTray, opened.Code)
	p.Knows(api.HeaderPart, base64.RawURLEncoding.EncodeToString(info))
	for range 3 {
		item, err := program.Deliver(ctx, client.Delivery{To: client.Place{Recipient: p.tray.recipient, Code: p.tray.code}, Content: client.Bytes("a.txt", "", []byte("They came back."))})
		p.must(err)
		p.Knows("item", item)
	}
}

// deliver makes a draft of a delivery one that the vault takes: sealed to her, with a
// note of the program's over exactly these bytes.
func (p *People) deliver(d *draft) {
	name, err := id.New(rand.Reader)
	p.must(err)
	header, payload, note, err := p.sealed(name)
	if err != nil {
		return // a steward or an officer among the people has stopped it
	}
	d.path = d.path[:strings.LastIndex(d.path, "/")+1] + string(name)
	d.header.Del(api.HeaderErasure)
	d.header.Set(api.HeaderTray, p.tray.code)
	d.header.Set(api.HeaderSealed, base64.RawURLEncoding.EncodeToString(header))
	d.header.Set(api.HeaderDelivery, note)
	d.body = payload
}

// sealed is a small item under a name.
func (p *People) sealed(name api.ID) (header, payload []byte, note string, err error) {
	key, err := envelope.NewFileKey(rand.Reader)
	p.must(err)
	nonce, err := envelope.NewNonce(rand.Reader)
	p.must(err)
	to, _, err := envelope.ParseRecipient(p.tray.recipient)
	p.must(err)
	header, err = envelope.ComposeHeader(key, to)
	p.must(err)
	said := []byte("What happened then.")
	var plain, sealed bytes.Buffer
	p.must(envelope.WriteContainer(&plain, envelope.PartInfo{MediaType: "text/plain", Kind: envelope.Original, Name: "a.txt"}, bytes.NewReader(said), int64(len(said))))
	of, err := envelope.Seal(&sealed, &plain, key, nonce, 1)
	p.must(err)
	commit := envelope.Commit(key, of.SHA256)
	note, err = p.tray.program.SignDelivery(p.t.Context(), api.DeliveryNote{Item: name, RecipientSHA256: api.HashOf([]byte(p.tray.recipient)).String(), Length: of.Size,
		PayloadSHA256: base64.RawURLEncoding.EncodeToString(of.SHA256[:]), Commit: base64.RawURLEncoding.EncodeToString(commit[:]),
		HeaderSHA256: api.HashOf(header).String(), Assurance: delivery.PartnerDevice})
	return header, sealed.Bytes(), note, err
}
