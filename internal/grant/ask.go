package grant

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Ask takes a reader's request to renew a grant. Whether and when she is shown it
// is between her and the vault: her refusal, her date and the most she is asked in
// a month queue it without a word, and the reader's answer is the same. Of one
// grant one request is pending; the newest takes its place in the queue. A grant
// whose term is over is ErrNotFound, as it is for its reader everywhere: otherwise
// asking would tell whether she has ended it since.
func (g *Grants) Ask(ctx context.Context, caller account.Caller, grant id.ID, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Ask](g.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Grant != grant || body.Until <= g.Now().Unix() {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another grant, or a time that is over", statement.ErrRefused)
	}
	err = g.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		row, err := grantdb.New(tx).Askable(ctx, grantdb.AskableParams{ID: string(grant), Grantee: string(caller.ID), NowS: g.Now().Unix()})
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("find grant: %w", err)
		}
		if err := g.queue(ctx, tx, grant, row, s.Seq); err != nil {
			return err
		}
		if err := g.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

// queue finds the request a day on which she is shown it, if there is one.
func (g *Grants) queue(ctx context.Context, tx store.Tx, grant id.ID, row grantdb.AskableRow, seq int64) error {
	q := grantdb.New(tx)
	if n, err := q.AskAgain(ctx, grantdb.AskAgainParams{Seq: seq, GrantID: string(grant)}); err != nil || n > 0 {
		return err
	}
	answer, err := g.answer(ctx, tx, id.Thumbprint(row.Owner), row.AnswerSeq)
	if err != nil || answer.Answer == statement.Refused {
		return err
	}
	earliest := max(g.today(), answer.Until)
	booked, err := q.Booked(ctx, grantdb.BookedParams{FromDay: monthOf(earliest), Owner: row.Owner})
	if err != nil {
		return fmt.Errorf("count requests: %w", err)
	}
	day, ok := firstFree(booked, earliest, g.AsksPerMonth)
	if !ok {
		return nil
	}
	if err := q.Ask(ctx, grantdb.AskParams{GrantID: string(grant), Seq: seq, BookedDay: day, ShownDay: day}); err != nil {
		return fmt.Errorf("queue request: %w", err)
	}
	return nil
}

// answer reads her answer at a place of her chain; the zero one at none.
func (g *Grants) answer(ctx context.Context, tx store.Tx, owner id.Thumbprint, seq int64) (statement.Answer, error) {
	if seq == 0 {
		return statement.Answer{}, nil
	}
	s, err := g.Ledger.Statement(ctx, tx, owner, seq)
	if err != nil {
		return statement.Answer{}, err
	}
	body, ok := s.Body.(*statement.Answer)
	if !ok {
		return statement.Answer{}, fmt.Errorf("read answer: statement %d is none", seq)
	}
	return *body, nil
}

// Answer records her no, or not now. No ends what is pending and silences what
// comes until she renews the grant; not now keeps it from her until her date. Yes
// is a renewal.
func (g *Grants) Answer(ctx context.Context, caller account.Caller, testimony id.ID, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Answer](g.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Testimony != testimony || body.Answer == statement.Deferred && body.Until <= g.Now().Unix() {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another testimony, or a date that is over", statement.ErrRefused)
	}
	err = g.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		key, _, err := g.standing(ctx, tx, caller.ID, testimony, body.Grant)
		if err != nil {
			return err
		}
		if err := g.silence(ctx, tx, body, s.Seq); err != nil {
			return err
		}
		if err := g.Ledger.Append(ctx, tx, key, s.Statement); err != nil {
			return err
		}
		err = custody.Record(ctx, tx, testimony, key, custody.Event{Kind: custody.Answered, At: g.today(), Actor: caller.ID, Grant: body.Grant})
		if err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

// silence keeps the answer and what it means for the requests at hand.
func (g *Grants) silence(ctx context.Context, tx store.Tx, body *statement.Answer, seq int64) error {
	q := grantdb.New(tx)
	if err := q.Answered(ctx, grantdb.AnsweredParams{AnswerSeq: seq, ID: string(body.Grant)}); err != nil {
		return fmt.Errorf("keep answer: %w", err)
	}
	if body.Answer == statement.Refused {
		if err := q.CloseAsks(ctx, string(body.Grant)); err != nil {
			return fmt.Errorf("end requests: %w", err)
		}
		return nil
	}
	if err := q.DeferAsks(ctx, grantdb.DeferAsksParams{UntilDay: body.Until, GrantID: string(body.Grant)}); err != nil {
		return fmt.Errorf("put requests off: %w", err)
	}
	return nil
}

// talk is what was asked and answered about a grant, and the seq of the request
// that is before her now.
func (g *Grants) talk(ctx context.Context, tx store.Tx, owner id.Thumbprint, r grantdb.OnTestimonyRow) (release.Talk, int64, error) {
	t := release.Talk{Renewed: r.Renewed != 0}
	answer, err := g.answer(ctx, tx, owner, r.AnswerSeq)
	if err != nil {
		return t, 0, err
	}
	t.Refused, t.Deferred = answer.Answer == statement.Refused, answer.Until
	asked, err := grantdb.New(tx).Asked(ctx, grantdb.AskedParams{GrantID: r.ID, Today: g.today()})
	if errors.Is(err, sql.ErrNoRows) {
		return t, 0, nil
	}
	if err != nil {
		return t, 0, fmt.Errorf("look for requests: %w", err)
	}
	t.Asked = true
	return t, asked, nil
}
