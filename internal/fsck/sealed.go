package fsck

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/relatingfield/vault/internal/fsck/fsckdb"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// few is how many testimonies, with all that is sealed in their rows but payloads, one
// look takes.
const few = 20

// sealed opens what is sealed in rows and compares it with its digest: headers, cards,
// the feed, and with Deep the payloads that are small enough for a row.
func (r *run) sealed(ctx context.Context) error {
	if err := r.each(ctx, (*fsckdb.Queries).TestimoniesUpto, r.openTestimonies); err != nil {
		return err
	}
	return r.each(ctx, func(q *fsckdb.Queries, ctx context.Context, p fsckdb.TestimoniesUptoParams) ([]string, error) {
		return q.ItemsUpto(ctx, fsckdb.ItemsUptoParams(p))
	}, r.openItems)
}

// each goes through a table by few keys, with one snapshot for each few.
func (r *run) each(ctx context.Context, keys func(*fsckdb.Queries, context.Context, fsckdb.TestimoniesUptoParams) ([]string, error),
	open func(ctx context.Context, q *fsckdb.Queries, s span) ([]broken, error)) error {
	for after := ""; ; {
		var list []string
		var found []broken
		err := r.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			q := fsckdb.New(tx)
			if list, err = keys(q, ctx, fsckdb.TestimoniesUptoParams{After: after, Page: few}); err != nil || len(list) == 0 {
				return err
			}
			found, err = open(ctx, q, span{after, list[len(list)-1]})
			return err
		})
		if err != nil || len(list) == 0 {
			return err
		}
		after = list[len(list)-1]
		for _, b := range found {
			r.find(b.rule.fault, b.subject)
		}
	}
}

func damaged(f Fault, subject ...string) broken { return broken{rule{fault: f}, at(subject...)} }

func number(n int64) string { return strconv.FormatInt(n, 10) }

func (r *run) openTestimonies(ctx context.Context, q *fsckdb.Queries, s span) (out []broken, err error) {
	rows, err := q.Testimonies(ctx, fsckdb.TestimoniesParams(s))
	if err != nil {
		return nil, err
	}
	for _, t := range rows {
		if t.Erased != 0 {
			continue
		}
		key, err := r.Keys.Of(t.ShredKey)
		if err != nil {
			out = append(out, damaged(RowDamaged, t.ID))
			continue
		}
		if !opens(key, "card", nil, t.Card) {
			out = append(out, damaged(RowDamaged, t.ID))
		}
		for _, look := range []func(context.Context, *fsckdb.Queries, *shred.Key, string) ([]broken, error){r.openParts, r.openGrants, r.openFeed} {
			more, err := look(ctx, q, key, t.ID)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
	}
	return out, nil
}

// opens tells whether a sealed value opens and, where its digest is known, is that.
func opens(key *shred.Key, label string, sum, sealed []byte) bool {
	if sum != nil {
		label += " " + statement.B64(sum)
	}
	plain, err := key.Open(label, sealed)
	got := sha256.Sum256(plain)
	return err == nil && (sum == nil || bytes.Equal(got[:], sum))
}

func (r *run) openParts(ctx context.Context, q *fsckdb.Queries, key *shred.Key, testimony string) (out []broken, err error) {
	rows, err := q.PartHeaders(ctx, testimony)
	if err != nil {
		return nil, err
	}
	for _, p := range rows {
		r.report.Looked["parts"]++
		good := opens(key, "header", p.HeaderSha256, p.Header)
		if good && r.how.Deep && !p.Blob.Valid {
			row, err := q.PartPayload(ctx, fsckdb.PartPayloadParams{Testimony: testimony, N: p.N})
			if err != nil {
				return nil, err
			}
			good = opens(key, "payload", row.PayloadSha256, row.Payload)
		}
		if !good {
			out = append(out, damaged(RowDamaged, testimony, number(p.N)))
		}
	}
	return out, nil
}

func (r *run) openGrants(ctx context.Context, q *fsckdb.Queries, key *shred.Key, testimony string) (out []broken, err error) {
	rows, err := q.GrantHeaders(ctx, testimony)
	if err != nil {
		return nil, err
	}
	for _, g := range rows {
		r.report.Looked["headers of grants"]++
		if !opens(key, "header", g.HeaderSha256, g.Header) {
			out = append(out, damaged(RowDamaged, g.GrantID, number(g.N)))
		}
	}
	return out, nil
}

// openFeed opens every event. That none is missing has been counted.
func (r *run) openFeed(ctx context.Context, q *fsckdb.Queries, key *shred.Key, testimony string) (out []broken, err error) {
	for after := int64(0); ; {
		rows, err := q.Events(ctx, fsckdb.EventsParams{Testimony: testimony, After: after, Page: page})
		if err != nil || len(rows) == 0 {
			return out, err
		}
		for _, e := range rows {
			r.report.Looked["events"]++
			plain, err := key.Open(fmt.Sprintf("event %d", e.Seq), e.Event)
			if err != nil || !json.Valid(plain) {
				out = append(out, damaged(CustodyDamaged, testimony, number(e.Seq)))
			}
			after = e.Seq
		}
	}
}

func (r *run) openItems(ctx context.Context, q *fsckdb.Queries, s span) (out []broken, err error) {
	rows, err := q.Items(ctx, fsckdb.ItemsParams(s))
	if err != nil {
		return nil, err
	}
	for _, i := range rows {
		key, err := r.Keys.Of(i.ShredKey)
		good := err == nil && opens(key, "header", i.HeaderSha256, i.Header)
		if good && r.how.Deep && !i.Blob.Valid {
			row, err := q.ItemPayload(ctx, i.ID)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return nil, err
			}
			good = err == nil && opens(key, "payload", row.PayloadSha256, row.Payload)
		}
		if !good {
			out = append(out, damaged(RowDamaged, i.ID))
		}
	}
	return out, nil
}
