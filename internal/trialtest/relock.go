package trialtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/release/machine"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// of is the real testimony of a grant. One that was never given is on the first,
// and its name is nobody's.
func (t *Trial) of(a machine.Action) id.ID {
	t.about(a)
	var name string
	err := t.DB.View(t.ctx(), func(ctx context.Context, tx store.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT coalesce(max(testimony), '') FROM grants WHERE id = $1", string(t.grants[a.Grant])).Scan(&name)
	})
	if err != nil {
		t.T.Fatal(err)
	}
	if name == "" {
		return t.testimonies[0]
	}
	return id.ID(name)
}

// scope is the testimony that a pause or withdrawal names, or empty.
func (t *Trial) scope(a machine.Action) id.ID {
	if a.Scope == machine.OfAll {
		return ""
	}
	return t.testimonies[a.Testimony]
}

// relock seals a part anew for her and for every grant on it that is not over.
func (t *Trial) relock(_ *Node, a machine.Action, f Fault) error {
	tid, n := t.testimonies[a.Testimony], int64(a.Part+1)
	old := t.sealed[a.Testimony][a.Part]
	next := t.Seal(old.Plain[:50], t.Her.Recipient)
	begin := t.Her.Sign(statement.Begin{Testimony: tid, N: n, HeaderSHA256: sum(next.Header), Nonce: statement.B64(next.Nonce[:]), Length: int64(len(next.Payload))})
	if _, err := t.Vault.Put(t.ctx(), t.Her.Caller, tid, testimony.NewPart{Statement: begin.Compact(), Header: next.Header}, nil); err != nil {
		return err
	}
	if err := t.Vault.Receive(t.ctx(), t.Her.Caller, tid, n, testimony.Incoming{Body: reader(next.Payload)}); err != nil {
		return err
	}
	live, err := t.live(tid, n)
	if err != nil {
		return err
	}
	b := next.Binding()
	body := statement.Relock{Testimony: tid, N: n, OldPayloadSHA256: old.Binding().PayloadSHA256, Length: b.Length, PayloadSHA256: b.PayloadSHA256,
		Commit: b.Commit, HeaderSHA256: b.HeaderSHA256, Grants: []statement.RelockedGrant{}}
	headers := make([]grant.Carried, 0, len(live))
	for _, g := range live {
		h := t.Head(next.Key, t.Reader.Recipient)
		body.Grants = append(body.Grants, statement.RelockedGrant{Grant: g, HeaderSHA256: sum(h)})
		headers = append(headers, grant.Carried{Grant: g, Header: h})
	}
	s := t.Her.Sign(body)
	err = t.twice(f, func() error {
		return second(t.Vault.Relock(t.ctx(), t.Her.Caller, testimony.Relocking{Testimony: tid, Statement: s.Compact(), Header: next.Header, Headers: headers}, t.end(f)))
	})
	return errors.Join(err, t.stands(a, next))
}

// stands takes the part that was sealed anew for hers where the vault has it: of a
// commit that nobody heard of, looking is the only way to know.
func (t *Trial) stands(a machine.Action, next testimonytest.Sealed) error {
	whole, err := t.Vault.Show(t.ctx(), t.Her.Caller, t.testimonies[a.Testimony])
	if errors.Is(err, testimony.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the part: %w", err)
	}
	for _, p := range whole.Parts {
		if p.N == int64(a.Part+1) && p.Binding == next.Binding() {
			t.sealed[a.Testimony][a.Part] = next
		}
	}
	return nil
}

// live lists the grants on a part that are neither revoked nor over, as her client
// would find them.
func (t *Trial) live(tid id.ID, n int64) (out []id.ID, err error) {
	seen, err := t.See()
	if err != nil {
		return nil, fmt.Errorf("look at grants: %w", err)
	}
	now := t.modelled(t.Clock.Now().Unix())
	for g, s := range seen.Grants {
		if s.Given && !s.Revoked && s.Until > now && s.Parts[n-1].Header && t.testimonies[s.Testimony] == tid {
			out = append(out, t.grants[g])
		}
	}
	slices.SortFunc(out, cmp.Compare[id.ID])
	return out, nil
}
