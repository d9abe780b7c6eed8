package trialtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/agefile"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/release/machine"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Seen is what of a trial stands in rows and feeds.
type Seen struct {
	Paused    bool
	Suspended bool
	On        [machine.Testimonies]Told
	Grants    [machine.Grants]Granted
}

// Told is a testimony.
type Told struct {
	Paused, Erased bool
	Openings       int // in her feed
}

// Granted is a grant.
type Granted struct {
	Given, Revoked, Held bool
	Testimony            uint8
	machine.Terms
	Live  bool // as her list shows it
	Parts [machine.Parts]Part
}

// Part is a part of a grant.
type Part struct {
	Header  bool
	Reads   uint8
	Session machine.Second // until when an opening of what is there now goes on; 0: none does
}

// Project is what of a state can be seen.
func Project(s machine.State) Seen {
	out := Seen{Paused: s.Paused, Suspended: s.Suspended}
	for n, t := range s.Testimonies {
		out.On[n] = Told{Paused: t.Paused && !t.Erased, Erased: t.Erased}
	}
	for n, g := range s.Grants {
		if !g.Given {
			continue
		}
		seen := Granted{Given: true, Revoked: g.Revoked, Held: g.Held, Testimony: g.Testimony, Terms: g.Terms}
		for i, p := range g.Parts {
			seen.Parts[i] = Part{Header: p.Header, Reads: p.Reads}
			if p.Header && s.Now < p.Until {
				seen.Parts[i].Session = p.Until
			}
			seen.Live = seen.Live || s.Decide(uint8(n), uint8(i)) == release.Live
			if !out.On[g.Testimony].Erased {
				out.On[g.Testimony].Openings += int(p.Reads)
			}
		}
		out.Grants[n] = seen
	}
	return out
}

// See looks at the service.
func (t *Trial) See() (Seen, error) {
	var out Seen
	err := t.DB.View(t.ctx(), func(ctx context.Context, tx store.Tx) error {
		out = Seen{}
		for n := range t.testimonies {
			if err := t.seeTestimony(ctx, tx, n, &out); err != nil {
				return fmt.Errorf("look at testimony %d: %w", n, err)
			}
		}
		for n := range t.grants {
			if err := t.seeGrant(ctx, tx, n, &out.Grants[n]); err != nil {
				return fmt.Errorf("look at grant %d: %w", n, err)
			}
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	return out, t.seeLists(&out)
}

func (t *Trial) seeTestimony(ctx context.Context, tx store.Tx, n int, out *Seen) error {
	count := func(into *bool, query string, args ...any) error {
		var found int
		err := tx.QueryRowContext(ctx, query, args...).Scan(&found)
		*into = found > 0
		return err
	}
	who, tid := string(t.Her.ID), string(t.testimonies[n])
	accreditation, err := statement.Hash32(t.Accreditation)
	if err != nil {
		return err
	}
	for _, err := range []error{
		count(&out.Paused, "SELECT count(*) FROM pauses WHERE account = $1 AND testimony = ''", who),
		count(&out.Suspended, "SELECT count(*) FROM accreditations WHERE id = $1 AND suspended_day IS NOT NULL", accreditation[:]),
		count(&out.On[n].Paused, "SELECT count(*) FROM pauses WHERE account = $1 AND testimony = $2", who, tid),
		count(&out.On[n].Erased, "SELECT count(*) FROM testimonies WHERE id = $1 AND erased = 1", tid),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *Trial) seeGrant(ctx context.Context, tx store.Tx, n int, out *Granted) error {
	rows, err := tx.QueryContext(ctx, `SELECT g.testimony, g.revoked_day IS NOT NULL, g.held, g.from_s, g.until_s, g.max_reads, p.n, p.header IS NOT NULL, p.reads
		FROM grants AS g JOIN grant_parts AS p ON p.grant_id = g.id WHERE g.id = $1 ORDER BY p.n`, string(t.grants[n]))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var testimony string
		var part, held, from, until, most, reads int64
		var header bool
		if err := rows.Scan(&testimony, &out.Revoked, &held, &from, &until, &most, &part, &header, &reads); err != nil {
			return err
		}
		out.Given, out.Held = true, held != 0
		out.Terms = machine.Terms{From: t.modelled(from), Until: t.modelled(until), Max: uint8(most)}
		out.Parts[part-1].Header, out.Parts[part-1].Reads = header, uint8(reads)
		for i, tid := range t.testimonies {
			if string(tid) == testimony {
				out.Testimony = uint8(i)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return t.seeSessions(ctx, tx, n, out)
}

// seeSessions finds the sessions of the very file that would be served now.
func (t *Trial) seeSessions(ctx context.Context, tx store.Tx, n int, out *Granted) error {
	rows, err := tx.QueryContext(ctx, `SELECT o.n, o.until_s, o.etag, gp.header_sha256, p.payload_sha256
		FROM openings AS o JOIN grant_parts AS gp ON gp.grant_id = o.grant_id AND gp.n = o.n JOIN parts AS p ON p.testimony = gp.testimony AND p.n = gp.n
		WHERE o.grant_id = $1 AND o.until_s > $2 AND gp.header IS NOT NULL`, string(t.grants[n]), t.Clock.Now().Unix())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var part, until int64
		var etag, header, payload []byte
		if err := rows.Scan(&part, &until, &etag, &header, &payload); err != nil {
			return err
		}
		if tag := agefile.Tag(header, payload); bytes.Equal(etag, tag[:]) {
			out.Parts[part-1].Session = max(out.Parts[part-1].Session, t.modelled(until))
		}
	}
	return rows.Err()
}

// seeLists asks what she is shown: her list of grants and her feed.
func (t *Trial) seeLists(out *Seen) error {
	for n, tid := range t.testimonies {
		if out.On[n].Erased {
			continue
		}
		list, err := t.Grants.List(t.ctx(), t.Her.Caller, tid, 0, 100)
		if err != nil {
			return err
		}
		for _, given := range list {
			for g := range t.grants {
				if t.grants[g] == given.ID {
					out.Grants[g].Live = given.State == release.Live
				}
			}
		}
		events, _, err := t.Feed.Read(t.ctx(), t.Her.ID, tid, 0, 1000)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Kind == custody.Opened {
				out.On[n].Openings++
			}
		}
	}
	return nil
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return statement.B64(h[:])
}

func reader(b []byte) io.Reader { return bytes.NewReader(b) }
