package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/warning"
)

// Warning is the words that somebody is shown before a testimony is kept as
// evidence, and their language.
type Warning = warning.Text

// EvidenceWarning gives the words in a language, or in English where there are
// none in it. They are in this program: no vault decides what she reads.
func EvidenceWarning(language string) (Warning, error) { return warning.Evidence(language) }

// KeepAsEvidence switches a testimony to evidence mode, in which parts may say
// when, where and with what they were made. agree is shown the warning before
// anything is signed, and an error of it stops the act; the statement names exactly
// the words it was shown. There is no other way into evidence mode.
func (c *Client) KeepAsEvidence(ctx context.Context, t api.ID, language string, agree func(Warning) error) error {
	w, err := EvidenceWarning(language)
	if err == nil {
		err = agree(w)
	}
	if err != nil {
		return fmt.Errorf("keep as evidence: %w", err)
	}
	sum := w.SHA256()
	if err := c.setMode(ctx, statement.Mode{Testimony: t, Mode: statement.Evidence, WarningSHA256: b64(sum[:])}); err != nil {
		return fmt.Errorf("keep as evidence: %w", err)
	}
	return nil
}

// OnlyListen switches a testimony back to listening, which it began with. It is
// always possible. Parts that are there stay as they are.
func (c *Client) OnlyListen(ctx context.Context, t api.ID) error {
	if err := c.setMode(ctx, statement.Mode{Testimony: t, Mode: statement.Listening}); err != nil {
		return fmt.Errorf("back to listening: %w", err)
	}
	return nil
}

func (c *Client) setMode(ctx context.Context, m statement.Mode) error {
	_, err := c.sayOne(ctx, pathOf(m.Testimony)+"/modes", one(func(h *history) (statement.Body, error) {
		_, err := h.state(m.Testimony)
		return m, err
	}))
	return err
}
