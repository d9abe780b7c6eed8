package client

import (
	"context"
	"fmt"
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
)

// Note is what a reader has noted about a part. Nobody signs a note: Err says that
// these keys do not open it, and what is opened may have been written by whoever knows
// the reader's recipient.
type Note struct {
	N    int64
	Text string
	Err  error
}

// Notes opens the reader's notes about the parts of a grant that stands. They end with
// the grant: what she takes back, the vault destroys the notes of.
func (c *Client) Notes(ctx context.Context, grant api.ID) ([]Note, error) {
	if c.keys == nil {
		return nil, fmt.Errorf("read notes: %w", ErrNoKeys)
	}
	var said api.ReaderNotes
	if err := c.get(ctx, "/v1/inbox/"+string(grant)+"/notes", &said); err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	out := make([]Note, len(said.Notes))
	for i, n := range said.Notes {
		out[i].N = n.N
		out[i].Text, out[i].Err = envelope.OpenNote(n.Sealed, c.keys)
	}
	return out, nil
}

// SetNote seals a note about a part to the reader's own keys and keeps it in the vault,
// in place of the one before. An empty text destroys it.
func (c *Client) SetNote(ctx context.Context, grant api.ID, n int64, text string) error {
	if c.keys == nil {
		return fmt.Errorf("keep note: %w", ErrNoKeys)
	}
	var note api.NewReaderNote
	if text != "" {
		to, err := c.self()
		if err != nil {
			return fmt.Errorf("keep note: %w", err)
		}
		if note.Sealed, err = envelope.SealNote(text, to, c.rand); err != nil {
			return fmt.Errorf("keep note: %w", err)
		}
	}
	r := call{method: http.MethodPut, path: fmt.Sprintf("/v1/inbox/%s/notes/%d", grant, n), body: note, signed: true, repeat: true}
	if err := c.json(ctx, r, new(api.ReaderNotes)); err != nil {
		return fmt.Errorf("keep note: %w", err)
	}
	return nil
}
