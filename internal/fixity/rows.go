package fixity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/fixity/fixitydb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// rowsPage is how many rows one node takes at a time: with payloads inside, a few
// MiB.
const rowsPage = 32

// place names a part.
type place struct {
	testimony id.ID
	n         int64
}

// checkRows looks at what parts have in their own rows, oldest first: her header and,
// where it is small, the payload. There is no second copy of rows; a database has
// backups.
func (f *Fixity) checkRows(ctx context.Context, before int64) (int, error) {
	checked := 0
	for ctx.Err() == nil {
		places, err := f.claimRows(ctx, before)
		if err != nil {
			return checked, fmt.Errorf("check rows: %w", err)
		}
		for _, at := range places {
			if _, err := f.lookRow(ctx, at); err != nil {
				return checked, err
			}
			checked++
		}
		if len(places) < rowsPage {
			return checked, nil
		}
	}
	return checked, ctx.Err()
}

func (f *Fixity) claimRows(ctx context.Context, before int64) (out []place, err error) {
	due := func(ctx context.Context, tx store.Tx) ([]fixitydb.DueRowsRow, error) {
		return fixitydb.New(tx).DueRows(ctx, fixitydb.DueRowsParams{Before: before, NowS: f.Now().Unix(), Page: rowsPage})
	}
	var any bool
	err = f.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := due(ctx, tx)
		any = len(rows) > 0
		return err
	})
	if err != nil || !any {
		return nil, err
	}
	err = f.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		rows, err := due(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			until := fixitydb.ClaimRowParams{UntilS: f.Now().Add(claimTerm).Unix(), Testimony: r.Testimony, N: r.N, NowS: f.Now().Unix()}
			if _, err := fixitydb.New(tx).ClaimRow(ctx, until); err != nil {
				return err
			}
			out = append(out, place{id.ID(r.Testimony), r.N})
		}
		return nil
	})
	return out, err
}

// lookRow opens a row under its shred key and hashes what was sealed there.
func (f *Fixity) lookRow(ctx context.Context, at place) (State, error) {
	var row fixitydb.RowRow
	found := Intact
	err := f.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		row, err = fixitydb.New(tx).Row(ctx, fixitydb.RowParams{Testimony: string(at.testimony), N: at.n})
		if err != nil {
			return err
		}
		key, err := f.Keys.Load(ctx, tx, at.testimony)
		if err == nil && !whole(key, row) {
			found = Damaged
		}
		return err
	})
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, shred.ErrShredded) {
		return Good, nil // erased
	}
	if err != nil {
		return "", fmt.Errorf("check a row: %w", err)
	}
	return f.settleRow(ctx, at, row, found)
}

// whole tells whether what a row has sealed opens and is what it must be.
func whole(key *shred.Key, row fixitydb.RowRow) bool {
	opens := func(what string, sum, sealed []byte) bool {
		plain, err := key.Open(what+" "+statement.B64(sum), sealed)
		got := sha256.Sum256(plain)
		return err == nil && bytes.Equal(got[:], sum)
	}
	return opens("header", row.HeaderSha256, row.Header) && (row.Blob.Valid || opens("payload", row.PayloadSha256, row.Payload))
}

// settleRow writes down what was found, and says it when it is news.
func (f *Fixity) settleRow(ctx context.Context, at place, row fixitydb.RowRow, found Kind) (State, error) {
	damage, state, news := "", Good, custody.Kind("")
	switch {
	case found != Intact && !row.Damage.Valid:
		damage, state, news = string(found), Bad, custody.Damaged
	case found != Intact:
		damage, state = string(found), Bad
	case row.Damage.Valid: // somebody put the row back
		state, news = Healed, custody.Healed
	}
	err := f.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		n, err := fixitydb.New(tx).LookedAt(ctx, fixitydb.LookedAtParams{Day: f.today(), Damage: nullableText(damage), Testimony: string(at.testimony),
			N: at.n, PayloadSha256: row.PayloadSha256, HeaderSha256: row.HeaderSha256})
		if err != nil || n == 0 || news == "" {
			return err
		}
		return f.tellOf(ctx, tx, at.testimony, at.n, news)
	})
	if err != nil {
		return "", fmt.Errorf("write down a check: %w", err)
	}
	if state == Bad {
		f.Log.Error("a part's row in the database is damaged; only a backup of the database has it")
	}
	return state, nil
}
