package client

import (
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// ContentLabels are the words by which she can tell a reader, before anything is
// opened, what a testimony holds.
func ContentLabels() []string { return envelope.Labels() }

// sealLabels seals what she says of the content to the reader's own key. Saying nothing
// is sealed too: that she said something is not to be seen.
func (c *Client) sealLabels(o Offer, r *Researcher) (string, error) {
	if o.again != nil {
		if kept := labelsAgain(o.again, r); kept != "" {
			return kept, nil
		}
	}
	to, err := postQuantum(r.Recipient)
	if err != nil {
		return "", err
	}
	file, err := envelope.SealLabels(slices.Compact(slices.Sorted(slices.Values(o.Labels))), to, c.rand)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return base64.RawURLEncoding.EncodeToString(file), nil
}

// labelsAgain are the labels of a grant that is made anew. Only its reader can open
// them, so they go on as they are, for the key that they were sealed to.
func labelsAgain(hers *statement.Grant, r *Researcher) string {
	if hers.RecipientSHA256 != api.HashOf([]byte(r.Recipient)).String() {
		return ""
	}
	return hers.Labels
}

// takeLabels opens what she says of the content. It is in her statement, so no vault
// can add a word or leave one out. What does not open keeps nothing from being read:
// it is told as a doubt.
func (c *Client) takeLabels(r *Received, body *statement.Grant) {
	if body.Labels == "" {
		return
	}
	file, err := base64.RawURLEncoding.DecodeString(body.Labels)
	if err == nil {
		r.Labels, err = envelope.OpenLabels(file, c.keys)
	}
	if err != nil {
		r.LabelsErr = fmt.Errorf("what she says of the content cannot be read: %w", err)
	}
}
