package httpapi

import (
	"context"
	"net/url"
	"strconv"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/accreditation"
	"github.com/relatingfield/vault/internal/closure"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

func (p *People) statements(r *Request) (api.Chain, error) {
	after, err := r.After()
	if err != nil {
		return api.Chain{}, err
	}
	entries, head, err := p.Ledger.Page(r.Context(), p.DB, r.Caller.ID, after, pageSize)
	out := api.Chain{Head: api.Head{Seq: head.Seq, SHA256: head.Hash}}
	for _, e := range entries {
		entry := api.Entry{Seq: e.Seq, SHA256: e.Hash, Statement: e.Compact}
		if e.Compact == "" {
			entry.Testimony = e.Testimony
		}
		out.Statements = append(out.Statements, entry)
	}
	if err == nil && after == 0 {
		out.Erasures, err = p.Ledger.Displaced(r.Context(), p.DB, r.Caller.ID)
	}
	return out, err
}

func (p *People) applications(r *Request) (api.Applications, error) {
	after, err := r.afterAccount()
	if err != nil {
		return api.Applications{}, err
	}
	list, err := p.Accreditations.Waiting(r.Context(), r.Caller, after, pageSize)
	out := api.Applications{}
	for _, d := range list {
		out.Applications = append(out.Applications, api.Application{Key: d.Key, Apply: d.Apply, Accredit: d.Accredits})
	}
	r.nextAccount(list)
	return out, err
}

func (p *People) researchers(r *Request) (api.Researchers, error) {
	after, err := r.afterAccount()
	if err != nil {
		return api.Researchers{}, err
	}
	list, err := p.Accreditations.Researchers(r.Context(), r.Caller, after, pageSize)
	out := api.Researchers{}
	for _, d := range list {
		out.Researchers = append(out.Researchers, researcher(d))
	}
	r.nextAccount(list)
	return out, err
}

func (p *People) researcher(r *Request) (api.Researcher, error) {
	who, err := r.Account("account")
	if err != nil {
		return api.Researcher{}, err
	}
	d, err := p.Accreditations.Researcher(r.Context(), r.Caller, who)
	if err != nil {
		return api.Researcher{}, err
	}
	out := researcher(d)
	out.Silent, err = p.silent(r, who)
	return out, err
}

// silent says whether the vault would refuse a grant to them for what they owe.
func (p *People) silent(r *Request, who id.Thumbprint) (silent bool, err error) {
	err = p.DB.View(r.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		silent, err = closure.IsSilent(ctx, tx, who, p.Ledger.Now().Unix())
		return err
	})
	return silent, err
}

func researcher(d accreditation.Dossier) api.Researcher {
	return api.Researcher{Key: d.Key, Apply: d.Apply, Accredit: d.Accredits, Suspend: d.Suspends}
}

// After is the number behind which a list goes on; 0 from the beginning.
func (r *Request) After() (int64, error) {
	q, err := r.Query("after")
	if err != nil || q["after"] == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(q["after"], 10, 64)
	if err != nil || n < 0 {
		return 0, errBadRequest
	}
	return n, nil
}

// Next tells a client where a list that is longer than one answer goes on
// (RFC 8288).
func (r *Request) Next(after string) {
	r.Answer().Set("Link", "<"+r.echo.Request().URL.EscapedPath()+"?after="+url.QueryEscape(after)+`>; rel="next"`)
}

func (r *Request) afterAccount() (id.Thumbprint, error) {
	q, err := r.Query("after")
	if err != nil || q["after"] == "" {
		return "", err
	}
	who, err := id.ParseThumbprint(q["after"])
	if err != nil {
		return "", errBadRequest
	}
	return who, nil
}

func (r *Request) nextAccount(list []accreditation.Dossier) {
	if len(list) == pageSize {
		r.Next(string(list[len(list)-1].Account))
	}
}
