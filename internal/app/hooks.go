package app

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tlsserve"
	"github.com/relatingfield/vault/internal/webhook"
)

// hookEvery is how often it is looked for what other nodes have left in the queue of
// webhooks; its own events a node sends at once.
const hookEvery = time.Second

// hook makes the queue of webhooks.
func (v *vault) hook(context.Context) error {
	w := v.cfg.Webhooks
	secrets, err := v.keys.MAC(webhook.Purpose)
	if err != nil {
		return err
	}
	ports, err := w.PortNumbers()
	if err != nil {
		return err
	}
	networks, err := w.Networks()
	if err != nil {
		return err
	}
	authorities, err := authorities(w.CAFile)
	if err != nil {
		return fmt.Errorf("read who may vouch for receivers of webhooks: %w", err)
	}
	v.partners.Halted = func(ctx context.Context, tx store.Tx, partner id.ID) error {
		return v.hooks.Put(ctx, tx, partner, webhook.Event{Type: webhook.Halted, ID: partner})
	}
	rules := webhook.Rules{Ports: ports, Refuse: networks, Local: w.IKnowReceiversAreHere}
	v.hooks = &webhook.Queue{
		DB: v.db, Roots: secrets, Rules: rules, Line: webhook.NewLine(rules, authorities, nil, webhook.Timeout), Journal: v.journal,
		Keep: w.Keep.Duration(), AckWithin: v.cfg.Trays.AcknowledgeWithin, Overlap: w.Overlap,
		Now: v.app.Now, Tick: time.Now, Rand: v.app.Rand, Log: v.log,
	}
	return nil
}

// authorities reads certificates; nil is whom the system trusts.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	return tlsserve.Authorities(file)
}
