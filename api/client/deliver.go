package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// Place is where a partner's program brings things for somebody: what it scanned
// from her card or device. It does not say who she is.
type Place struct {
	Recipient string // age1pq1…, which everything is sealed to
	Code      string // of her tray
}

// Delivery is something that a program brings to a place.
type Delivery struct {
	To      Place
	Content Content
	// Item names it; empty draws a name. A program that may be killed draws it first
	// and writes it down: the same name is brought once.
	Item         api.ID
	Gateway      bool   // the plaintext came through a gateway of the partner's
	Consultation api.ID // that it belongs to; empty for none
	// Begun is what an earlier try left off with, as Began told it: the same content
	// goes on from where it was. nil begins anew.
	Begun *BegunItem
	// Began is told of an item that does not go in one request before its first byte is
	// sent: keep what it is told, and a program that was killed goes on. nil for nobody.
	Began func(BegunItem) error
}

// NewItem draws the name of an item.
func (c *Client) NewItem() (api.ID, error) { return id.New(c.rand) }

// Deliver seals a content to the recipient, on this machine, and puts it into the
// tray. Whoever runs the vault sees sealed bytes. Where the line breaks, the very same
// bytes are sent again from the first; a name that was brought before is ErrBrought.
// It gives the item's name.
func (c *Client) Deliver(ctx context.Context, d Delivery) (api.ID, error) {
	survey, err := d.Content.survey(ctx)
	if err != nil {
		return "", fmt.Errorf("deliver: %w", err)
	}
	item, err := c.dispatch(ctx, d, d.Content.source(survey), delivery.Replaced{}, "")
	if err != nil {
		return item, fmt.Errorf("deliver: %w", err)
	}
	return item, nil
}

// ErrBrought: something of that name was brought before.
var ErrBrought = errors.New("an item of this name was brought before: nothing was stored twice; ask how it stands")

// parcel is an item under its key.
type parcel struct {
	key    envelope.FileKey
	nonce  [envelope.NonceSize]byte
	salt   []byte // of the key
	header []byte
	src    source
}

func (c *Client) dispatch(ctx context.Context, d Delivery, src source, replaces delivery.Replaced, erasure string) (api.ID, error) {
	if c.program == nil {
		return "", errors.New("only a partner's program delivers: sign in with its key")
	}
	if d.Begun != nil {
		d.Item = d.Begun.Item
	}
	if d.Item == "" {
		var err error
		if d.Item, err = c.NewItem(); err != nil {
			return "", err
		}
	}
	p, err := c.pack(d, src)
	if err != nil {
		return "", err
	}
	defer p.key.Wipe()
	sealed, err := p.seal(ctx, io.Discard)
	if err != nil {
		return "", err
	}
	note, err := c.noteFor(ctx, d, p, sealed, replaces)
	if err != nil {
		return "", err
	}
	header := http.Header{}
	header.Set(api.HeaderTray, d.To.Code)
	header.Set(api.HeaderSealed, b64(p.header))
	header.Set(api.HeaderDelivery, note)
	if erasure != "" {
		header.Set(api.HeaderErasure, erasure)
	}
	return d.Item, c.bringParcel(ctx, d, p, sealed.Size, header)
}

// bringParcel sends what was sealed, in one request where it fits into one.
func (c *Client) bringParcel(ctx context.Context, d Delivery, p *parcel, length int64, header http.Header) error {
	path, stream := "/v1/deliveries/"+string(d.Item), func(ctx context.Context) (io.ReadCloser, error) { return p.stream(ctx), nil }
	if length > api.MaxWholeItem {
		if d.Began != nil && p.salt != nil {
			if err := d.Began(BegunItem{Item: d.Item, Salt: p.salt, Header: p.header, Note: header.Get(api.HeaderDelivery)}); err != nil {
				return err
			}
		}
		return c.bringLarge(ctx, bringing{path: path, header: header, length: length, payload: stream, line: &transfer{watch: d.Content.Watch}})
	}
	return c.bringItem(ctx, call{method: http.MethodPut, path: path, header: header, length: length, stream: func() (io.ReadCloser, error) { return stream(ctx) }})
}

// bringItem sends an item. The name makes it once, so it may be sent again.
func (c *Client) bringItem(ctx context.Context, r call) error {
	r.signed, r.repeat = true, true
	var answer api.Brought
	err := c.json(ctx, r, &answer)
	if isProblem(err, api.ProblemConflict) {
		return ErrBrought
	}
	return err
}

// seal writes the payload.
func (p *parcel) seal(ctx context.Context, dst io.Writer) (envelope.Sealed, error) {
	plain, from, err := p.src.open(ctx, 0)
	if err != nil {
		return envelope.Sealed{}, err
	}
	defer from.Close()
	return envelope.Seal(dst, plain, p.key, p.nonce, runtime.GOMAXPROCS(0))
}

// stream seals into the line.
func (p *parcel) stream(ctx context.Context) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		_, err := p.seal(ctx, w)
		_ = w.CloseWithError(err) // never fails; nil is an ordinary end
	}()
	return r
}

// noteOf signs for what was sealed. The day is the vault's.
func (c *Client) noteOf(ctx context.Context, d Delivery, p *parcel, sealed envelope.Sealed, replaces delivery.Replaced) (string, error) {
	me, err := c.Partner(ctx)
	if err != nil {
		return "", err
	}
	commit := envelope.Commit(p.key, sealed.SHA256)
	n := delivery.Note{Issuer: string(c.program.client), Vault: c.vault.String(), Partner: me.Partner, Client: c.program.client, Item: d.Item,
		RecipientSHA256: hashOf(d.To.Recipient), Length: sealed.Size, PayloadSHA256: b64(sealed.SHA256[:]), Commit: b64(commit[:]),
		HeaderSHA256: api.HashOf(p.header).String(), Assurance: delivery.PartnerDevice, Day: statement.DayOf(c.time()), Consultation: d.Consultation, Replaces: replaces}
	if d.Gateway {
		n.Assurance = delivery.Gateway
	}
	return delivery.Sign(n, c.program.key)
}

func hashOf(text string) string { return api.HashOf([]byte(text)).String() }

// DeliverPlain hands plaintext over to be sealed by the vault, in memory, as it
// arrives, where the vault allows it. Whoever runs the vault could read it in that
// moment, and the item says so for ever. Prefer Deliver.
func (c *Client) DeliverPlain(ctx context.Context, d Delivery) (api.ID, error) {
	info, err := d.Content.Info.Encode()
	if err != nil {
		return "", fmt.Errorf("deliver: %w", err)
	}
	if d.Item == "" {
		if d.Item, err = c.NewItem(); err != nil {
			return "", fmt.Errorf("deliver: %w", err)
		}
	}
	header := http.Header{}
	header.Set(api.HeaderTray, d.To.Code)
	header.Set(api.HeaderPart, b64(info))
	if d.Consultation != "" {
		header.Set(api.HeaderConsultation, string(d.Consultation))
	}
	err = c.bringItem(ctx, call{method: http.MethodPut, path: "/v1/deliveries/" + string(d.Item) + "/plaintext", header: header, length: d.Content.Size, stream: whole(d.Content)})
	if err != nil {
		return d.Item, fmt.Errorf("deliver: %w", err)
	}
	return d.Item, nil
}

// Deliveries gives what changed behind a place in the partner's list, and the place
// to go on from later. The first place is empty.
func (c *Client) Deliveries(ctx context.Context, after string) (out []api.Delivery, next string, err error) {
	path, next := "/v1/deliveries", after
	if after != "" {
		path += "?after=" + after
	}
	err = pages(ctx, c, path, func(page api.Deliveries) int {
		out, next = append(out, page.Deliveries...), page.Next
		return len(page.Deliveries)
	})
	if err != nil {
		return out, next, fmt.Errorf("follow deliveries: %w", err)
	}
	return out, next, nil
}

// Delivery says how one item stands.
func (c *Client) Delivery(ctx context.Context, item api.ID) (*api.Delivery, error) {
	out := new(api.Delivery)
	if err := c.get(ctx, "/v1/deliveries/"+string(item), out); err != nil {
		return nil, fmt.Errorf("follow a delivery: %w", err)
	}
	return out, nil
}

// Acknowledge says that the partner has heard that consent to an item was withdrawn,
// and uses nothing of it any more.
func (c *Client) Acknowledge(ctx context.Context, item api.ID) (*api.Delivery, error) {
	out := new(api.Delivery)
	if err := c.post(ctx, "/v1/deliveries/"+string(item)+"/acknowledgements", api.Empty{}, out); err != nil {
		return nil, fmt.Errorf("acknowledge a withdrawal: %w", err)
	}
	return out, nil
}
