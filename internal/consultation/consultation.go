// Package consultation is named calls of partners: open prompts in several languages,
// purposes, suggested terms and support, which a woman can read before she tells
// anything, and to which what a partner brings may belong.
//
// # Counts
//
// How many items belong to a call, and how many were taken, is said so that nobody
// learns of one woman. Four things together:
//
//   - Nothing is said before the true count is at least K.
//   - What is said is the count with noise (two-sided geometric, scale Scale), rounded
//     to the nearest ten; below K it is nothing again.
//   - It is memoised: once said, the very same is said to everybody who asks, on
//     every node, after every restart. Asking a thousand times averages nothing out,
//     because there is one draw.
//   - It is drawn anew only when the true count has moved by at least K since the
//     draw before, and on another day. Whoever looks before and after somebody's act,
//     or adds and withdraws items of his own around it, sees the same draw; two draws
//     that differ lie at least K acts apart, and each has its own noise, so that their
//     difference says of no single act whether it is in it. Who makes K-1 acts of his
//     own to bring the K-th to light learns when the K-th came from anybody, which he
//     can as well by making it himself: the noise hides by how much.
//
// What is counted is what partners deliver and what lies in their collections, each
// thing once: what is sealed anew from a testimony that belongs to the call counts
// with it, and in its place when it has gone.
//
// What it does not do: hide from a partner what it is told of each item that it
// brought itself. The counts are for everybody else.
//
// Source: docs/protocol.md section 18.
package consultation

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/consultation/consultationdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Bounds of counts and calls.
const (
	K     = 10  // the least that is said of
	Scale = 4.0 // of the noise
	Most  = 200 // calls of one partner, ended ones included
)

// ErrNotFound is a call that is not there, or over, or another partner's.
var ErrNotFound = account.ErrNotFound

// Partners answers what calls need to know of partners, within tx.
type Partners struct {
	// Officer is the partner whose live agreement, with scope consult, names this
	// account; ErrNotFound for none.
	Officer func(ctx context.Context, tx store.Tx, who id.Thumbprint) (id.ID, error)
	// Live is nil while the partner may act.
	Live func(ctx context.Context, tx store.Tx, partner id.ID) error
	// Collection is the partner that an account is a collection of; ErrNotFound for
	// none that stands.
	Collection func(ctx context.Context, tx store.Tx, account id.Thumbprint) (id.ID, error)
	// Counted is the calls in which parts of a testimony are counted already, since
	// they were brought.
	Counted func(ctx context.Context, tx store.Tx, testimony id.ID) ([]id.ID, error)
}

// Consultations is the calls of one vault.
type Consultations struct {
	DB       *store.DB
	Ledger   *ledger.Ledger
	Partners Partners
	Now      func() time.Time
	Rand     io.Reader
}

// Consultation is one of them.
type Consultation struct {
	ID        id.ID
	Partner   id.ID
	OpenedDay int64
	Until     int64 // Unix seconds of the first day on which nothing more belongs to it
	Document  []byte
	Statement string // of an officer; empty where a program registered it
}

// Opened is the answer to an officer.
type Opened struct {
	ledger.Accepted
	Consultation
}

func (c *Consultations) today() int64 { return statement.DayOf(c.Now()) }

// Open opens a call by the word of an officer.
func (c *Consultations) Open(ctx context.Context, caller account.Caller, compact string, document []byte, commit account.Commit[Opened]) (Opened, error) {
	s, body, err := ledger.Take[*statement.Consultation](c.Ledger, caller.Signer(), compact)
	if err != nil {
		return Opened{}, err
	}
	sum := sha256.Sum256(document)
	if body.DocumentSHA256 != statement.B64(sum[:]) {
		return Opened{}, fmt.Errorf("%w: it is for another document", statement.ErrRefused)
	}
	out := Opened{s.Accepted(), Consultation{ID: body.Consultation, Partner: body.Partner, Until: body.Until, Document: document, Statement: s.Compact()}}
	err = c.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		partner, err := c.Partners.Officer(ctx, tx, caller.ID)
		if err != nil {
			return err
		}
		if partner != body.Partner {
			return ErrNotFound
		}
		if err := c.write(ctx, tx, &out.Consultation); err != nil {
			return err
		}
		if err := c.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
			return err
		}
		return commit.Do(ctx, tx, out)
	})
	return out, err
}

// Register opens a call by a program of a partner.
func (c *Consultations) Register(ctx context.Context, in Consultation, commit account.Commit[Consultation]) (Consultation, error) {
	if _, err := id.Parse(string(in.ID)); err != nil {
		return in, fmt.Errorf("%w: its name is none", statement.ErrRefused)
	}
	in.Statement = ""
	err := c.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := c.Partners.Live(ctx, tx, in.Partner); err != nil {
			return err
		}
		if err := c.write(ctx, tx, &in); err != nil {
			return err
		}
		return commit.Do(ctx, tx, in)
	})
	return in, err
}

func (c *Consultations) write(ctx context.Context, tx store.Tx, in *Consultation) error {
	if _, err := statement.ReadCall(in.Document); err != nil {
		return err
	}
	today := c.today()
	if in.Until <= today || in.Until%statement.Day != 0 || in.Until > today+statement.MaxCollection {
		return fmt.Errorf("%w: a consultation ends on a whole day, within two years", statement.ErrRefused)
	}
	q := consultationdb.New(tx)
	n, err := q.CountOf(ctx, string(in.Partner))
	if err != nil {
		return fmt.Errorf("count consultations: %w", err)
	}
	if n >= Most {
		return &account.Quota{Of: "consultations", Limit: Most}
	}
	in.OpenedDay = today
	err = q.Open(ctx, consultationdb.OpenParams{ID: string(in.ID), Partner: string(in.Partner), OpenedDay: today, UntilDay: in.Until, Document: in.Document, Statement: in.Statement})
	if errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("%w: a consultation of this name is there", account.ErrConflict)
	}
	if err != nil {
		return fmt.Errorf("open consultation: %w", err)
	}
	return nil
}

// Read gives a call to whoever has its name: she reads it before she tells anything,
// and perhaps before she has an account. Of a partner that may not act any more there
// is none.
func (c *Consultations) Read(ctx context.Context, name id.ID) (out Consultation, err error) {
	err = c.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = c.find(ctx, tx, name)
		return err
	})
	return out, err
}

func (c *Consultations) find(ctx context.Context, tx store.Tx, name id.ID) (Consultation, error) {
	row, err := consultationdb.New(tx).Find(ctx, string(name))
	if errors.Is(err, sql.ErrNoRows) {
		return Consultation{}, ErrNotFound
	}
	if err != nil {
		return Consultation{}, fmt.Errorf("find consultation: %w", err)
	}
	if err := c.Partners.Live(ctx, tx, id.ID(row.Partner)); err != nil {
		return Consultation{}, err
	}
	return Consultation{ID: name, Partner: id.ID(row.Partner), OpenedDay: row.OpenedDay, Until: row.UntilDay, Document: row.Document, Statement: row.Statement}, nil
}

// Takes is nil for a call of a partner that something may belong to now.
func (c *Consultations) Takes(ctx context.Context, tx store.Tx, partner, name id.ID) error {
	one, err := c.find(ctx, tx, name)
	if err != nil {
		return err
	}
	if one.Partner != partner || one.Until <= c.today() {
		return ErrNotFound
	}
	return nil
}

// Counts are what is said of a call. Zero is "fewer than ten, or nobody says".
type Counts struct {
	Brought int64
	Taken   int64
	Day     int64 // of the newest draw; 0 before the first
}

// Counts says how many items belong to a call, as the package says above. It writes
// only when there is something new to say.
func (c *Consultations) Counts(ctx context.Context, name id.ID) (out Counts, err error) {
	out, err = c.counts(ctx, c.DB.View, name, c.recall)
	if errors.Is(err, errDue) {
		out, err = c.counts(ctx, c.DB.Update, name, c.draw)
	}
	return out, err
}

// errDue says that a count is to be drawn, where nothing can be written.
var errDue = errors.New("a count is due")

// drawing makes the next draw of a count.
type drawing func(ctx context.Context, tx store.Tx, name id.ID, what string, count int64) (int64, error)

func (c *Consultations) recall(context.Context, store.Tx, id.ID, string, int64) (int64, error) {
	return 0, errDue
}

func (c *Consultations) counts(ctx context.Context, in func(context.Context, store.Work) error, name id.ID, draw drawing) (out Counts, err error) {
	err = in(ctx, func(ctx context.Context, tx store.Tx) error {
		out = Counts{}
		if _, err := c.find(ctx, tx, name); err != nil {
			return err
		}
		q := consultationdb.New(tx)
		brought, err := q.Brought(ctx, string(name))
		if err != nil {
			return fmt.Errorf("count items: %w", err)
		}
		taken, err := q.Taken(ctx, string(name))
		if err != nil {
			return fmt.Errorf("count items: %w", err)
		}
		if out.Brought, err = c.say(ctx, tx, name, "brought", brought, &out.Day, draw); err != nil {
			return err
		}
		out.Taken, err = c.say(ctx, tx, name, "taken", taken, &out.Day, draw)
		return err
	})
	return out, err
}

// say gives the draw that stands, or makes the next one.
func (c *Consultations) say(ctx context.Context, tx store.Tx, name id.ID, what string, count int64, day *int64, draw drawing) (int64, error) {
	q := consultationdb.New(tx)
	last, err := q.Shown(ctx, consultationdb.ShownParams{Consultation: string(name), What: what})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read a count: %w", err)
	}
	if !Due(last.Base, last.Day, count, c.today()) {
		*day = max(*day, last.Day)
		return last.Shown, nil
	}
	*day = max(*day, c.today())
	return draw(ctx, tx, name, what, count)
}

func (c *Consultations) draw(ctx context.Context, tx store.Tx, name id.ID, what string, count int64) (int64, error) {
	noise, err := c.noise()
	if err != nil {
		return 0, err
	}
	shown := Rounded(count + noise)
	err = consultationdb.New(tx).Release(ctx, consultationdb.ReleaseParams{Consultation: string(name), What: what, Base: count, Shown: shown, Day: c.today()})
	if err != nil {
		return 0, fmt.Errorf("release a count: %w", err)
	}
	return shown, nil
}

// Due says whether a count is drawn anew: base and day are those of the draw that
// stands, zero for none.
func Due(base, day, count, today int64) bool {
	moved := count - base
	if moved < 0 {
		moved = -moved
	}
	return moved >= K && (day == 0 || today > day)
}

// Rounded is the nearest ten, or nothing below K.
func Rounded(n int64) int64 {
	if n < K {
		return 0
	}
	return (n + 5) / 10 * 10
}

// noise draws from the two-sided geometric distribution: the difference of two
// geometric ones.
func (c *Consultations) noise() (int64, error) {
	one, err := c.geometric()
	if err != nil {
		return 0, err
	}
	two, err := c.geometric()
	return one - two, err
}

func (c *Consultations) geometric() (int64, error) {
	var b [8]byte
	if _, err := io.ReadFull(c.Rand, b[:]); err != nil {
		return 0, fmt.Errorf("draw noise: %w", err)
	}
	u := (float64(binary.BigEndian.Uint64(b[:])>>11) + 0.5) / (1 << 53) // within (0, 1)
	return int64(math.Floor(-Scale * math.Log(u))), nil
}
