package grant

import (
	"bytes"
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
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/store"
)

// Session is how long ranges belong to one opening, never past the grant's end.
const Session = 24 * time.Hour

// Pick chooses the bytes to send out of a file of that size and entity tag; its
// error ends the opening before anything is recorded.
type Pick func(size int64, etag string) (from, to int64, err error)

// Opening is a recorded opening, ready to be sent once.
type Opening struct {
	From, To, Size int64
	ETag           string

	grants        *Grants
	file          *agefile.File
	testimony     id.ID
	grantee       id.Thumbprint
	accreditation []byte
	opening       id.ID
	lease         id.ID
	began         time.Time // before the transaction that took the lease
}

// Open lets the caller read part n of a grant. When it returns nil the opening
// event and the lease are durable, and nothing has been sent yet.
//
// A refusal is ErrNotFound whatever its reason.
func (g *Grants) Open(ctx context.Context, caller account.Caller, grant id.ID, n int64, pick Pick) (*Opening, error) {
	o := &Opening{grants: g, grantee: caller.ID}
	var row grantdb.ToOpenRow
	var header, payload []byte
	err := g.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		o.began = g.Tick()
		var err error
		if row, err = g.toOpen(ctx, tx, caller, grant, n); err != nil {
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

// toOpen finds what the caller may open now. It begins by writing the row that
// a revocation writes as well: two such transactions cannot both believe that
// they came first, so whoever looks for leases after revoking finds this one.
func (g *Grants) toOpen(ctx context.Context, tx store.Tx, caller account.Caller, grant id.ID, n int64) (grantdb.ToOpenRow, error) {
	q := grantdb.New(tx)
	if entered, err := q.Enter(ctx, grantdb.EnterParams{ID: string(grant), Grantee: string(caller.ID)}); err != nil || entered == 0 {
		return grantdb.ToOpenRow{}, orNotFound(err, "enter grant")
	}
	row, err := q.ToOpen(ctx, grantdb.ToOpenParams{ID: string(grant), Grantee: string(caller.ID), N: n})
	if errors.Is(err, sql.ErrNoRows) {
		return row, ErrNotFound
	}
	if err != nil {
		return row, fmt.Errorf("find granted part: %w", err)
	}
	now := g.Now().Unix()
	if now < row.FromS || now >= row.UntilS {
		return row, ErrNotFound
	}
	live, err := g.Reader.Live(ctx, tx, row.Accreditation, caller.ID, now)
	if err != nil {
		return row, err
	}
	if !live {
		return row, ErrNotFound
	}
	return row, nil
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

// record finds the session or begins one, with its custody event, and takes the
// lease.
func (g *Grants) record(ctx context.Context, tx store.Tx, o *Opening, row grantdb.ToOpenRow, key *shred.Key, grant id.ID, n, headerLen int64, pick Pick) error {
	tag := agefile.Tag(row.HeaderSha256, row.PayloadSha256)
	o.Size, o.ETag = headerLen+row.Length, agefile.ETag(tag)
	o.testimony, o.accreditation = id.ID(row.Testimony), bytes.Clone(row.Accreditation)
	var err error
	if o.From, o.To, err = pick(o.Size, o.ETag); err != nil {
		return err
	}
	if o.opening, err = g.session(ctx, tx, o, row, key, grant, n, tag[:]); err != nil {
		return err
	}
	if o.lease, err = id.New(g.Rand); err != nil {
		return err
	}
	err = grantdb.New(tx).Lease(ctx, grantdb.LeaseParams{ID: string(o.lease), Testimony: row.Testimony, GrantID: string(grant), N: n, HeaderSha256: row.HeaderSha256,
		OpeningID: string(o.opening), FromB: o.From, ToB: o.To, RenewedS: g.Now().Unix()})
	if err != nil {
		return fmt.Errorf("take lease: %w", err)
	}
	return nil
}

func (g *Grants) session(ctx context.Context, tx store.Tx, o *Opening, row grantdb.ToOpenRow, key *shred.Key, grant id.ID, n int64, tag []byte) (id.ID, error) {
	q, now := grantdb.New(tx), g.Now()
	current, err := q.Current(ctx, grantdb.CurrentParams{GrantID: string(grant), N: n, Etag: tag, NowS: now.Unix()})
	if err == nil {
		return id.ID(current.ID), nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("find session: %w", err)
	}
	opening, err := id.New(g.Rand)
	if err != nil {
		return "", err
	}
	err = q.Open(ctx, grantdb.OpenParams{ID: string(opening), GrantID: string(grant), N: n, OpenedS: now.Unix(),
		UntilS: min(now.Add(Session).Unix(), row.UntilS), Length: o.Size, Etag: tag, Fetched: []byte{}})
	if err != nil {
		return "", fmt.Errorf("record opening: %w", err)
	}
	return opening, custody.Record(ctx, tx, o.testimony, key, custody.Event{Kind: custody.Opened, At: now.Unix(), Actor: o.grantee, N: n, Grant: grant})
}

// attach opens the payload. When it is gone since the transaction, so is the grant.
func (g *Grants) attach(ctx context.Context, o *Opening, row grantdb.ToOpenRow, header, payload []byte) error {
	if !row.Blob.Valid {
		o.file = agefile.Inline(header, payload, row.PayloadSha256)
		return nil
	}
	var err error
	o.file, err = agefile.Stored(ctx, g.Blobs, id.ID(row.Blob.String), header, row.PayloadSha256, row.Length)
	if err == nil {
		return nil
	}
	if e := g.end(context.WithoutCancel(ctx), o.lease, o.opening, o.From, o.From); e != nil {
		g.Log.Error("end lease", "error", e)
	}
	if errors.Is(err, blob.ErrNotFound) {
		return ErrNotFound
	}
	return err
}
