package fsck

import (
	"context"
	"database/sql"
	"errors"

	"github.com/relatingfield/vault/internal/fsck/fsckdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// entries is how many statements one look reads.
const entries = 200

// chains verifies every chain of statements and holds what they say of parts and
// grants against the rows.
func (r *run) chains(ctx context.Context) error {
	for after := ""; ; {
		var list []string
		err := r.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			list, err = fsckdb.New(tx).ChainsUpto(ctx, fsckdb.ChainsUptoParams{After: after, Page: page})
			return err
		})
		if err != nil || len(list) == 0 {
			return err
		}
		after = list[len(list)-1]
		for _, account := range list {
			if err := r.chain(ctx, id.Thumbprint(account)); err != nil {
				return err
			}
		}
	}
}

// place names a part.
type place struct {
	testimony id.ID
	n         int64
}

// walked is one account's chain, and what it says that there must be.
type walked struct {
	*run
	account id.Thumbprint
	walk    *statement.Walk
	parts   map[place]statement.Binding
	found   []broken
	broken  bool
	done    bool
}

// chain walks a chain to its end. The end, and the parts that it says there are, are
// seen in one snapshot, so whatever she does meanwhile is either in both or in neither.
func (r *run) chain(ctx context.Context, account id.Thumbprint) error {
	w := &walked{run: r, account: account, walk: statement.NewWalk(account, r.Ledger.Vault), parts: map[place]statement.Binding{}}
	for !w.done {
		if err := r.DB.View(ctx, w.look); err != nil {
			return err
		}
	}
	for _, b := range w.found {
		r.find(b.rule.fault, b.subject)
	}
	return nil
}

// look takes the next statements and, at the end of the chain, compares.
func (w *walked) look(ctx context.Context, tx store.Tx) error {
	list, err := w.Ledger.Entries(ctx, tx, w.account, w.walk.Head().Seq, entries)
	if errors.Is(err, shred.ErrSealed) {
		return w.fail()
	}
	if err != nil {
		return err
	}
	for _, e := range list {
		s, err := w.walk.Take(e)
		if err != nil {
			return w.fail()
		}
		w.report.Looked["statements"]++
		if s == nil {
			continue
		}
		if err := w.say(ctx, fsckdb.New(tx), s); err != nil {
			return err
		}
	}
	if len(list) == entries {
		return nil
	}
	w.done = true
	return w.end(ctx, tx)
}

func (w *walked) fail() error {
	w.found = append(w.found, damaged(ChainBroken, string(w.account)))
	w.broken, w.done = true, true
	return nil
}

// end holds the head against its row and the parts against theirs.
func (w *walked) end(ctx context.Context, tx store.Tx) error {
	head, err := w.Ledger.Head(ctx, tx, w.account)
	if errors.Is(err, ledger.ErrNotEnrolled) {
		return nil
	}
	if err != nil || head != w.walk.Head() {
		return errors.Join(err, w.fail())
	}
	explained, err := w.Ledger.Explained(ctx, tx, w.account)
	if err != nil {
		return err
	}
	if w.walk.End(w.account, explained...) != nil {
		return w.fail()
	}
	return w.bindings(ctx, fsckdb.New(tx))
}

// say takes in what a statement says of parts, and holds a grant against its row.
func (w *walked) say(ctx context.Context, q *fsckdb.Queries, s *statement.Statement) error {
	switch b := s.Body.(type) {
	case *statement.Add:
		w.parts[place{b.Testimony, b.N}] = b.Binding()
	case *statement.Adopt:
		w.parts[place{b.Testimony, b.N}] = b.Binding()
	case *statement.Relock:
		w.parts[place{b.Testimony, b.N}] = statement.Binding{Length: b.Length, PayloadSHA256: b.PayloadSHA256, Commit: b.Commit, HeaderSHA256: b.HeaderSHA256}
	case *statement.Erase:
		for p := range w.parts {
			if p.testimony == b.Testimony {
				delete(w.parts, p)
			}
		}
	case *statement.Grant:
		return w.grant(ctx, q, s, s.ID, b.Testimony, b.Grantee, b.Terms)
	case *statement.Renew:
		return w.grant(ctx, q, s, b.Grant, b.Testimony, "", b.Terms)
	case *statement.Narrow:
		return w.grant(ctx, q, s, b.Grant, b.Testimony, "", b.Terms)
	}
	return nil
}

// grant holds a grant's row against the statement that its terms are of.
func (w *walked) grant(ctx context.Context, q *fsckdb.Queries, s *statement.Statement, name, testimony id.ID, grantee id.Thumbprint, t statement.Terms) error {
	row, err := q.GrantOf(ctx, string(name))
	if errors.Is(err, sql.ErrNoRows) {
		w.found = append(w.found, damaged(GrantLost, string(name)))
		return nil
	}
	if err != nil {
		return err
	}
	hers := row.Testimony == string(testimony) && row.Owner == string(w.account)
	first := grantee != ""
	if first {
		hers = hers && row.Seq == s.Seq && row.Grantee == string(grantee)
	}
	if inForce := row.TermsSeq == s.Seq || first && row.TermsSeq == 0; inForce {
		hers = hers && row.FromS >= t.From && row.UntilS <= t.Until && (t.MaxReads == 0 || row.MaxReads != 0 && row.MaxReads <= t.MaxReads)
	}
	if !hers {
		w.found = append(w.found, damaged(GrantUnsigned, string(name)))
	}
	return nil
}

// bindings holds the rows of her parts against what she signed. What somebody handed
// over and she has not adopted has no word of hers yet.
func (w *walked) bindings(ctx context.Context, q *fsckdb.Queries) error {
	last := fsckdb.PartBindingsParams{Owner: string(w.account), Page: page}
	for {
		rows, err := q.PartBindings(ctx, last)
		if err != nil {
			return err
		}
		for _, p := range rows {
			last.After, last.N = p.Testimony, p.N
			at := place{id.ID(p.Testimony), p.N}
			said, ok := w.parts[at]
			delete(w.parts, at)
			same := said.Length == p.Length && said.PayloadSHA256 == statement.B64(p.PayloadSha256) && said.Commit == statement.B64(p.Commitment)
			if p.State == "hers" && !same || ok && p.State != "hers" {
				w.found = append(w.found, damaged(PartUnsigned, p.Testimony, number(p.N)))
			}
		}
		if len(rows) < page {
			break
		}
	}
	for p := range w.parts {
		w.found = append(w.found, damaged(PartLost, string(p.testimony), number(p.n)))
	}
	return nil
}
