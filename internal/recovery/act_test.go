package recovery_test

import (
	"context"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// append accepts a statement that names no testimony.
func (w *world) append(s *statement.Statement) func(context.Context, store.Tx) error {
	return func(ctx context.Context, tx store.Tx) error { return w.Ledger.Append(ctx, tx, nil, s) }
}

// answers is a trustee's word.
func (w *world) answers(i int, answer string) {
	w.T.Helper()
	hash := w.recovery.Hash()
	s := w.trustees[i].Sign(statement.Trust{Of: w.recovery.ID, OfSHA256: statement.B64(hash[:]), Answer: answer})
	_, err := w.recoveries.Answer(w.T.Context(), w.trustees[i].Caller, w.recovery.ID, s.Compact(), nil)
	w.must(err)
}

// rekeys hands her account over to a key of somebody else.
func (w *world) rekeys() {
	w.T.Helper()
	next := w.Stranger()
	w.must(w.DB.Update(w.T.Context(), func(ctx context.Context, tx store.Tx) error {
		head, err := w.Ledger.Head(ctx, tx, w.her.ID)
		if err != nil {
			return err
		}
		body, err := statement.Prove(next.PrivateKey(), next.Recipient, w.Vault, w.her.ID, head)
		if err != nil {
			return err
		}
		return w.Ledger.Rekey(ctx, tx, w.her.ID, func(id.ID) (*shred.Key, error) { return nil, nil }, w.her.SignAt(head, body))
	}))
}
