package grant_test

import (
	"testing"

	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/migrations"
)

// Withdrawing everything, with a thousand grants on ten testimonies.
func BenchmarkWithdrawingAThousandGrants(b *testing.B) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		b.Run(string(engine), func(b *testing.B) {
			w := testimonytest.New(b, storetest.Open(b, storetest.Fresh(b, engine, migrations.Files)))
			bodies, headers := make([]statement.Grant, 10), make([][][]byte, 10)
			for i := range bodies {
				tid := w.Create(w.Her)
				bodies[i], headers[i] = w.GrantBody(tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))})
			}
			for b.Loop() {
				b.StopTimer()
				for i := range 1000 {
					body := bodies[i%10]
					if _, _, err := w.Grants.Grant(b.Context(), w.Her.Caller, body.Testimony, w.Her.Sign(body).Compact(), headers[i%10], nil); err != nil {
						b.Fatal(err)
					}
				}
				all := w.Her.Sign(statement.Withdraw{}).Compact()
				b.StartTimer()
				if out, err := w.Grants.Withdraw(b.Context(), w.Her.Caller, all, nil); err != nil || out.Grants != 1000 {
					b.Fatal(out.Grants, err)
				}
			}
		})
	}
}
