package testimony_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// Whatever she does and whatever fails in the middle of it, what is counted against
// her is the length of her parts and of her uploads under way: neither does an act
// that was refused cost her anything, nor does giving up twice give twice.
func TestWhatIsCountedIsWhatIsThere(t *testing.T) {
	under(t, 300_000, func(u *upload) {
		u.Vault.Limits.Bytes = 3 << 20
		q := &quota{upload: u, random: rand.New(rand.NewPCG(7, 11)), slots: map[int64]testimonytest.Sealed{1: u.sealed}, parts: map[int64]testimonytest.Sealed{}}
		refused := 0
		for step := range 60 {
			u.blobs.Next(blobtest.OpPut, []blobtest.Fault{blobtest.None, blobtest.None, blobtest.FailedNotDone, blobtest.FailedButDone}[q.random.IntN(4)])
			if err := q.act(int64(1 + q.random.IntN(5))); err != nil {
				refused++
			}
			if counted, there := q.sums(); counted != there {
				t.Fatalf("after step %d %d bytes are counted, and %d are there", step, counted, there)
			}
		}
		if refused == 0 || refused == 60 {
			t.Errorf("%d of 60 acts were refused: the test does not try both", refused)
		}
		u.Erase(u.tid)
		if counted, there := q.sums(); counted != 0 || there != 0 {
			t.Errorf("after an erasure %d bytes are counted, and %d are there", counted, there)
		}
	})
}

// quota does this and that with the parts and uploads of one testimony.
type quota struct {
	*upload
	random       *rand.Rand
	slots, parts map[int64]testimonytest.Sealed
}

func (q *quota) act(n int64) error {
	ctx, her := q.t.Context(), q.Her.Caller
	slot, begun := q.slots[n]
	_, added := q.parts[n]
	switch q.random.IntN(7) {
	case 0, 1: // also again, and beside a part, as a re-lock begins
		s := q.Seal(make([]byte, 100_000+q.random.IntN(900_000)), q.Her.Recipient)
		_, err := q.Vault.Put(ctx, her, q.tid, testimony.NewPart{Statement: q.Her.Sign(testimonytest.BeginStatement(q.tid, n, s)).Compact(), Header: s.Header}, nil)
		if err == nil {
			q.slots[n] = s
		}
		return err
	case 2:
		delete(q.slots, n)
		return q.Vault.Terminate(ctx, her, q.tid, n)
	case 3:
		q.Clock.Forward(11 * 24 * time.Hour)
		return q.Vault.Expire(ctx, 10*24*time.Hour)
	}
	if !begun {
		return testimony.ErrNotFound
	}
	if err := q.fill(n, slot); err != nil || added {
		return err
	}
	_, err := q.Vault.Add(ctx, her, q.tid, n, q.Her.Sign(testimonytest.AddStatement(q.tid, n, slot.Binding())).Compact(), nil)
	if err == nil {
		q.parts[n] = slot
		delete(q.slots, n)
	}
	return err
}

// fill brings what is missing of an upload.
func (q *quota) fill(n int64, s testimonytest.Sealed) error {
	ctx, her := q.t.Context(), q.Her.Caller
	now, err := q.Vault.Progress(ctx, her, q.tid, n)
	if err != nil {
		return err
	}
	return q.Vault.Receive(ctx, her, q.tid, n, testimony.Incoming{Offset: now.Received, Body: bytes.NewReader(s.Payload[now.Received:])})
}

// sums are what is counted against her, and the length of all that there is.
func (q *quota) sums() (counted, there int64) {
	q.t.Helper()
	q.must(q.DB.View(q.t.Context(), func(ctx context.Context, tx store.Tx) error {
		if err := tx.QueryRowContext(ctx, "SELECT bytes FROM accounts WHERE id = $1", string(q.Her.Caller.ID)).Scan(&counted); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT CAST((SELECT COALESCE(SUM(length), 0) FROM parts) + (SELECT COALESCE(SUM(length), 0) FROM uploads) AS BIGINT)`).Scan(&there)
	}))
	return counted, there
}
