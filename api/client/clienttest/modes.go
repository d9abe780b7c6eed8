package clienttest

import (
	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

func (v *Vault) setMode(r *request, in api.Signed) (any, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, err
	}
	_, body, a, err := said[*statement.Mode](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	v.note(t, api.EventMode, r.who, 0, "")
	t.feed[len(t.feed)-1].Detail = body.Mode
	return &a, nil
}
