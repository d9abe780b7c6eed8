package grant

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/agefile"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/store"
)

// Session is how long ranges belong to one opening, never past the grant's end.
const Session = 24 * time.Hour

// Pick chooses the bytes to send out of a file of that size and entity tag, and is
// told whether sending them counts as a read or belongs to a session that goes on.
// Its error ends the opening before anything is recorded or counted.
type Pick func(size int64, etag string, counts bool) (from, to int64, err error)

// Opening is a recorded opening, ready to be sent once.
type Opening struct {
	From, To, Size int64
	ETag           string

	export    bool // see export.go
	grants    *Grants
	file      *agefile.File
	testimony id.ID
	owner     id.Thumbprint
	grant     id.ID
	grantee   id.Thumbprint
	opening   id.ID
	lease     id.ID
	began     time.Time // before the transaction that took the lease
}

// Open lets the caller read part n of a grant. When it returns nil the opening
// event and the lease are durable, and nothing has been sent yet.
//
// A refusal is ErrNotFound whatever its reason.
func (g *Grants) Open(ctx context.Context, caller account.Caller, grant id.ID, n int64, pick Pick) (*Opening, error) {
	return g.begin(ctx, caller, grant, n, &Opening{grants: g, grantee: caller.ID}, pick)
}

// begin records the opening and makes it ready to be sent.
func (g *Grants) begin(ctx context.Context, caller account.Caller, grant id.ID, n int64, o *Opening, pick Pick) (*Opening, error) {
	var row grantdb.ToOpenRow
	var header, payload []byte
	err := g.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		o.began = g.Tick()
		var err error
		if row, o.opening, err = g.toOpen(ctx, tx, caller, grant, n, o.export); err != nil {
			return err
		}
		key, err := g.Keys.Load(ctx, tx, id.ID(row.Testimony))
		if err != nil {
			return err
		}
		if header, payload, err = unseal(key, row); err != nil {
			return err
		}
		return g.record(ctx, tx, o, row, key, grant, n, int64(len(header)), pick)
	})
	if errors.Is(err, ErrNotFound) || errors.Is(err, shred.ErrShredded) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return o, g.attach(ctx, o, row, header, payload)
}

// toOpen finds what the caller may open now, and the session that it belongs to
// if one goes on. It begins by writing the row that a revocation writes as well:
// two such transactions cannot both believe that they came first, so whoever looks
// for leases after revoking finds this one.
func (g *Grants) toOpen(ctx context.Context, tx store.Tx, caller account.Caller, grant id.ID, n int64, export bool) (grantdb.ToOpenRow, id.ID, error) {
	q := grantdb.New(tx)
	if entered, err := q.Enter(ctx, grantdb.EnterParams{ID: string(grant), Grantee: string(caller.ID)}); err != nil || entered == 0 {
		return grantdb.ToOpenRow{}, "", orNotFound(err, "enter grant")
	}
	row, err := q.ToOpen(ctx, grantdb.ToOpenParams{ID: string(grant), Grantee: string(caller.ID), N: n})
	if errors.Is(err, sql.ErrNoRows) {
		return row, "", ErrNotFound
	}
	if err != nil {
		return row, "", fmt.Errorf("find granted part: %w", err)
	}
	session, err := g.session(ctx, tx, sessionTag(row, export), grant, n)
	if err != nil {
		return row, "", err
	}
	f, err := g.facts(ctx, tx, grant)
	if err != nil {
		return row, "", err
	}
	f.Reads, f.InSession = row.Reads, session != ""
	if err := g.believed(); err != nil {
		return row, "", err
	}
	if release.Decide(f, g.Now().Unix()) != release.Live {
		return row, "", ErrNotFound
	}
	if err := g.rely(ctx, tx, grant, f); err != nil {
		return row, "", err
	}
	if export {
		if err := g.mayExport(ctx, tx, grant); err != nil { // last: whoever may not even open it is told nothing
			return row, "", err
		}
	}
	return row, session, err
}

// orNotFound says why a row was not there.
func orNotFound(err error, what string) error {
	if err == nil {
		return ErrNotFound
	}
	return fmt.Errorf("%s: %w", what, err)
}

func unseal(key *shred.Key, row grantdb.ToOpenRow) (header, payload []byte, err error) {
	if header, err = key.Open(headerLabel(row.HeaderSha256), row.Header); err != nil || row.Blob.Valid {
		return header, nil, err
	}
	payload, err = key.Open(payloadLabel(row.PayloadSha256), row.Payload)
	return header, payload, err
}

// record begins a session where none goes on, with its custody event, and takes
// the lease.
func (g *Grants) record(ctx context.Context, tx store.Tx, o *Opening, row grantdb.ToOpenRow, key *shred.Key, grant id.ID, n, headerLen int64, pick Pick) error {
	tag := agefile.Tag(row.HeaderSha256, row.PayloadSha256)
	o.Size, o.ETag, o.testimony, o.owner, o.grant = headerLen+row.Length, agefile.ETag(tag), id.ID(row.Testimony), id.Thumbprint(row.Owner), grant
	begins := o.opening == ""
	var err error
	if o.From, o.To, err = pick(o.Size, o.ETag, begins); err != nil {
		return err
	}
	if begins {
		if err := g.read(ctx, tx, o, row.UntilS, key, n, sessionTag(row, o.export)); err != nil {
			return err
		}
	}
	if o.lease, err = id.New(g.Rand); err != nil {
		return err
	}
	err = grantdb.New(tx).Lease(ctx, grantdb.LeaseParams{ID: string(o.lease), Testimony: row.Testimony, GrantID: string(grant), N: n, HeaderSha256: row.HeaderSha256,
		OpeningID: string(o.opening), FromB: o.From, ToB: o.To, RenewedS: g.Now().Unix()})
	if err != nil {
		return fmt.Errorf("take lease: %w", err)
	}
	if !begins || row.MaxReads == 0 {
		return nil
	}
	// Outside the database before the header leaves: a restored backup does not
	// give reads back. Should the transaction fail after all, one read too many is
	// remembered, never one too few.
	return g.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Read, ID: grant, N: n, Value: row.Reads + 1})
}

// session is the session that goes on for this file, if there is one.
func (g *Grants) session(ctx context.Context, tx store.Tx, tag []byte, grant id.ID, n int64) (id.ID, error) {
	current, err := grantdb.New(tx).Current(ctx, grantdb.CurrentParams{GrantID: string(grant), N: n, Etag: tag, NowS: g.Now().Unix()})
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find session: %w", err)
	}
	return id.ID(current.ID), nil
}

// read counts one read: a header is about to be delivered, and a session begins.
func (g *Grants) read(ctx context.Context, tx store.Tx, o *Opening, until int64, key *shred.Key, n int64, tag []byte) error {
	q, now := grantdb.New(tx), g.Now()
	opening, err := id.New(g.Rand)
	if err != nil {
		return err
	}
	o.opening = opening
	err = q.Open(ctx, grantdb.OpenParams{ID: string(opening), GrantID: string(o.grant), N: n, OpenedS: now.Unix(),
		UntilS: min(now.Add(Session).Unix(), until), Length: o.Size, Etag: tag, Fetched: []byte{}})
	if err != nil {
		return fmt.Errorf("record opening: %w", err)
	}
	if err := q.CountRead(ctx, grantdb.CountReadParams{GrantID: string(o.grant), N: n}); err != nil {
		return fmt.Errorf("count read: %w", err)
	}
	return custody.Record(ctx, tx, o.testimony, key, custody.Event{Kind: custody.Opened, At: now.Unix(), Actor: o.grantee, N: n, Grant: o.grant, Detail: o.detail()})
}

// attach opens the payload. When it is gone since the transaction, so is the grant.
func (g *Grants) attach(ctx context.Context, o *Opening, row grantdb.ToOpenRow, header, payload []byte) error {
	if !row.Blob.Valid {
		o.file = agefile.Inline(header, payload, row.PayloadSha256)
		return nil
	}
	stored, err := g.Payloads.Open(ctx, id.ID(row.Blob.String), row.Length)
	if err == nil {
		o.file = agefile.Stored(header, stored, row.PayloadSha256)
		return nil
	}
	if e := g.end(context.WithoutCancel(ctx), o.lease, o.opening, o.From, o.From); e != nil {
		g.Log.Error("end lease", "error", e)
	}
	if errors.Is(err, blob.ErrNotFound) {
		return ErrGone
	}
	return err
}
