package fsck

import (
	"context"
	"fmt"
	"strings"

	"github.com/relatingfield/vault/internal/fsck/fsckdb"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// page is how many rows of a table one look takes: some milliseconds of one snapshot.
const page = 500

// span is a stretch of a table, in the order of its keys.
type span struct{ After, Upto string }

// pager lists keys of a table behind one.
type pager func(ctx context.Context, q *fsckdb.Queries, after string) ([]string, error)

// question gives what in a stretch breaks a rule.
type question func(ctx context.Context, q *fsckdb.Queries, s span) ([]string, error)

// mend puts one subject right. It says again in its own words what is wrong, so that it
// does nothing where nothing is.
type mend func(ctx context.Context, q *fsckdb.Queries, subject string) error

// rule is what must hold in each stretch of a table.
type rule struct {
	fault Fault
	ask   question
	mend  mend // nil: it is named only
}

// table is a table, how to go through it, and what must hold.
type table struct {
	name  string
	keys  pager
	rules []rule
}

func paged[P ~struct {
	After string
	Page  int64
}](f func(*fsckdb.Queries, context.Context, P) ([]string, error)) pager {
	return func(ctx context.Context, q *fsckdb.Queries, after string) ([]string, error) {
		return f(q, ctx, P(struct {
			After string
			Page  int64
		}{after, page}))
	}
}

func in[P ~struct{ After, Upto string }](f func(*fsckdb.Queries, context.Context, P) ([]string, error)) question {
	return func(ctx context.Context, q *fsckdb.Queries, s span) ([]string, error) { return f(q, ctx, P(s)) }
}

func by(f func(*fsckdb.Queries, context.Context, string) error) mend {
	return func(ctx context.Context, q *fsckdb.Queries, subject string) error { return f(q, ctx, subject) }
}

// all are the tables with their rules.
func (r *run) all() []table {
	return []table{
		{"testimonies", paged((*fsckdb.Queries).TestimoniesUpto), r.ofTestimonies()},
		{"accounts", paged((*fsckdb.Queries).AccountsUpto), []rule{
			{AccountUnbound, in((*fsckdb.Queries).AccountUnchained), nil},
			{BytesMiscounted, in((*fsckdb.Queries).BytesMiscounted), by((*fsckdb.Queries).RecountBytes)},
			{OrdinalsBehind, in((*fsckdb.Queries).OrdinalsMiscounted), by((*fsckdb.Queries).RecountOrdinals)},
		}},
		{"chains", paged((*fsckdb.Queries).ChainsUpto), []rule{
			{ChainUnowned, in((*fsckdb.Queries).ChainUnowned), nil},
			{ChainLoose, in((*fsckdb.Queries).ChainLoose), nil},
			{ChainKey, in((*fsckdb.Queries).ChainWrongKey), nil},
		}},
		{"payloads", paged((*fsckdb.Queries).PayloadsUpto), ofPayloads()},
		{"shred keys", paged((*fsckdb.Queries).KeysUpto), []rule{
			{KeyOfErased, in((*fsckdb.Queries).KeyOfErased), nil},
			{KeyStray, in((*fsckdb.Queries).KeyStray), nil},
		}},
		{"trays", paged((*fsckdb.Queries).TraysUpto), []rule{
			{KeyMissing, in((*fsckdb.Queries).TrayKeyMissing), nil},
			{TrayMiscounted, in((*fsckdb.Queries).TrayMiscounted), by((*fsckdb.Queries).RecountTray)},
		}},
		{"items in trays", paged((*fsckdb.Queries).ItemsUpto), []rule{
			{KeyMissing, in((*fsckdb.Queries).ItemKeyMissing), nil},
			{ItemIncomplete, in((*fsckdb.Queries).ItemIncomplete), nil},
			{ItemLoose, in((*fsckdb.Queries).ItemUndelivered), nil},
			{ItemLoose, in((*fsckdb.Queries).ItemElsewhere), nil},
		}},
		{"deliveries", paged((*fsckdb.Queries).DeliveriesUpto), []rule{
			{DeliveryLoose, in((*fsckdb.Queries).DeliveryGone), nil},
			{WithdrawalUntold, in((*fsckdb.Queries).WithdrawalUntold), nil},
			{WithdrawalUnlisted, in((*fsckdb.Queries).WithdrawalUnlisted), nil},
		}},
		{"partners", paged((*fsckdb.Queries).RoomsUpto), []rule{{RoomMiscounted, in((*fsckdb.Queries).RoomMiscounted), recountRoom}}},
		{"collections", paged((*fsckdb.Queries).CollectionsUpto), []rule{{CollectionLoose, in((*fsckdb.Queries).CollectionElsewhere), nil}}},
		{"webhooks", paged((*fsckdb.Queries).HooksUpto), []rule{
			{HookLoose, in((*fsckdb.Queries).HookLoose), nil},
			{OwedAnswered, in((*fsckdb.Queries).OwedAnswered), by((*fsckdb.Queries).Answered)},
		}},
	}
}

func (r *run) ofTestimonies() []rule {
	before := statement.DayOf(r.Now().Add(-r.Stale))
	dead := func(ctx context.Context, q *fsckdb.Queries, s span) ([]string, error) {
		return q.DeadUploads(ctx, fsckdb.DeadUploadsParams{After: s.After, Upto: s.Upto, Before: before})
	}
	return []rule{
		{KeyMissing, in((*fsckdb.Queries).KeyMissing), nil},
		{LeftOfErased, in((*fsckdb.Queries).LeftOfErased), nil},
		{PartIncomplete, in((*fsckdb.Queries).PartIncomplete), nil},
		{PartIncomplete, in((*fsckdb.Queries).PartRowShort), nil},
		{KnownDamage, in((*fsckdb.Queries).PartKnownDamage), nil},
		{UploadIncomplete, in((*fsckdb.Queries).UploadIncomplete), nil},
		{UploadDead, dead, nil}, // given up all at once
		{CustodyBroken, in((*fsckdb.Queries).EventsBroken), nil},
		{GrantLoose, in((*fsckdb.Queries).GrantOfErased), nil},
		{GrantLoose, in((*fsckdb.Queries).GrantWithoutPart), nil},
		{GrantLoose, in((*fsckdb.Queries).GrantNotHers), nil},
		{GrantLoose, in((*fsckdb.Queries).GrantPolicyMissing), nil},
		{GrantUnsigned, in((*fsckdb.Queries).GrantUnsigned), nil},
		{HeaderLeft, in((*fsckdb.Queries).HeaderLeft), by((*fsckdb.Queries).DestroyEnded)},
		{PolicyBroken, in((*fsckdb.Queries).PolicyBroken), nil},
		{PapersLoose, in((*fsckdb.Queries).PapersLoose), nil},
		{GrantsMiscounted, in((*fsckdb.Queries).GrantsMiscounted), by((*fsckdb.Queries).RecountGrants)},
	}
}

func ofPayloads() []rule {
	return []rule{
		{PieceGap, in((*fsckdb.Queries).PieceGap), nil},
		{PieceStray, in((*fsckdb.Queries).PieceStray), nil},
		{PieceShared, in((*fsckdb.Queries).PieceShared), nil},
		{PieceDoomed, in((*fsckdb.Queries).PieceDoomed), by((*fsckdb.Queries).KeepPiece)},
		{PieceDoomed, in((*fsckdb.Queries).CopyDoomed), by((*fsckdb.Queries).KeepPiece)},
		{KnownDamage, in((*fsckdb.Queries).PieceKnownDamage), nil},
		{CopyUnnamed, in((*fsckdb.Queries).CopyUnnamed), by((*fsckdb.Queries).CountCopy)},
	}
}

// recountRoom never lets the count of changes fall: partners go on from it.
func recountRoom(ctx context.Context, q *fsckdb.Queries, partner string) error {
	now, err := q.RoomOf(ctx, partner)
	if err == nil {
		_, err = q.CountRoom(ctx, fsckdb.CountRoomParams{Partner: partner, Bytes: now.Bytes, Changes: now.Changes})
	}
	return err
}

// tables asks every rule of every table.
func (r *run) tables(ctx context.Context) error {
	for _, t := range r.all() {
		if err := r.through(ctx, t); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return r.expire(ctx)
}

// broken is what one look has found.
type broken struct {
	rule    rule
	subject string
}

func (r *run) through(ctx context.Context, t table) error {
	for after := ""; ; {
		keys, found, err := r.look(ctx, t, after)
		if err != nil || len(keys) == 0 {
			return err
		}
		r.report.Looked[t.name] += int64(len(keys))
		after = keys[len(keys)-1]
		for _, b := range found {
			if err := r.settle(ctx, b); err != nil {
				return err
			}
		}
	}
}

// look asks the rules of a table about its next stretch, in one snapshot.
func (r *run) look(ctx context.Context, t table, after string) (keys []string, found []broken, err error) {
	err = r.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		q := fsckdb.New(tx)
		found = nil
		if keys, err = t.keys(ctx, q, after); err != nil || len(keys) == 0 {
			return err
		}
		for _, rule := range t.rules {
			subjects, err := rule.ask(ctx, q, span{after, keys[len(keys)-1]})
			if err != nil {
				return fmt.Errorf("%s: %w", rule.fault, err)
			}
			for _, s := range subjects {
				found = append(found, broken{rule, s})
			}
		}
		return nil
	})
	return keys, found, err
}

// settle puts a finding right where that is wanted and safe, and writes it down.
func (r *run) settle(ctx context.Context, b broken) error {
	mended := r.how.Repair && b.rule.mend != nil
	if mended {
		err := r.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error { return b.rule.mend(ctx, fsckdb.New(tx), b.subject) })
		if err != nil {
			return fmt.Errorf("repair %s: %w", b.rule.fault, err)
		}
	}
	r.report.add(b.rule.fault, b.subject, mended)
	return nil
}

// expire gives up the uploads that stand still, as the vault does by itself.
func (r *run) expire(ctx context.Context) error {
	dead := r.report.Found(UploadDead)
	if dead == nil || !r.how.Repair {
		return nil
	}
	if err := r.Expire(ctx, r.Stale); err != nil {
		return fmt.Errorf("give up uploads: %w", err)
	}
	dead.Repaired = dead.Count
	return nil
}

// at joins what names a subject.
func at(names ...string) string { return strings.Join(names, "/") }
