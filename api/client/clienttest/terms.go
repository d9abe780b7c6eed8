package clienttest

import (
	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

func (v *Vault) renew(r *request, in api.Signed) (any, error) {
	_, body, a, err := said[*statement.Renew](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	g := v.grants[body.Grant]
	g.ask, g.answered = "", ""
	return v.retermed(r, g, body.Terms, in.Statement, api.EventRenewed, a)
}

func (v *Vault) narrow(r *request, in api.Signed) (any, error) {
	_, body, a, err := said[*statement.Narrow](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	return v.retermed(r, v.grants[body.Grant], body.Terms, in.Statement, api.EventNarrowed, a)
}

func (v *Vault) retermed(r *request, g *grant, terms statement.Terms, text string, kind api.EventKind, a api.Accepted) (any, error) {
	g.terms, g.changed = terms, text
	v.note(v.testimonies[g.testimony], kind, r.who, 0, g.id)
	return &a, nil
}

// ask shows every request at once: what a vault keeps back no client can see.
func (v *Vault) ask(r *request, in api.Signed) (any, error) {
	g := v.grants[api.ID(r.PathValue("g"))]
	if g == nil || g.body.Grantee != r.who || g.revoked {
		return nil, notFound()
	}
	_, _, a, err := said[*statement.Ask](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	g.ask = in.Statement
	return &a, nil
}

// hear keeps a reader's word that she was heard.
func (v *Vault) hear(r *request, in api.Signed) (any, error) {
	g := v.grants[api.ID(r.PathValue("g"))]
	if g == nil || g.body.Grantee != r.who || g.revoked {
		return nil, notFound()
	}
	_, _, a, err := said[*statement.Reply](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	g.heard = in.Statement
	return &a, nil
}

func (v *Vault) answerAsk(r *request, in api.Signed) (any, error) {
	t, err := v.own(r)
	if err != nil {
		return nil, err
	}
	_, body, a, err := said[*statement.Answer](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	v.grants[body.Grant].answered = in.Statement
	v.note(t, api.EventAnswered, r.who, 0, body.Grant)
	return &a, nil
}
