// Package openrosa takes filled forms from phones with ODK Collect or KoboCollect:
// encrypted ones, for the collection of a partner, and nothing else. It hands out
// the blank ones and knows who may send.
//
// Promises:
//   - What comes is wrapped in the vault's own age envelope to the collection's
//     recipient while it streams in. Neither a readable byte nor one that only the
//     form's encryption hides is written anywhere; where the length of a file has to
//     be found out first, it is spooled under a key that is in memory only.
//   - A post is taken whole or not at all. What was answered with "taken" is durable,
//     and is in the collection's tray with assurance field-form and the vault's signed
//     note. Repetitions change nothing; what was missing is added.
//   - A form that is not encrypted, or comes with a file that is not, is read to its
//     end and dropped, and the partner is told, once a day and collector.
//   - A token is 128 random bits, kept as a hash, for one collection of one partner,
//     with an end. Unknown, revoked, ended, of a halted partner, of a collection that
//     is over: one ErrToken. The package logs nothing.
//   - Names of files, ids of instances and times of a phone are in sealed items only;
//     what tells a repetition is a hash of the instance's random id, and of names a
//     MAC whose key is in the manifest.
//
// Assumes: the partner knows that it can read what is sent (the form says so to
// whoever speaks). Does not: open anything, or believe what a manifest says of its
// sender: the format authenticates nothing.
//
// Specification: OpenRosa Form Discovery, Form Submission and Metadata APIs 1.0; ODK
// XForms "Encrypted submissions"; docs/adr/0028.
package openrosa

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/openrosa/openrosadb"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tray"
)

// Errors of this package, besides those of parcel, fieldform, xform, tray and
// testimony that it passes on.
var (
	ErrNotFound = custody.ErrNotFound
	// ErrToken: whoever sends this may not.
	ErrToken = errors.New("this address does not take forms from this phone, or not any more")
	// ErrPlain: a form or a file of it is not encrypted.
	ErrPlain = errors.New("only encrypted forms are taken here; nothing was stored")
	// ErrOther: the same instance was sent before with another content.
	ErrOther = errors.New("another form was sent under the same id before; nothing was stored")
	// ErrBusy: more posts are under way than are taken at a time.
	ErrBusy = errors.New("more forms are coming in than are taken at a time")
)

// Refused is the event that a partner is told when something was not taken; the id
// is that of the collector.
const Refused = "submission.refused"

// Limits bound what phones and partners can make the vault do.
type Limits struct {
	FileSize   int64         // bytes of one encrypted file
	PostSize   int64         // bytes of one post, all its parts together
	Posts      int           // at a time
	Collectors int64         // of a partner that may send
	Forms      int64         // of a partner that are handed out
	Term       time.Duration // that a collector's token is good for at most
	Overlap    time.Duration // that a token is still good for after it was changed for another
	Remember   time.Duration // that repetitions are known as such, after the first post
}

// Intake is where forms come in. Make it with New.
type Intake struct {
	Deps

	slots chan struct{}
}

// Deps is what an Intake is made of.
type Deps struct {
	DB      *store.DB
	Trays   *tray.Trays
	Blobs   blob.Store // for files whose length is not known
	Journal *journal.Journal
	Limits  Limits
	Now     func() time.Time
	Rand    io.Reader
}

// New makes it.
func New(d Deps) *Intake { return &Intake{d, make(chan struct{}, d.Limits.Posts)} }

func (i *Intake) today() int64 { return statement.DayOf(i.Now()) }

// after is the first day behind a time that counts from the end of today.
func (i *Intake) after(term time.Duration) int64 {
	return i.today() + statement.Day + int64(term/time.Second)/statement.Day*statement.Day
}

// place finds the tray of a code, which must be that of a collection of the partner.
func (i *Intake) place(ctx context.Context, tx store.Tx, partner id.ID, code string) (id.ID, error) {
	name, owner, err := i.Trays.Named(ctx, tx, partner, code)
	if err != nil {
		return "", err
	}
	of, err := i.Trays.Partners.Collection(ctx, tx, owner)
	if err == nil && of != partner {
		err = ErrNotFound
	}
	return name, err
}

func (i *Intake) id() (id.ID, error) { return id.New(i.Rand) }

// named is a hash of texts under a label, with no two lists of texts alike.
func named(label string, texts ...string) []byte {
	h := sha256.New()
	io.WriteString(h, "testimony-vault/v1/openrosa/"+label)
	for _, t := range texts {
		fmt.Fprintf(h, "\n%d\n%s", len(t), t)
	}
	return h.Sum(nil)
}

// found makes a missing row what means.
func found(what string, err, means error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return means
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func q(tx store.Tx) *openrosadb.Queries { return openrosadb.New(tx) }
