// Package notice keeps what an account has to be told about everything of its
// own, and what no single testimony's feed would show: that somebody used her
// code, for example.
//
// Promises: a notice is written in the transaction of what it tells; there is one
// row a day and kind, however often it happens, so nobody can fill her list.
// Assumes: the account has enrolled. Does not: reach anybody. Nothing leaves the
// vault; she sees it when she comes (docs/threat-model.md: nothing reaches her).
package notice

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/notice/noticedb"
	"github.com/relatingfield/vault/internal/store"
)

// Kind is what happened.
type Kind string

// The kinds of notices.
const (
	Paused       Kind = "paused"         // everything, by her words
	PausedByCode Kind = "paused-by-code" // everything, by somebody who has her code
	Lifted       Kind = "lifted"         // the pause of everything, by her words
	Claimed      Kind = "claimed"        // somebody says that the account is theirs and the words are lost
	Recovered    Kind = "recovered"      // a claimant got the shares that make her words
)

// Notice is one of them. Times is how often it happened that day.
type Notice struct {
	Day   int64 // the first second of the day
	Kind  Kind
	Times int64
}

// Post tells an account something within tx.
func Post(ctx context.Context, tx store.Tx, account id.Thumbprint, kind Kind, day int64) error {
	err := noticedb.New(tx).Post(ctx, noticedb.PostParams{Account: string(account), Day: day, Kind: string(kind)})
	if err != nil {
		return fmt.Errorf("post a notice: %w", err)
	}
	return nil
}

// Newest gives at most limit notices of an account, the newest day first.
func Newest(ctx context.Context, tx store.Tx, account id.Thumbprint, limit int64) ([]Notice, error) {
	rows, err := noticedb.New(tx).Newest(ctx, noticedb.NewestParams{Account: string(account), Page: limit})
	if err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	out := make([]Notice, 0, len(rows))
	for _, r := range rows {
		out = append(out, Notice{r.Day, Kind(r.Kind), r.Times})
	}
	return out, nil
}
