package testimony

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// Arrival is plaintext to be sealed here, for somebody who cannot seal it.
type Arrival struct {
	Testimony id.ID
	N         int64
	Statement string // received
	Info      envelope.PartInfo
	Length    int64 // of Body, exactly
	Body      io.Reader
}

// Arrived is what the server made of it: what she checks and signs in an adopt
// statement before the part can be granted.
type Arrived struct {
	ledger.Accepted
	Binding statement.Binding
}

// Arrive seals a body to the caller as it streams in. The plaintext and the file
// key exist in memory only, a few MiB at a time; what is written is the sealed
// payload. Of a body that ends early nothing stays.
func (v *Vault) Arrive(ctx context.Context, caller account.Caller, a Arrival, commit account.Commit[Arrived]) (Arrived, error) {
	s, err := v.takeReceived(caller, a)
	if err != nil {
		return Arrived{}, err
	}
	sealer, err := v.prepare(ctx, caller, a)
	if err != nil {
		return Arrived{}, err
	}
	stored, err := sealer.run(ctx, v, a)
	if err != nil {
		return Arrived{}, err
	}
	out := Arrived{s.Accepted(), sealer.binding(stored.sum)}
	err = v.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := v.arrive(ctx, tx, caller, a, s, sealer, stored, out.Binding); err != nil {
			return err
		}
		return commit.Do(ctx, tx, out)
	})
	return out, v.Payloads.Discard(ctx, stored.object, err)
}

func (v *Vault) takeReceived(caller account.Caller, a Arrival) (*ledger.Taken, error) {
	if !v.OnArrival {
		return nil, ErrArrivalOff
	}
	// Evidence mode is hers and her client's: what a device knew of a capture never
	// passes through here unsealed, whatever the mode is.
	if a.Info.Captured != nil {
		return nil, ErrCaptured
	}
	s, body, err := ledger.Take[*statement.Received](v.Ledger, caller.Signer(), a.Statement)
	if err != nil {
		return nil, err
	}
	if body.Testimony != a.Testimony || body.N != a.N || body.Length != a.Length {
		return nil, fmt.Errorf("%w: it names another testimony, part or length", statement.ErrRefused)
	}
	if a.N > v.Limits.Parts {
		return nil, fmt.Errorf("%w: part numbers end at %d", ErrLimit, v.Limits.Parts)
	}
	return s, nil
}

// arrivalSealer is one file key's short life.
type arrivalSealer struct {
	key    envelope.FileKey
	nonce  [envelope.NonceSize]byte
	header []byte
	plain  int64 // length of the container
	length int64 // of the payload
	crew   *envelope.Crew
}

// prepare checks that the place is free and the size fits, before a byte of the
// body is read, and makes a file key wrapped to her recipient.
func (v *Vault) prepare(ctx context.Context, caller account.Caller, a Arrival) (*arrivalSealer, error) {
	var recipient string
	err := v.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, _, err := v.own(ctx, tx, caller, a.Testimony); err != nil {
			return err
		}
		_, err := testimonydb.New(tx).Part(ctx, testimonydb.PartParams{Testimony: string(a.Testimony), N: a.N})
		if err == nil {
			return fmt.Errorf("part %d: %w", a.N, ErrExists)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("find part: %w", err)
		}
		recipient, err = v.Ledger.Recipient(ctx, tx, caller.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return v.newSealer(recipient, a)
}

func (v *Vault) newSealer(recipient string, a Arrival) (*arrivalSealer, error) {
	plain, err := envelope.ContainerSize(a.Info, a.Length)
	if errors.Is(err, envelope.ErrSize) {
		return nil, fmt.Errorf("%w: %w", ErrLimit, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	s := &arrivalSealer{plain: plain, length: envelope.PayloadSize(plain), crew: v.Crew}
	if s.length > v.Limits.PartSize {
		return nil, fmt.Errorf("%w: a part has at most %d bytes; send more parts", ErrLimit, v.Limits.PartSize)
	}
	to, _, err := envelope.ParseRecipient(recipient)
	if err != nil {
		return nil, fmt.Errorf("seal on arrival: %w", err)
	}
	if s.key, err = envelope.NewFileKey(v.Rand); err != nil {
		return nil, fmt.Errorf("seal on arrival: %w", err)
	}
	if s.nonce, err = envelope.NewNonce(v.Rand); err != nil {
		return nil, fmt.Errorf("seal on arrival: %w", err)
	}
	s.header, err = envelope.ComposeHeader(s.key, to)
	return s, err
}

// run goes body → container → age payload → store. Each side ends when the other
// fails, so neither a half container nor a goroutine stays behind.
func (s *arrivalSealer) run(ctx context.Context, v *Vault, a Arrival) (stored, error) {
	if s.length <= v.Limits.InlineMax {
		var buf bytes.Buffer
		buf.Grow(int(s.length))
		sum, err := s.seal(&buf, a)
		return stored{sum: sum, length: s.length, inline: buf.Bytes()}, err
	}
	object, err := id.New(v.Rand)
	if err != nil {
		return stored{}, err
	}
	var sum [32]byte
	payload := blob.NewSource(func(w io.Writer) (err error) {
		sum, err = s.seal(w, a)
		return err
	})
	err = errors.Join(v.Payloads.Blobs.Put(ctx, object, s.length, payload), payload.Close())
	if err != nil {
		return stored{}, fmt.Errorf("store payload: %w", err)
	}
	return stored{sum: sum, length: s.length, object: object}, nil
}

// seal writes the payload of the container of the body.
func (s *arrivalSealer) seal(w io.Writer, a Arrival) ([32]byte, error) {
	plain, err := envelope.Contain(a.Info, a.Body, a.Length)
	if err != nil {
		return [32]byte{}, fmt.Errorf("seal on arrival: %w", err)
	}
	sealed, err := s.crew.Seal(w, plain, s.key, s.nonce)
	if err != nil {
		return [32]byte{}, fmt.Errorf("seal on arrival: %w", err)
	}
	return sealed.SHA256, nil
}

func (s *arrivalSealer) binding(payload [32]byte) statement.Binding {
	commit := envelope.Commit(s.key, payload)
	return statement.Binding{
		Length: s.length, PayloadSHA256: statement.B64(payload[:]),
		Commit: statement.B64(commit[:]), HeaderSHA256: sum(s.header),
	}
}

// arrive writes the rows of a part that was sealed here.
func (v *Vault) arrive(ctx context.Context, tx store.Tx, caller account.Caller, a Arrival, s *ledger.Taken, sealer *arrivalSealer, st stored, b statement.Binding) error {
	_, key, err := v.own(ctx, tx, caller, a.Testimony)
	if err != nil {
		return err
	}
	if err := account.Charge(ctx, tx, caller.ID, b.Length, v.Limits.Bytes); err != nil {
		return err
	}
	row, err := v.sealRow(key, a.Testimony, a.N, b, sealer.header, st.inline)
	if err != nil {
		return err
	}
	if row.Blob, err = v.name(ctx, tx, st); err != nil {
		return err
	}
	row.State, row.Arrived = "received", 1
	row.ReceivedIss = sql.NullString{String: string(caller.ID), Valid: true}
	row.ReceivedSeq = sql.NullInt64{Int64: s.Seq, Valid: true}
	if err := v.insert(ctx, tx, row); err != nil {
		return err
	}
	return v.record(ctx, tx, caller, a.Testimony, key, act{s, custody.Received, a.N})
}

// Adopt makes a part that arrived in plaintext hers: she has opened it and signs
// what it is.
func (v *Vault) Adopt(ctx context.Context, caller account.Caller, testimony id.ID, n int64, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Adopt](v.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Testimony != testimony || body.N != n {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another part", statement.ErrRefused)
	}
	err = v.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		_, key, err := v.own(ctx, tx, caller, testimony)
		if err != nil {
			return err
		}
		if err := v.checkAdopt(ctx, tx, body); err != nil {
			return err
		}
		if _, err := testimonydb.New(tx).Adopt(ctx, testimonydb.AdoptParams{Testimony: string(testimony), N: n}); err != nil {
			return fmt.Errorf("adopt part: %w", err)
		}
		if err := v.record(ctx, tx, caller, testimony, key, act{s, custody.Adopted, n}); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

func (v *Vault) checkAdopt(ctx context.Context, tx store.Tx, body *statement.Adopt) error {
	p, err := testimonydb.New(tx).Part(ctx, testimonydb.PartParams{Testimony: string(body.Testimony), N: body.N})
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("find part: %w", err)
	}
	if p.State != "received" {
		return fmt.Errorf("part %d is hers already: %w", body.N, ErrExists)
	}
	received, err := v.Ledger.Statement(ctx, tx, id.Thumbprint(p.ReceivedIss.String), p.ReceivedSeq.Int64)
	if err != nil {
		return err
	}
	rh := received.Hash()
	b := body.Binding()
	same := p.Length == b.Length && bytes.Equal(p.PayloadSha256, hash(b.PayloadSHA256)) && bytes.Equal(p.Commitment, hash(b.Commit)) &&
		bytes.Equal(p.HeaderSha256, hash(b.HeaderSHA256)) && body.ReceivedSHA256 == statement.B64(rh[:])
	if !same {
		return ErrDigest
	}
	return nil
}
