package app

import (
	"context"
	"slices"

	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/collection"
	"github.com/relatingfield/vault/internal/consultation"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/webhook"
)

// holdForOthers makes what keeps the things that partners bring and hold.
func (v *vault) holdForOthers() {
	c := v.cfg.Trays
	v.trays = &tray.Trays{
		DB: v.db, Payloads: v.payloads, Ledger: v.ledger, Keys: v.shred, Vault: v.testimonies, Journal: v.journal,
		ReceiptKey: v.receiptKey, Now: v.app.Now, Rand: v.app.Rand,
		Limits: tray.Limits{
			Trays: int64(c.PerAccount), Items: int64(c.Items), TrayBytes: int64(c.Bytes), PartnerBytes: int64(c.PartnerBytes), ItemSize: int64(c.ItemSize),
			InlineMax: int64(v.cfg.Blobs.InlineMax), Term: c.Term, Keep: c.Keep, Acknowledge: c.AcknowledgeWithin, Unfinished: v.cfg.Uploads.Keep,
		},
		Partners: tray.Partners{
			Live: v.partners.Live, Collection: v.collectionOf, Consultation: v.takesFor, Tell: v.tellPartner, Heard: v.hooks.Acknowledge,
			Key: func(ctx context.Context, tx store.Tx, by tray.Bringer, kid id.Thumbprint) (*clientkey.Key, error) {
				return v.partners.SigningKey(ctx, tx, by.Partner, by.Client, kid)
			},
		},
	}
	v.collections = &collection.Collections{
		DB: v.db, Ledger: v.ledger, Accounts: v.accounts, Trays: v.trays, Vault: v.testimonies, Most: int64(c.Collections), Warn: c.Warn,
		Now: v.app.Now, Rand: v.app.Rand, Partners: collection.Partners{Live: v.partners.Live, Tell: v.tellPartner, Officer: v.officerOf},
	}
	v.consultations = &consultation.Consultations{
		DB: v.db, Ledger: v.ledger, Now: v.app.Now, Rand: v.app.Rand, Partners: consultation.Partners{
			Live: v.partners.Live, Officer: v.consultOfficer, Collection: v.collectionOf, Counted: v.trays.Calls,
		},
	}
	v.accounts.Brought = v.trays.OpenInvited
	v.grants.Withdrawn, v.grants.Origins = v.trays.Withdrawn, v.trays.CameTo
	// Counts are left to what was sealed anew before trays forget what it was sealed from.
	v.testimonies.Forget = append(v.testimonies.Forget, v.consultations.Forget, v.trays.Forget)
	v.testimonies.Rekeyed = v.trays.Leave
	v.testimonies.Collection = func(ctx context.Context, tx store.Tx, who id.Thumbprint) error {
		_, err := v.collections.Standing(ctx, tx, who)
		return err
	}
}

func (v *vault) collectionOf(ctx context.Context, tx store.Tx, who id.Thumbprint) (id.ID, error) {
	c, err := v.collections.Standing(ctx, tx, who)
	return c.Partner, err
}

// officerOf is the partner of an officer who may open collections.
func (v *vault) officerOf(ctx context.Context, tx store.Tx, who id.Thumbprint) (id.ID, int64, error) {
	p, err := v.partners.Officer(ctx, tx, who)
	if err != nil {
		return "", 0, err
	}
	for _, s := range p.Scopes {
		if s == statement.ScopeCollect {
			return p.ID, p.Until, nil
		}
	}
	return "", 0, collection.ErrNotFound
}

// takesFor is nil for a consultation that something may belong to.
func (v *vault) takesFor(ctx context.Context, tx store.Tx, partner, consultation id.ID) error {
	return v.consultations.Takes(ctx, tx, partner, consultation)
}

// consultOfficer is the partner of an officer who may open consultations.
func (v *vault) consultOfficer(ctx context.Context, tx store.Tx, who id.Thumbprint) (id.ID, error) {
	p, err := v.partners.Officer(ctx, tx, who)
	if err != nil {
		return "", err
	}
	if !slices.Contains(p.Scopes, statement.ScopeConsult) {
		return "", consultation.ErrNotFound
	}
	return p.ID, nil
}

// tellPartner puts an event into a partner's queue.
func (v *vault) tellPartner(ctx context.Context, tx store.Tx, partner id.ID, event string, about id.ID) error {
	return v.hooks.Put(ctx, tx, partner, webhook.Event{Type: webhook.Type(event), ID: about})
}
