package grant_test

import (
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// A testimony has so many grants and no more; revoking makes room.
func TestATestimonyHasALimitOfGrants(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		w.Grants.PerTestimony = 2
		tid := w.Create(w.Her)
		part := sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))}
		first := w.Grant(tid, part)
		w.Grant(tid, part)
		body, headers := w.GrantBody(tid, part)
		if _, _, err := w.Grants.Grant(t.Context(), w.Her.Caller, tid, w.Her.Sign(body).Compact(), headers, nil); !errors.Is(err, grant.ErrLimit) {
			t.Fatalf("a third grant: %v, want ErrLimit", err)
		}
		w.Revoke(tid, first)
		w.Grant(tid, part)
	})
}
