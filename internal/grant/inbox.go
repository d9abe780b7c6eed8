package grant

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Received is a grant as its reader sees it: her statement, and per part what
// the reader's client needs to check what it gets.
type Received struct {
	ID        id.ID
	Statement string
	Terms     string // the statement whose terms are in force, where that is another
	Answer    string // her answer to the reader's request, empty where there is none
	State     release.State
	Parts     []ReceivedPart
	Rekeys    []string // by which she changed her key, so that the reader knows old and new for one person
}

// ReceivedPart is one granted part. Relock is the statement that carried the
// grant over to today's payload, empty when there was none.
type ReceivedPart struct {
	N      int64
	Length int64
	Relock string
	Came   *Came // nil for what she made
}

// Given is a grant as she sees it.
type Given struct {
	ID        id.ID
	Seq       int64 // of its statement, the order of the list
	Statement string
	Terms     string // the statement whose terms are in force, where that is another
	Ask       string // the reader's request that is before her, empty where there is none
	Heard     string // the reader's word that she was heard, empty where there is none
	State     release.State
	Consent   release.Consent
	Fetched   []Fetched
	Closures  []Closure // what ended of it, the first statement first
}

// Inbox gives at most limit grants to the caller that stand, behind grant after.
func (g *Grants) Inbox(ctx context.Context, caller account.Caller, after id.ID, limit int64) ([]Received, error) {
	var out []Received
	err := g.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		rows, err := grantdb.New(tx).Inbox(ctx, grantdb.InboxParams{Grantee: string(caller.ID), After: string(after), NowS: g.Now().Unix(), Page: limit})
		if err != nil {
			return fmt.Errorf("list inbox: %w", err)
		}
		for _, r := range rows {
			one, err := g.receive(ctx, tx, id.ID(r.ID), said{id.Thumbprint(r.Owner), r.Seq, r.TermsSeq, r.AnswerSeq})
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}

// Receive gives one grant to the caller, or ErrNotFound.
func (g *Grants) Receive(ctx context.Context, caller account.Caller, grant id.ID) (Received, error) {
	var out Received
	err := g.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		r, err := grantdb.New(tx).Granted(ctx, grantdb.GrantedParams{ID: string(grant), Grantee: string(caller.ID)})
		if errors.Is(err, sql.ErrNoRows) || err == nil && r.UntilS <= g.Now().Unix() {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("find grant: %w", err)
		}
		out, err = g.receive(ctx, tx, grant, said{id.Thumbprint(r.Owner), r.Seq, r.TermsSeq, r.AnswerSeq})
		return err
	})
	return out, err
}

// said is where in her chain stands what she said about one grant; 0 is nowhere.
type said struct {
	by                   id.Thumbprint
	grant, terms, answer int64
}

// text reads the statement at a place of somebody's chain; empty where there is
// none.
func (g *Grants) text(ctx context.Context, tx store.Tx, by id.Thumbprint, seq int64) (string, error) {
	if seq == 0 {
		return "", nil
	}
	s, err := g.Ledger.Statement(ctx, tx, by, seq)
	if err != nil {
		return "", err
	}
	return s.Compact(), nil
}

func (g *Grants) receive(ctx context.Context, tx store.Tx, grant id.ID, s said) (out Received, err error) {
	out.ID = grant
	given, err := g.Ledger.Statement(ctx, tx, s.by, s.grant)
	if err != nil {
		return out, err
	}
	out.Statement = given.Compact()
	if out.Terms, err = g.text(ctx, tx, s.by, s.terms); err != nil {
		return out, err
	}
	if out.Answer, err = g.text(ctx, tx, s.by, s.answer); err != nil {
		return out, err
	}
	if out.State, err = g.state(ctx, tx, grant); err != nil {
		return out, err
	}
	if out.Rekeys, err = g.rekeys(ctx, tx, s.by); err != nil {
		return out, err
	}
	var came map[int64]Came
	if body, ok := given.Body.(*statement.Grant); ok {
		if came, err = g.came(ctx, tx, body); err != nil {
			return out, err
		}
	}
	rows, err := grantdb.New(tx).InboxParts(ctx, string(grant))
	if err != nil {
		return out, fmt.Errorf("list parts of a grant: %w", err)
	}
	for _, r := range rows {
		relock, err := g.text(ctx, tx, s.by, r.RelockSeq.Int64)
		if err != nil {
			return out, err
		}
		part := ReceivedPart{N: r.N, Length: r.Length, Relock: relock}
		if c, brought := came[r.N]; brought {
			part.Came = &c
		}
		out.Parts = append(out.Parts, part)
	}
	return out, nil
}

// rekeys are the statements by which an account changed its key, for its readers.
func (g *Grants) rekeys(ctx context.Context, tx store.Tx, account id.Thumbprint) ([]string, error) {
	list, err := g.Ledger.Rekeys(ctx, tx, account)
	var out []string
	for _, s := range list {
		out = append(out, s.Compact())
	}
	return out, err
}

// List gives at most limit grants on the caller's testimony behind seq after,
// ended ones included, the oldest first.
func (g *Grants) List(ctx context.Context, caller account.Caller, testimony id.ID, after, limit int64) ([]Given, error) {
	var out []Given
	err := g.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		if _, err := g.own(ctx, tx, caller.ID, testimony); err != nil {
			return err
		}
		rows, err := grantdb.New(tx).OnTestimony(ctx, grantdb.OnTestimonyParams{Testimony: string(testimony), After: after, Page: limit})
		if err != nil {
			return fmt.Errorf("list grants: %w", err)
		}
		for _, r := range rows {
			one, err := g.given(ctx, tx, caller.ID, r)
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}

func (g *Grants) given(ctx context.Context, tx store.Tx, owner id.Thumbprint, r grantdb.OnTestimonyRow) (out Given, err error) {
	out = Given{ID: id.ID(r.ID), Seq: r.Seq}
	if out.Statement, err = g.text(ctx, tx, owner, r.Seq); err != nil {
		return out, err
	}
	if out.Terms, err = g.text(ctx, tx, owner, r.TermsSeq); err != nil {
		return out, err
	}
	if out.Heard, err = g.text(ctx, tx, id.Thumbprint(r.Grantee), r.HeardSeq); err != nil {
		return out, err
	}
	f, err := g.facts(ctx, tx, out.ID)
	if err != nil {
		return out, err
	}
	now := g.Now().Unix()
	out.State = release.Decide(f, now)
	talk, asked, err := g.talk(ctx, tx, owner, r)
	if err != nil {
		return out, err
	}
	out.Consent = release.ConsentOf(f, talk, now)
	if out.Consent == release.ConsentRequested {
		if out.Ask, err = g.text(ctx, tx, id.Thumbprint(r.Grantee), asked); err != nil {
			return out, err
		}
	}
	if out.Fetched, err = g.fetched(ctx, tx, out.ID); err != nil {
		return out, err
	}
	out.Closures, err = g.closures(ctx, tx, out.ID)
	return out, err
}
