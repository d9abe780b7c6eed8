package grant

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/relatingfield/vault/internal/agefile"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/store"
)

// facts are what the decision about a grant rests on, all read in tx. Reads are
// those of its least read part, and a session is that of any; whoever decides about
// one part puts in its own.
func (g *Grants) facts(ctx context.Context, tx store.Tx, grant id.ID) (release.Facts, error) {
	row, err := grantdb.New(tx).Standing(ctx, string(grant))
	if err != nil {
		return release.Facts{}, fmt.Errorf("read how a grant stands: %w", err)
	}
	f := release.Facts{
		Revoked: row.RevokedDay.Valid, Held: row.Held != 0, Paused: row.Pauses != 0,
		From: row.FromS, Until: row.UntilS, Reads: row.Reads, MaxReads: row.MaxReads,
	}
	if f.Accredited, err = g.Reader.Live(ctx, tx, row.Accreditation, id.Thumbprint(row.Grantee), g.Now().Unix()); err != nil {
		return f, err
	}
	if row.MaxReads > 0 && row.Reads >= row.MaxReads {
		if f.InSession, err = g.anySession(ctx, tx, grant, g.Now().Unix()); err != nil {
			return f, err
		}
	}
	if row.Policy.Valid {
		f.Policy, err = g.Policy(ctx, tx, id.ID(row.Policy.String))
	}
	return f, err
}

// state is how a grant stands now.
func (g *Grants) state(ctx context.Context, tx store.Tx, grant id.ID) (release.State, error) {
	f, err := g.facts(ctx, tx, grant)
	if err != nil {
		return "", err
	}
	return release.Decide(f, g.Now().Unix()), nil
}

// anySession says whether a session of any part goes on. One of a payload that
// was locked anew since does not.
func (g *Grants) anySession(ctx context.Context, tx store.Tx, grant id.ID, now int64) (bool, error) {
	sessions, err := grantdb.New(tx).Sessions(ctx, grantdb.SessionsParams{GrantID: string(grant), NowS: now})
	if err != nil || len(sessions) == 0 {
		return false, err
	}
	parts, err := grantdb.New(tx).InboxParts(ctx, string(grant))
	if err != nil {
		return false, fmt.Errorf("list parts of a grant: %w", err)
	}
	tags := map[int64][sha256.Size]byte{}
	for _, p := range parts {
		tags[p.N] = agefile.Tag(p.HeaderSha256, p.PayloadSha256)
	}
	for _, s := range sessions {
		if tag, ok := tags[s.N]; ok && bytes.Equal(tag[:], s.Etag) {
			return true, nil
		}
	}
	return false, nil
}
