package clienttest

import (
	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// holder is the account that a key is good for, or one that has nothing.
func (v *Vault) holder(key api.Account) api.Account {
	for who, a := range v.accounts {
		if a.key == key {
			return who
		}
	}
	return "nobody " + key
}

// rekey hands an account over. It believes that everything was wrapped.
func (v *Vault) rekey(r *request, in api.Rekey) (any, error) {
	a := v.accounts[r.who]
	if a == nil || len(in.Statements) != len(in.Testimonies)+1 {
		return nil, refused{name: api.ProblemEnrolFirst}
	}
	first, err := statement.Parse(in.Statements[0])
	if err != nil || first.Issuer != a.signer {
		return nil, refused{name: api.ProblemStatementRefused}
	}
	next, err := first.Successor(r.who)
	if err != nil || a.key != a.signer && a.key != next {
		return nil, refused{name: api.ProblemStatementRefused}
	}
	if head := a.head(); !head.Of().Follows(first) {
		return nil, refused{name: api.ProblemChainConflict, head: &head}
	}
	a.key = a.signer
	out := &api.Rekeyed{Account: r.who}
	for i, text := range in.Statements {
		_, accepted, err := v.accept(r.who, text)
		if err != nil {
			return nil, err
		}
		if out.Accepted = append(out.Accepted, accepted); i == 0 {
			a.key, a.signer, a.rekeys = next, next, append(a.rekeys, text)
			continue
		}
		v.wrapped(in.Testimonies[i-1], text)
	}
	return out, nil
}

func (v *Vault) wrapped(in api.Rewrapped, text string) {
	t := v.testimonies[in.Testimony]
	t.card, t.slots = in.Card, map[int64]*part{}
	s, err := statement.Parse(text)
	if err != nil {
		return
	}
	for i, p := range s.Body.(*statement.Rewrap).Parts {
		t.parts[p.N].header, t.parts[p.N].HeaderSHA256 = in.Headers[i], api.HashOf(in.Headers[i])
	}
}

// Forget makes the vault one that was restored from before an account changed its
// key: the chain and what hangs on it are as they were, and the old key is void.
func (v *Vault) Forget(who, key api.Account) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.accounts[who].key = key
}

// recipient is that of the account's newest key.
func (a *account) recipient() (string, error) {
	text := a.chain[0].Statement
	if n := len(a.rekeys); n > 0 {
		text = a.rekeys[n-1]
	}
	s, err := statement.Parse(text)
	if err != nil {
		return "", err
	}
	if body, ok := s.Body.(*statement.Rekey); ok {
		return body.Recipient, nil
	}
	return s.Body.(*statement.Key).Recipient, nil
}
