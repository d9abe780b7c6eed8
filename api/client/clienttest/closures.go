package clienttest

import (
	"slices"
	"strconv"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// answerWithin is how long readers have to answer, in seconds after the day.
const answerWithin = 14 * statement.Day

// ended is what one statement ended of a grant.
type ended struct {
	by    *statement.Statement
	owner api.Account
	parts []statement.EndedPart
	day   int64
	reply *statement.Statement
}

// end ends all of a grant, or one part of it.
func (v *Vault) end(g *grant, owner api.Account, by *statement.Statement, n int64) bool {
	e := &ended{by: by, owner: owner, day: statement.DayOf(v.now())}
	for _, p := range g.body.Parts {
		if header, there := g.headers[p.N]; there && (n == 0 || n == p.N) {
			e.parts = append(e.parts, statement.EndedPart{N: p.N, HeaderSHA256: api.HashOf(header).String(), Payload: statement.PayloadStored})
			delete(g.headers, p.N)
		}
	}
	if len(e.parts) == 0 {
		return false
	}
	g.ended, g.revoked = append(g.ended, e), len(g.headers) == 0
	return true
}

// receipt is the vault's signed word for what has ended of a grant.
func (v *Vault) receipt(g *grant, e *ended) (string, error) {
	hash := e.by.Hash()
	said := statement.Revocation{Vault: v.ID.String(), Statement: statement.B64(hash[:]), Account: e.owner, Testimony: g.testimony, Grant: g.id,
		Grantee: g.body.Grantee, Parts: e.parts, Day: e.day, Fetched: []statement.Delivered{}}
	for _, o := range g.openings {
		if said.Has(o.N) {
			said.Fetched = append(said.Fetched, statement.Delivered(o))
		}
	}
	return statement.SignRevocation(v.receiptKey, said)
}

func (v *Vault) closure(g *grant, e *ended) api.Closure {
	out := api.Closure{Seq: e.by.Seq, State: api.ClosureNotified, Day: e.day, Due: e.day + statement.Day + answerWithin}
	for _, p := range e.parts {
		out.Parts = append(out.Parts, p.N)
	}
	if e.reply != nil {
		out.State, out.Reply = api.ClosureState(e.reply.Body.(*statement.Reply).Reply), e.reply.Compact()
	}
	fetched := slices.ContainsFunc(g.openings, func(o api.Opening) bool { return slices.Contains(out.Parts, o.N) })
	owes := out.State == api.ClosureNotified || out.State == api.ClosureAcknowledged && fetched
	if owes && v.now().Unix() >= out.Due {
		out.State = api.ClosureSilent
	}
	return out
}

func (v *Vault) closures(g *grant) []api.Closure {
	out := []api.Closure{}
	for _, e := range g.ended {
		out = append(out, v.closure(g, e))
	}
	return out
}

// silent says whether a reader owes anybody an answer.
func (v *Vault) silent(reader api.Account) bool {
	for _, g := range v.grants {
		late := func(c api.Closure) bool { return c.State == api.ClosureSilent }
		if g.body.Grantee == reader && slices.ContainsFunc(v.closures(g), late) {
			return true
		}
	}
	return false
}

func (v *Vault) withdraw(r *request, in api.Signed) (any, error) {
	s, body, a, err := said[*statement.Withdraw](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	out := &api.Withdrawn{Accepted: a}
	for _, id := range v.grantIDs {
		g := v.grants[id]
		t := v.testimonies[g.testimony]
		meant := (body.Testimony == "" || body.Testimony == g.testimony) && (body.Grantee == "" || body.Grantee == g.body.Grantee)
		if t == nil || t.owner != r.who || g.revoked || !meant || !v.end(g, r.who, s, body.N) {
			continue
		}
		out.Grants++
		v.note(t, api.EventRevoked, r.who, body.N, g.id)
	}
	return out, nil
}

func (v *Vault) listWithdrawals(r *request) (any, error) {
	all, err := v.withdrawals(r.who, func(*grant) bool { return true })
	if err != nil {
		return nil, err
	}
	after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if err != nil {
		return nil, refused{name: api.ProblemBadRequest}
	}
	return &api.Withdrawals{Withdrawals: slices.DeleteFunc(all, func(w api.Withdrawal) bool { return w.Seq <= after })}, nil
}

func (v *Vault) getWithdrawal(r *request) (any, error) {
	all, err := v.withdrawals(r.who, func(g *grant) bool { return string(g.id) == r.PathValue("g") })
	if err == nil && len(all) == 0 {
		err = notFound()
	}
	return &api.Withdrawals{Withdrawals: all}, err
}

func (v *Vault) withdrawals(who api.Account, which func(*grant) bool) ([]api.Withdrawal, error) {
	out := []api.Withdrawal{}
	for _, id := range v.grantIDs {
		g := v.grants[id]
		for _, e := range g.ended {
			if e.owner != who || !which(g) {
				continue
			}
			receipt, err := v.receipt(g, e)
			if err != nil {
				return nil, err
			}
			out = append(out, api.Withdrawal{Grant: id, Testimony: g.testimony, Grantee: g.body.Grantee, Closure: v.closure(g, e), Revocation: receipt})
		}
	}
	return out, nil
}

func (v *Vault) endings(r *request) (any, error) {
	out := &api.Endings{Endings: []api.Ending{}}
	for _, id := range v.grantIDs {
		g := v.grants[id]
		for _, e := range g.ended {
			if g.body.Grantee != r.who {
				continue
			}
			one := api.Ending{Grant: id, From: e.owner, StatementSHA256: api.HashOf([]byte(g.text)), Ended: e.by.Compact(), EndedSHA256: e.by.Hash(),
				Closure: v.closure(g, e), Fetched: []api.Opening{}, Rekeys: v.rekeys(e.owner)}
			if v.testimonies[g.testimony] != nil {
				one.Statement = g.text
			}
			for _, o := range g.openings {
				if slices.Contains(one.Parts, o.N) {
					one.Fetched = append(one.Fetched, o)
				}
			}
			out.Endings = append(out.Endings, one)
		}
	}
	return out, nil
}

func (v *Vault) reply(r *request, in api.Signed) (any, error) {
	g := v.grants[api.ID(r.PathValue("g"))]
	if g == nil || g.body.Grantee != r.who || len(g.ended) == 0 {
		return nil, notFound()
	}
	s, _, a, err := said[*statement.Reply](v, r.who, in.Statement)
	if err != nil {
		return nil, err
	}
	for _, e := range g.ended {
		e.reply = s
	}
	return &a, nil
}

// rekeys are an account's rekey statements.
func (v *Vault) rekeys(who api.Account) []string {
	return append([]string{}, v.accounts[who].rekeys...)
}
