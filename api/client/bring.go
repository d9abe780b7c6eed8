package client

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/statement"
)

// SealedItem is an item that was sealed before to the one it is for.
type SealedItem struct {
	Item    api.ID
	Tray    string // its code
	Note    string // as SignDelivery gave it
	Header  []byte
	Length  int64                     // of the payload
	Payload func() (io.Reader, error) // from its first byte, anew at each call
}

// SignDelivery makes the delivery note of an item, in the name of this program: who
// brings it, for which vault, and the day by the vault's clock are filled in.
func (c *Client) SignDelivery(ctx context.Context, n api.DeliveryNote) (string, error) {
	if c.program == nil {
		return "", fmt.Errorf("sign a delivery: %w", ErrProgram)
	}
	me, err := c.Partner(ctx)
	if err != nil {
		return "", fmt.Errorf("sign a delivery: %w", err)
	}
	n.Issuer, n.Vault, n.Partner, n.Client = string(me.Client), c.vault.String(), me.Partner, me.Client
	n.Day = statement.DayOf(c.time())
	note, err := delivery.Sign(n, c.program.key)
	if err != nil {
		return "", fmt.Errorf("sign a delivery: %w", err)
	}
	return note, nil
}

// BringSealed puts a sealed item into a tray. The same item with the same note again
// is answered as the first time, so it may be repeated whatever became of it. A
// vault that does not know the code, or no more, and one where the tray is not this
// partner's, answer ErrNotFound alike. An item that was brought with another note is ErrBrought.
func (c *Client) BringSealed(ctx context.Context, s SealedItem) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	header := http.Header{}
	header.Set(api.HeaderTray, s.Tray)
	header.Set(api.HeaderDelivery, s.Note)
	header.Set(api.HeaderSealed, b64(s.Header))
	if s.Length > api.MaxWholeItem {
		err := c.bringLarge(ctx, bringing{path: "/v1/deliveries/" + string(s.Item), header: header, length: s.Length, line: &transfer{},
			payload: func(context.Context) (io.ReadCloser, error) {
				r, err := s.Payload()
				return io.NopCloser(r), err
			}})
		if err != nil {
			return fmt.Errorf("bring an item: %w", err)
		}
		return nil
	}
	line := &transfer{c: c, length: s.Length}
	err := c.bringItem(ctx, call{method: http.MethodPut, path: "/v1/deliveries/" + string(s.Item), header: header, length: s.Length,
		stream: func() (io.ReadCloser, error) {
			r, err := s.Payload()
			if err != nil {
				return nil, err
			}
			return line.paced(io.NopCloser(r), stop), nil
		}})
	if err != nil {
		return fmt.Errorf("bring an item: %w", err)
	}
	return nil
}
