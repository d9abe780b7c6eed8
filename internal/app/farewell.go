package app

import (
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/roster"
)

// lookEvery is how soon a node sees a roster that another one took. A farewell counts in
// days, and was written thirty before it ends anything.
const lookEvery = time.Minute

// stage is where the stewards' farewell stands on this node. Where the vault has moved to,
// it serves.
func (v *vault) stage() roster.Stage {
	now := v.book.Latest()
	if now == nil || now.Farewell().Here(v.origins) {
		return roster.Serving
	}
	return now.Farewell().StageAt(v.app.Now())
}

// farewell is what every account is told of it, among what concerns all of its own.
func (v *vault) farewell() []api.Notice {
	now := v.book.Latest()
	if now == nil || now.Farewell() == nil {
		return nil
	}
	kind := api.NoticeClosing
	if now.Farewell().Kind == roster.Moving {
		kind = api.NoticeMoving
	}
	return []api.Notice{{Day: now.Day().Unix(), Kind: kind, Times: 1}}
}
