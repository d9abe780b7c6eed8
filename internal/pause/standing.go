package pause

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/notice"
	"github.com/relatingfield/vault/internal/pause/pausedb"
	"github.com/relatingfield/vault/internal/store"
)

// maxNotices is how many notices she is shown: a year of them and more.
const maxNotices = 500

// Standing is what holds for an account as a whole.
type Standing struct {
	Pauses  []Paused // everything first
	Code    bool     // whether a code is good
	Notices []notice.Notice
}

// Paused is one pause. An empty Testimony is everything.
type Paused struct {
	Testimony id.ID
	ByCode    bool
}

// Standing gives what holds for the caller. A key that has not enrolled has
// nothing.
func (p *Pauses) Standing(ctx context.Context, caller account.Caller) (Standing, error) {
	var out Standing
	err := p.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = Standing{}
		q := pausedb.New(tx)
		rows, err := q.Standing(ctx, string(caller.ID))
		if err != nil {
			return fmt.Errorf("list pauses: %w", err)
		}
		for _, r := range rows {
			out.Pauses = append(out.Pauses, Paused{id.ID(r.Testimony), r.ByCode != 0})
		}
		codes, err := q.HasCode(ctx, string(caller.ID))
		if err != nil {
			return fmt.Errorf("look for a code: %w", err)
		}
		out.Code = codes > 0
		out.Notices, err = notice.Newest(ctx, tx, caller.ID, maxNotices)
		return err
	})
	return out, err
}

// Stands says within tx whether a testimony of owner's is paused, by itself or
// with everything. Trustees' votes ask it before they are taken.
func Stands(ctx context.Context, tx store.Tx, owner id.Thumbprint, testimony id.ID) (bool, error) {
	n, err := pausedb.New(tx).Stands(ctx, pausedb.StandsParams{Account: string(owner), Testimony: string(testimony)})
	if err != nil {
		return false, fmt.Errorf("look for a pause: %w", err)
	}
	return n > 0, nil
}
