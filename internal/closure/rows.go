package closure

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/closure/closuredb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// ErrReplied reports a reply that says no more than the one before it.
var ErrReplied = errors.New("you have said so already, or more; nothing was changed")

// Ending names what one statement of hers ended.
type Ending struct {
	Owner id.Thumbprint
	Seq   int64 // of the statement, in her chain
	Day   int64
	Due   int64 // Unix seconds
}

// Row is what one statement of hers ended of one grant, and its reader's answer.
type Row struct {
	Grant     id.ID
	Testimony id.ID
	GrantSeq  int64 // of the grant statement, in her chain
	Ending
	Grantee  id.Thumbprint
	Reply    string // the newest
	ReplySeq int64  // its place in the reader's chain; 0 none
	Fetched  bool   // something had been opened of what ended
}

// State is how it stands at now, in Unix seconds.
func (r Row) State(now int64) State { return Decide(r.facts(), now) }

func (r Row) facts() Facts { return Facts{Reply: r.Reply, Fetched: r.Fetched, Due: r.Due} }

// Begin makes a row for every grant that the statement ended.
func (e Ending) Begin(ctx context.Context, tx store.Tx) error {
	err := closuredb.New(tx).BeginGrants(ctx, closuredb.BeginGrantsParams{Day: e.Day, DueS: e.Due, Owner: string(e.Owner), Seq: e.Seq})
	if err != nil {
		return fmt.Errorf("note the end of grants: %w", err)
	}
	return nil
}

// BeginPart makes a row for every grant that the statement took part n from.
func (e Ending) BeginPart(ctx context.Context, tx store.Tx, testimony id.ID, n int64) error {
	err := closuredb.New(tx).BeginParts(ctx, closuredb.BeginPartsParams{Day: e.Day, DueS: e.Due, Testimony: string(testimony), N: n, Seq: e.Seq})
	if err != nil {
		return fmt.Errorf("note the end of a part: %w", err)
	}
	return nil
}

// Ended is a grant that a statement ended, or took parts from.
type Ended struct {
	Grant     id.ID
	Testimony id.ID
	Whole     bool
}

// List gives what the statement ended, by testimony.
func (e Ending) List(ctx context.Context, tx store.Tx) ([]Ended, error) {
	rows, err := closuredb.New(tx).OfStatement(ctx, closuredb.OfStatementParams{Owner: string(e.Owner), Seq: e.Seq})
	if err != nil {
		return nil, fmt.Errorf("list what ended: %w", err)
	}
	out := make([]Ended, len(rows))
	for i, r := range rows {
		out[i] = Ended{id.ID(r.GrantID), id.ID(r.Testimony), r.WholeSeq == e.Seq}
	}
	return out, nil
}

// IsSilent says whether the reader owes an answer whose day has passed.
func IsSilent(ctx context.Context, tx store.Tx, reader id.Thumbprint, now int64) (bool, error) {
	n, err := closuredb.New(tx).Silent(ctx, closuredb.SilentParams{Grantee: string(reader), NowS: now})
	if err != nil {
		return false, fmt.Errorf("look for late answers: %w", err)
	}
	return n > 0, nil
}

// Place is a place in a list of rows: behind this grant and statement.
type Place struct {
	Seq   int64
	Grant id.ID
}

// OfOwner lists what she ended, in the order of her statements.
func OfOwner(ctx context.Context, tx store.Tx, owner id.Thumbprint, after Place, limit int64) ([]Row, error) {
	rows, err := closuredb.New(tx).OfOwner(ctx, closuredb.OfOwnerParams{Owner: string(owner), AfterSeq: after.Seq, AfterGrant: string(after.Grant), Page: limit})
	if err != nil {
		return nil, fmt.Errorf("list ended grants: %w", err)
	}
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i] = row(closuredb.OfGrantRow(r))
	}
	return out, nil
}

// OfReader lists what ended for a reader, by grant.
func OfReader(ctx context.Context, tx store.Tx, reader id.Thumbprint, after Place, limit int64) ([]Row, error) {
	rows, err := closuredb.New(tx).OfGrantee(ctx, closuredb.OfGranteeParams{Grantee: string(reader), AfterSeq: after.Seq, AfterGrant: string(after.Grant), Page: limit})
	if err != nil {
		return nil, fmt.Errorf("list endings: %w", err)
	}
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i] = row(closuredb.OfGrantRow(r))
	}
	return out, nil
}

// OfGrant lists what ended of one grant, the first statement first.
func OfGrant(ctx context.Context, tx store.Tx, grant id.ID) ([]Row, error) {
	rows, err := closuredb.New(tx).OfGrant(ctx, string(grant))
	if err != nil {
		return nil, fmt.Errorf("find the end of a grant: %w", err)
	}
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i] = row(r)
	}
	return out, nil
}

func row(r closuredb.OfGrantRow) Row {
	return Row{
		Grant: id.ID(r.GrantID), Testimony: id.ID(r.Testimony), GrantSeq: r.Seq, Grantee: id.Thumbprint(r.Grantee),
		Ending: Ending{Owner: id.Thumbprint(r.Owner), Seq: r.EndedSeq, Day: r.Day, Due: r.DueS},
		Reply:  r.Reply, ReplySeq: r.ReplySeq, Fetched: r.Opened > 0,
	}
}

// Answer enters a reply, which stands at seq of the reader's chain, in each of
// the rows for which it says more than the reply before; none is ErrReplied.
// What had been opened is final by now: nothing opens what has ended.
func Answer(ctx context.Context, tx store.Tx, rows []Row, said *statement.Reply, seq int64) error {
	moved := false
	for _, r := range rows {
		if !Moves(r.Reply, said.Reply) {
			continue
		}
		moved = true
		r.Reply = said.Reply
		err := closuredb.New(tx).Answer(ctx, closuredb.AnswerParams{Reply: said.Reply, ReplySeq: seq, Owes: flag(r.facts().Owes()), GrantID: string(r.Grant), EndedSeq: r.Seq})
		if err != nil {
			return fmt.Errorf("enter reply: %w", err)
		}
	}
	if !moved {
		return ErrReplied
	}
	return nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
