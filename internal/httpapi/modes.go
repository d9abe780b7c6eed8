package httpapi

import (
	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/idempotency"
)

// setMode switches a testimony between listening and evidence.
func (t *Testimonies) setMode(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	id, err := r.ID("testimony")
	if err != nil {
		return api.Accepted{}, err
	}
	out, err := t.Vault.SetMode(r.Context(), r.Caller, id, in.Statement, one(keep, accepted))
	return accepted(out), err
}
