package app

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/httpapi"
	"github.com/relatingfield/vault/internal/id"
)

// What is served at a time. A request in memory takes some ten kilobytes beside
// its body, and bodies have a budget of their own: eight of the largest.
const (
	maxRequests = 1024
	bodyBudget  = 8
)

func (v *vault) limits() httpapi.Limits {
	l := v.cfg.Limits
	return httpapi.Limits{
		Bodies: bodyBudget * int64(l.Body), HeaderBytes: int(l.HeaderBytes), HeaderTimeout: l.HeaderTimeout,
		IdleTimeout: l.IdleTimeout, BytesPerSec: int64(l.MinBytesPerSecond), Stall: l.Stall, Requests: maxRequests, Connections: maxConnections(),
	}
}

// document is what the vault says about itself to everybody.
func (v *vault) document() api.Vault {
	l := v.cfg.Limits
	name, _ := api.ParseHash(v.id) // it was spelled by the roster
	out := api.Vault{
		VaultID: name, Practice: v.practice, Enrolment: api.Mode(v.cfg.Enrolment.Mode), OnArrival: v.cfg.OnArrival.Enabled,
		Limits: api.Limits{
			JSON: int64(l.Body), InlinePayload: int64(v.cfg.Blobs.InlineMax), Payload: int64(l.PartSize), Header: envelope.MaxHeader,
			Parts: int64(l.PartsPerTestimony), PartsAtOnce: httpapi.PartsAtOnce, Testimonies: int64(l.TestimoniesPerAccount),
			AccountBytes: int64(l.BytesPerAccount), StatementsPage: httpapi.StatementsPage,
		},
		Erasure: api.Erasure{BackupsDays: int64(v.cfg.Backups.Keep)},
		Time:    v.app.Now().Unix(),
		Canary:  v.words(),
	}
	for _, k := range v.keys.Receipt() {
		out.ReceiptKeys = append(out.ReceiptKeys, api.Bytes(k.Public()))
	}
	for _, l := range v.keys.Chain() {
		out.ReceiptChain = append(out.ReceiptChain, api.ReceiptLink{Key: api.Bytes(l.Key), From: l.From, Before: api.Bytes(l.Before), Signature: l.Signature})
	}
	return out
}

// tryTime bounds how long trying takes: whoever asks waits for less than readyTime.
const tryTime = 5 * time.Second

// ready tries what every acknowledgement needs: the database answers, and the
// object store takes an object and lets it go.
func (v *vault) ready(ctx context.Context) error { return v.trials.do(ctx) }

func (v *vault) try(ctx context.Context) error {
	if err := v.db.Ping(ctx); err != nil {
		return err
	}
	probe, err := id.New(v.app.Rand)
	if err != nil {
		return err
	}
	if err := v.blobs.Put(ctx, probe, 1, bytes.NewReader([]byte{0})); err != nil {
		return fmt.Errorf("try the object store: %w", err)
	}
	if err := v.blobs.Delete(ctx, probe); err != nil {
		return fmt.Errorf("try the object store: %w", err)
	}
	return nil
}
