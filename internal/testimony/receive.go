package testimony

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/inflow"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

const (
	// floor is the least that a piece has, of all but the last one on average. With it
	// a payload has pieces in proportion to its length, however often its line breaks.
	floor = 256 << 10
	// enough is what a piece begins with where there are few so far: most likely it
	// comes to more than the floor. It is all that a line holds back.
	enough = 64 << 10
	// pieceMin and pieceMax are what a piece is aimed at: it begins at the one and
	// doubles towards the other for as long as the line fills it before a checkpoint
	// is due. The most that a killed node costs is two of them. A body that is no
	// longer than pieceMax is aimed at as a whole: its sender has to wait for the end
	// of it anyway, and for one flush instead of four.
	pieceMin = 1 << 20
	pieceMax = 16 << 20
	// checkpoint is how long bytes wait to be made durable.
	checkpoint = 3 * time.Second
	// flushing is how long a store may take to flush what it was given.
	flushing = time.Minute
)

// Incoming is bytes of a payload on their way.
type Incoming struct {
	Offset int64 // of the first one in the payload
	Body   io.Reader
	Length int64 // that Body is said to have; 0 where nobody says
	// HeaderSHA256 says which upload they are of: the number may have been begun
	// anew since. nil is whichever there is.
	HeaderSHA256 []byte
	// Hang makes a Read of Body that waits return at once; nil for a Body that never
	// waits.
	Hang func()
	// Verify, where it is set, is asked once when Body has ended, before anything of
	// it is kept; nothing is where it fails. Then Body may not be longer than a piece.
	Verify func() error
}

// Progress is how far an upload has come.
type Progress struct {
	Received, Length int64
	HeaderSHA256     []byte
	PayloadSHA256    []byte // nil until everything is there
	MovedDay         int64  // when the last bytes came, or it was begun
}

// Progress says how far an upload has come.
func (v *Vault) Progress(ctx context.Context, caller account.Caller, testimony id.ID, n int64) (Progress, error) {
	var slot testimonydb.SlotRow
	err := v.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		slot, err = v.ownSlot(ctx, tx, caller, testimony, n)
		return err
	})
	return Progress{Received: slot.Received, Length: slot.Length, HeaderSHA256: slot.HeaderSha256, PayloadSHA256: slot.PayloadSha256, MovedDay: slot.MovedDay}, err
}

func (v *Vault) ownSlot(ctx context.Context, tx store.Tx, caller account.Caller, testimony id.ID, n int64) (testimonydb.SlotRow, error) {
	if _, _, err := v.own(ctx, tx, caller, testimony); err != nil {
		return testimonydb.SlotRow{}, err
	}
	return v.slot(ctx, tx, testimony, n)
}

// Receive takes the next bytes of an upload: as many as come, at most what is still
// missing. What it has told by Progress is durable, and what came while it runs
// becomes so piece by piece, also where it ends with an error: a line that breaks
// costs nothing that came, a node that dies what came since the last checkpoint.
//
// The bytes must be the next ones, or it is ErrOffset. Of two writers one goes on
// and the other ends with ErrOffset at its next checkpoint; a writer whose upload
// was begun anew, before or meanwhile, ends with ErrChanged, and one whose upload is gone with
// ErrNotFound. The last byte makes the upload whole, with its digest.
func (v *Vault) Receive(ctx context.Context, caller account.Caller, testimony id.ID, n int64, in Incoming) error {
	r := &receiver{v: v, caller: caller, testimony: testimony, n: n, in: in, target: pieceMin}
	if in.Length > 0 && in.Length <= pieceMax || in.Verify != nil {
		r.target = pieceMax
	}
	if err := r.begin(ctx); err != nil {
		return fmt.Errorf("receive upload: %w", err)
	}
	if r.at == r.slot.Length {
		return nil
	}
	if err := r.run(ctx); err != nil {
		return fmt.Errorf("receive upload: %w", err)
	}
	return nil
}

// receiver is one Receive. Of an upload's bytes the first ones lie in pieces, and
// then tail bytes in SQL; behind at comes what the line brings.
type receiver struct {
	v         *Vault
	caller    account.Caller
	testimony id.ID
	n         int64
	in        Incoming
	slot      testimonydb.SlotRow // as it was found
	payload   id.ID               // of the pieces; empty before the first one

	line   *inflow.Line
	digest *inflow.Digest // nil before the first piece
	state  []byte         // of the digest, behind the last piece
	at     int64
	tail   int64
	pieces int64
	target int64
	last   *flight

	alive  context.Context // until a piece has failed: what comes behind it is not kept
	giveUp context.CancelFunc
}

// begin finds out where the upload stands, before anything is read.
func (r *receiver) begin(ctx context.Context) error {
	return r.v.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		if r.slot, err = r.v.ownSlot(ctx, tx, r.caller, r.testimony, r.n); err != nil {
			return err
		}
		if r.in.HeaderSHA256 != nil && !bytes.Equal(r.in.HeaderSHA256, r.slot.HeaderSha256) {
			return ErrChanged
		}
		if r.in.Offset != r.slot.Received {
			return ErrOffset
		}
		r.payload, r.at = id.ID(r.slot.Blob.String), r.slot.Received
		last, err := payload.Last(ctx, tx, r.payload)
		if err != nil {
			return err
		}
		r.state, r.tail = last.Digest, r.at-last.End()
		r.pieces, err = payload.Count(ctx, tx, r.payload)
		return err
	})
}

func (r *receiver) run(ctx context.Context) (err error) {
	// What came is kept also when the client has gone, which ends its context.
	ctx = context.WithoutCancel(ctx)
	r.alive, r.giveUp = context.WithCancel(ctx)
	defer r.giveUp()
	r.line = inflow.NewLine(&r.v.buffers, r.in.Body, r.slot.Length-r.at, r.in.Hang)
	defer r.line.Close()
	for ended := false; err == nil && !ended; {
		ended, err = r.next(ctx)
	}
	if e := r.settle(); err == nil {
		err = e
	}
	if err == nil {
		err = r.line.Err()
	}
	return err
}

// next keeps what the line has brought, once that is enough or time is up.
func (r *receiver) next(ctx context.Context) (ended bool, err error) {
	ready, ended := r.gather()
	if r.alive.Err() != nil {
		return true, r.settle()
	}
	if ready == 0 {
		return ended, nil
	}
	if err := r.checkNonce(); err != nil {
		return ended, err
	}
	whole := r.at+int64(ready) == r.slot.Length
	switch {
	case r.inline() && whole:
		return true, r.keepWhole(ctx, ready)
	case r.inline(), !whole && !r.worth(ready):
		return ended, r.keepTail(ctx, ready)
	}
	return false, r.keepPiece(ctx, ready)
}

// inline tells that the payload will lie in its row.
func (r *receiver) inline() bool { return r.slot.Length <= r.v.Limits.InlineMax }

// worth tells whether a piece may begin with the tail and what is ready. One that
// ends below the floor because its line breaks has those before it make up for that.
func (r *receiver) worth(ready int) bool {
	return r.tail+int64(ready) >= floor || ready >= enough && r.pieces*floor <= r.at
}

// gather waits for enough to make something of, as long as bytes may wait.
func (r *receiver) gather() (ready int, ended bool) {
	want := int(min(r.slot.Length-r.at, inflow.Window))
	if !r.inline() {
		want = min(want, enough)
	}
	if r.in.Verify != nil {
		return r.line.Wait(want, r.alive.Done())
	}
	if ready, ended = r.line.Wait(1, r.alive.Done()); ready >= want || ended {
		return ready, ended
	}
	due, cancel := context.WithTimeout(r.alive, r.v.checkpoint())
	defer cancel()
	return r.line.Wait(want, due.Done())
}

func (v *Vault) checkpoint() time.Duration {
	if v.Checkpoint == 0 {
		return checkpoint
	}
	return v.Checkpoint
}

// checkNonce refuses what does not begin as was begun, before any of it is kept.
func (r *receiver) checkNonce() error {
	if r.at >= nonceSize {
		return nil
	}
	want := r.slot.Nonce[r.at:]
	got := make([]byte, len(want))
	got = got[:r.line.Peek(got)]
	if !bytes.Equal(got, want[:len(got)]) {
		return fmt.Errorf("%w: the payload does not begin with the nonce that was begun", ErrDigest)
	}
	return nil
}

// take takes what is ready into memory and asks whether it may be kept.
func (r *receiver) take(ready int) ([]byte, error) {
	b := make([]byte, ready)
	r.line.Take(b)
	return b, r.verify()
}

// verify asks the caller, who can answer when the line has ended.
func (r *receiver) verify() error {
	if r.in.Verify == nil {
		return nil
	}
	if ready, _ := r.line.Wait(1, nil); ready > 0 {
		return fmt.Errorf("%w: what is to be verified has at most %d bytes at a time", ErrLimit, int64(pieceMax))
	}
	return r.in.Verify()
}

// keepTail puts what came behind the tail.
func (r *receiver) keepTail(ctx context.Context, ready int) error {
	b, err := r.take(ready)
	if err == nil {
		err = r.settle()
	}
	if err != nil {
		return err
	}
	err = r.advance(ctx, step{was: r.at, to: r.at + int64(ready), tail: b})
	r.at, r.tail = r.at+int64(ready), r.tail+int64(ready)
	return err
}

// keepWhole ends a small payload, which goes into its row.
func (r *receiver) keepWhole(ctx context.Context, ready int) error {
	b, err := r.take(ready)
	if err != nil {
		return err
	}
	head, err := r.head(ctx)
	if err != nil {
		return err
	}
	whole := append(head, b...)
	sum := sha256.Sum256(whole)
	err = r.advance(ctx, step{was: r.at, to: r.slot.Length, inline: whole, sum: sum[:]})
	r.at = r.slot.Length
	return err
}
