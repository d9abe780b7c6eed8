// Package grant lets named readers open named parts, and ends it.
//
// A grant is a statement of hers and one age header per part, made by her client
// for the reader's recipient: the vault can refuse it, and cannot make, widen or
// redirect one. Opening a part checks, in one transaction, that the grant is in
// its term and not revoked and the reader's accreditation live, and writes the
// opening event; only after that transaction is durable does the first byte of
// the header leave.
//
// Terms change by her later statements, which replace those in force (terms.go). A
// reader may ask for that; whether and when she is shown it is hers (ask.go).
//
// Revoking destroys the headers. A stream under way holds a lease of at most one
// second, which its node renews only while the grant stands (see gate.go), so no
// node sends for longer than that after the revocation has committed; Settle
// waits until it is over.
//
// What the package cannot do: take back what a reader has already fetched. It
// lists it instead (Fetched).
package grant

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Errors of this package.
var (
	ErrNotFound     = custody.ErrNotFound
	ErrGone         = fmt.Errorf("%w: it went after the opening was recorded, and nothing of it was sent", ErrNotFound)
	ErrSealed       = errors.New("the header is refused; nothing was granted")
	ErrMix          = errors.New("the header and the part are not of one kind: a classic header would make a post-quantum part classic")
	ErrDigest       = errors.New("a part or header is not the one in the statement; nothing was granted")
	ErrNotHers      = errors.New("a part that was sealed on arrival must be adopted before it is granted")
	ErrUnaccredited = errors.New("the reader's accreditation does not count now; nothing was granted")
	ErrEnded        = errors.New("the grant has ended already; nothing was changed")
	ErrChanged      = errors.New("grants on this part have come or gone meanwhile; read them again before signing")
	ErrExport       = errors.New("her terms keep this part within the vault's world: open it, and do not export it")
	ErrSilent       = errors.New("the reader has not answered in time to the end of an earlier grant; nothing was granted")
	ErrOver         = errors.New("the term of this grant is over; grant the parts anew")
	ErrLimit        = errors.New("this testimony has as many grants as the vault takes; revoke one first")
)

// Reader answers what the grants need to know of a reader.
type Reader struct {
	// Live says whether the accreditation counts now for this account.
	Live func(ctx context.Context, tx store.Tx, accreditation []byte, account id.Thumbprint, now int64) (bool, error)
}

// Policy says how far a release policy has come, within tx. Its error refuses.
type Policy func(ctx context.Context, tx store.Tx, policy id.ID) (*release.Policy, error)

// Rely gives a transaction that acts on what Policy said an order with every act
// that could change it.
type Rely func(ctx context.Context, tx store.Tx, policy id.ID) error

// Grants is the grants of one vault.
type Grants struct {
	DB           *store.DB
	Payloads     *payload.Payloads
	Ledger       *ledger.Ledger
	Keys         shred.Keys
	Reader       Reader
	Policy       Policy
	Rely         Rely
	Journal      *journal.Journal
	PerTestimony int64            // most live grants on one testimony
	AnswerWithin time.Duration    // in which a reader owes an answer to the end of a grant
	AsksPerMonth int64            // most requests of readers that one person is shown in a month
	Now          func() time.Time // the vault's clock: terms, days
	Believed     func() error     // nil, or why Now cannot be relied on; a nil func always believes
	Tick         func() time.Time // this node's monotonic clock: leases, never set back
	Rand         io.Reader
	Log          *slog.Logger

	// Withdrawn is told of a withdraw statement within its transaction, for what else
	// it takes back; nil for nobody.
	Withdrawn func(ctx context.Context, tx store.Tx, owner id.Thumbprint, body *statement.Withdraw) error

	// Origins says how parts came that somebody else brought; nil for nobody brings.
	Origins Origins

	gate       gate
	recipients recipients
}

func (g *Grants) today() int64 { return statement.DayOf(g.Now()) }

// CheckHeader checks a reader's header without keys: its shape, its digest in
// the statement, and that it is of the part's kind.
func CheckHeader(header []byte, sha string, pq bool) error {
	info, err := envelope.ParseHeader(header)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSealed, err)
	}
	if sum := sha256.Sum256(header); statement.B64(sum[:]) != sha {
		return ErrDigest
	}
	if info.PQ != pq {
		return ErrMix
	}
	return nil
}

// Grant records a grant: its statement, and a header for each part it names, in
// the statement's order. The grant's id is the statement's.
func (g *Grants) Grant(ctx context.Context, caller account.Caller, testimony id.ID, compact string, headers [][]byte, commit ledger.Commit) (id.ID, ledger.Accepted, error) {
	if err := g.mayGrant(ctx, caller, testimony); err != nil {
		return "", ledger.Accepted{}, err
	}
	s, body, err := ledger.Take[*statement.Grant](g.Ledger, caller.Signer(), compact)
	if err != nil {
		return "", ledger.Accepted{}, err
	}
	if body.Testimony != testimony || len(body.Parts) != len(headers) {
		return "", ledger.Accepted{}, fmt.Errorf("%w: it names another testimony or another number of parts", statement.ErrRefused)
	}
	if body.Until <= g.Now().Unix() {
		return "", ledger.Accepted{}, fmt.Errorf("%w: its term is over already", statement.ErrRefused)
	}
	err = g.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := g.grant(ctx, tx, caller, s, body, headers); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.ID, s.Accepted(), err
}

// mayGrant tells a collection why nobody can be let read what lies in it. Another
// account of a partner's, such as an officer's own, has no testimony that this could
// be about, and is told that there is none.
func (g *Grants) mayGrant(ctx context.Context, caller account.Caller, testimony id.ID) error {
	refused := caller.MayGrant()
	if refused == nil {
		return nil
	}
	err := g.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		_, err := g.own(ctx, tx, caller.ID, testimony)
		return err
	})
	if err != nil {
		return err
	}
	return refused
}

// place is where a statement and its event go.
type place struct {
	key     *shred.Key
	account id.Thumbprint
	event   int64
}

// grant asks everything first, together, and then writes.
func (g *Grants) grant(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, body *statement.Grant, headers [][]byte) error {
	var at place
	var origins func(*shred.Key) (map[int64]Origin, error)
	err := store.Together(ctx, tx,
		func(ctx context.Context, tx store.Tx) (err error) {
			at.key, err = g.own(ctx, tx, caller.ID, body.Testimony)
			return err
		},
		func(ctx context.Context, tx store.Tx) error { return g.checkLive(ctx, tx, body) },
		func(ctx context.Context, tx store.Tx) error { return g.checkAnswered(ctx, tx, body.Grantee) },
		func(ctx context.Context, tx store.Tx) error { return g.checkRecipient(ctx, tx, caller.ID, body) },
		func(ctx context.Context, tx store.Tx) error { return g.countIn(ctx, tx, body.Testimony) },
		// Before the row, whose name is the statement's: whoever sends it again, because
		// the answer was lost, is told that it stands in the chain already.
		func(ctx context.Context, tx store.Tx) (err error) {
			at.account, err = g.Ledger.Advance(ctx, tx, s.Statement)
			return err
		},
		func(ctx context.Context, tx store.Tx) error { return g.checkParts(ctx, tx, caller, body, headers) },
		func(ctx context.Context, tx store.Tx) (err error) {
			origins, err = g.origins(ctx, tx, body.Testimony)
			return err
		},
		func(ctx context.Context, tx store.Tx) (err error) {
			at.event, err = custody.Number(ctx, tx, body.Testimony, 1)
			return err
		})
	if err != nil {
		return err
	}
	if err := holdOrigins(body, at.key, origins); err != nil {
		return err
	}
	if err := g.write(ctx, tx, caller, s, body, headers, at); err != nil {
		return err
	}
	return custody.Write(ctx, tx, body.Testimony, at.key, at.event, custody.Event{Kind: custody.Granted, At: g.today(), Actor: caller.ID, Grant: s.ID})
}

func (g *Grants) countIn(ctx context.Context, tx store.Tx, testimony id.ID) error {
	counted, err := grantdb.New(tx).CountIn(ctx, grantdb.CountInParams{ID: string(testimony), Most: g.PerTestimony})
	if err != nil {
		return fmt.Errorf("count grant: %w", err)
	}
	if counted == 0 {
		return ErrLimit
	}
	return nil
}

// checkParts checks each part against its row, and the reader's header for it.
func (g *Grants) checkParts(ctx context.Context, tx store.Tx, caller account.Caller, body *statement.Grant, headers [][]byte) error {
	for i, p := range body.Parts {
		if err := g.checkPart(ctx, tx, caller, body.Testimony, p, headers[i]); err != nil {
			return fmt.Errorf("part %d: %w", p.N, err)
		}
	}
	return nil
}

func (g *Grants) checkPart(ctx context.Context, tx store.Tx, caller account.Caller, testimony id.ID, p statement.GrantedPart, header []byte) error {
	row, err := grantdb.New(tx).PartToGrant(ctx, grantdb.PartToGrantParams{Testimony: string(testimony), N: p.N, Owner: string(caller.ID)})
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("find part: %w", err)
	}
	if row.State != "hers" {
		return ErrNotHers
	}
	payload, errP := statement.Hash32(p.PayloadSHA256)
	commit, errC := statement.Hash32(p.Commit)
	if errP != nil || errC != nil || !bytes.Equal(row.PayloadSha256, payload[:]) || !bytes.Equal(row.Commitment, commit[:]) {
		return ErrDigest
	}
	return CheckHeader(header, p.HeaderSHA256, row.Classic == 0)
}

// write keeps the statement, the grant and the reader's headers.
func (g *Grants) write(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, body *statement.Grant, headers [][]byte, at place) error {
	if err := g.Ledger.Keep(ctx, tx, at.account, at.key, s.Statement); err != nil {
		return err
	}
	accreditation, err := statement.Hash32(body.Accreditation)
	if err != nil {
		return err
	}
	q := grantdb.New(store.Later(tx))
	err = q.Create(ctx, grantdb.CreateParams{
		ID: string(s.ID), Testimony: string(body.Testimony), Owner: string(caller.ID), Seq: s.Seq, Grantee: string(body.Grantee),
		Accreditation: accreditation[:], FromS: body.From, UntilS: body.Until, MaxReads: body.MaxReads,
		Policy: sql.NullString{String: string(body.Conditions.Policy), Valid: body.Conditions.Policy != ""},
	})
	if err != nil {
		return fmt.Errorf("create grant: %w", err)
	}
	for i, p := range body.Parts {
		sum := sha256.Sum256(headers[i])
		sealed, err := at.key.Seal(headerLabel(sum[:]), headers[i])
		if err != nil {
			return err
		}
		err = q.CreatePart(ctx, grantdb.CreatePartParams{GrantID: string(s.ID), N: p.N, Testimony: string(body.Testimony), HeaderSha256: sum[:], Header: sealed})
		if err != nil {
			return fmt.Errorf("store header of part %d: %w", p.N, err)
		}
	}
	return nil
}

func headerLabel(headerSHA256 []byte) string   { return "header " + statement.B64(headerSHA256) }
func payloadLabel(payloadSHA256 []byte) string { return "payload " + statement.B64(payloadSHA256) }

// own proves that the account owns the testimony and gives its key.
func (g *Grants) own(ctx context.Context, tx store.Tx, owner id.Thumbprint, testimony id.ID) (*shred.Key, error) {
	key, err := grantdb.New(tx).Owned(ctx, grantdb.OwnedParams{ID: string(testimony), Owner: string(owner)})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("find testimony: %w", err)
	}
	return g.Keys.Of(key)
}
