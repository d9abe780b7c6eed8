// Package fsck holds what a vault stores against itself: rows against objects, custody
// against its count, statements against their chains, rows against what was signed,
// the journal of restrictions against what it restricted, and every count against what
// it counts.
//
// Promises: it writes nothing unless Repair is set, and then only what loses nothing
// anybody told and no statement: an object that no row names and that is older than the
// grace goes, an upload that stands still is given up as the vault does by itself, a
// header that a reader must not have any more is destroyed, a count is counted again.
// Everything else it names, with what to do next. It may run beside a vault that
// serves: each look is one short snapshot, and what is on its way when a look falls
// between two stores is looked at again before it is called a fault. It needs memory for
// a page of rows, for the names of a million objects at a time, and for one
// account's parts.
//
// Assumes that nobody else repairs meanwhile. Does not judge what only a key of hers
// could (whether a header opens to her), nor whether database, objects and journal were
// rolled back together: only a kept head of the journal tells that.
//
// Specification: docs/operate/fsck.md.
package fsck

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/fixity"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/store"
)

// Fsck checks one vault.
type Fsck struct {
	DB     *store.DB
	First  blob.Store
	Second blob.Store // nil: there is none
	Fixity *fixity.Fixity
	Keys   shred.Keys
	Ledger *ledger.Ledger
	Roster func(ctx context.Context) error // verifies the stored chain of rosters

	Journals journal.Place
	Kept     []journal.Head // that the journals must hold

	Grace  time.Duration                                      // younger objects without a row are on their way
	Stale  time.Duration                                      // uploads that stand still for longer are given up
	Expire func(ctx context.Context, age time.Duration) error // gives them up

	Now func() time.Time
}

// How says what a run does.
type How struct {
	Deep   bool // read every byte and compare digests
	Repair bool
}

// run is one run.
type run struct {
	*Fsck
	how    How
	report *Report
	doubt  bool // rows and journal do not belong together: nothing is deleted
}

// Run looks at everything. An error says that it could not; what was found until then
// is in the report all the same.
func (f *Fsck) Run(ctx context.Context, how How) (*Report, error) {
	r := &run{Fsck: f, how: how, report: &Report{Looked: map[string]int64{}, InFlight: map[string]int64{}, Deep: how.Deep}}
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"the database's own structure", r.structure},
		{"the journal of restrictions", r.acts},
		{"rosters", r.rosters},
		{"rows", r.tables},
		{"what is sealed", r.sealed},
		{"statements", r.chains},
		{"objects", r.objects},
	} {
		if err := step.run(ctx); err != nil {
			return r.report, fmt.Errorf("look at %s: %w", step.name, err)
		}
	}
	r.report.sort()
	return r.report, nil
}

func (r *run) structure(ctx context.Context) error {
	broken, looked, err := r.DB.Sound(ctx)
	r.report.Structure = looked
	for _, what := range broken {
		r.find(Structure, what)
	}
	return err
}

func (r *run) rosters(ctx context.Context) error {
	r.report.Looked["rosters"]++
	err := r.Roster(ctx)
	if err == nil || errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil {
		return err
	}
	r.find(RosterBroken, "")
	return nil
}

func (r *run) find(f Fault, subject string) { r.report.add(f, subject, false) }
