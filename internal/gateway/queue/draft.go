package queue

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
)

// Destination is whom an item is sealed to, and under which name the configuration
// has the tray it goes into.
type Destination struct {
	Name      string
	Recipient age.Recipient
	Text      string // of the recipient
}

// Content is what an item will hold.
type Content struct {
	To   Destination
	Info envelope.PartInfo
	Size int64 // of the content, in bytes: as many must be written

	// Mark recognizes it when it comes again; the zero Mark for what is never
	// recognized. Value is kept with it.
	Mark  Mark
	Value uint64
}

// ErrUnfinished says that a draft was left before its end, or had another length
// than was announced.
var ErrUnfinished = errors.New("the content did not come to its end")

// Draft is an item that is being sealed. Its methods are for one goroutine at a
// time.
type Draft struct {
	q       *Queue
	content Content
	id      id.ID
	file    *os.File
	room    int64
	key     envelope.FileKey
	header  []byte

	plain  *io.PipeWriter
	done   chan struct{} // closed when sealing has ended
	sealed envelope.Sealed
	err    error // of sealing; read it after done

	taken    int64 // bytes of content
	finished bool
	over     sync.Once
}

// Draft begins an item: a new file key, its header for the recipient, and a file
// of its own. It takes the room of the whole item at once, so that what has begun
// can end. Finish or Drop it.
func (q *Queue) Draft(c Content) (*Draft, error) {
	d, err := q.draft(c)
	if err != nil {
		return nil, fmt.Errorf("begin an item: %w", err)
	}
	return d, nil
}

func (q *Queue) draft(c Content) (*Draft, error) {
	size, err := envelope.ContainerSize(c.Info, c.Size)
	if err != nil {
		return nil, err
	}
	d := &Draft{q: q, content: c, done: make(chan struct{})}
	if d.id, err = id.New(q.cfg.Rand); err != nil {
		return nil, err
	}
	if d.key, err = envelope.NewFileKey(q.cfg.Rand); err != nil {
		return nil, err
	}
	if d.header, err = envelope.ComposeHeader(d.key, c.To.Recipient); err != nil {
		return nil, err
	}
	d.room = int64(len(d.header)) + envelope.PayloadSize(size)
	if err := q.take(d.room); err != nil {
		return nil, err
	}
	if err := d.begin(); err != nil {
		q.give(d.room)
		return nil, err
	}
	return d, nil
}

// begin makes the file and starts sealing into it.
func (d *Draft) begin() (err error) {
	nonce, err := envelope.NewNonce(d.q.cfg.Rand)
	if err != nil {
		return err
	}
	plain, w := io.Pipe()
	source, err := envelope.Contain(d.content.Info, plain, d.content.Size)
	if err != nil {
		return err
	}
	if d.file, err = os.OpenFile(d.path(sealingSuffix), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
		return full(err)
	}
	if _, err := d.file.Write(d.header); err != nil {
		return errors.Join(full(err), d.file.Close(), os.Remove(d.path(sealingSuffix)))
	}
	d.plain = w
	go func() {
		defer close(d.done)
		d.sealed, d.err = envelope.Seal(d.file, source, d.key, nonce, 1)
		// Whoever writes must not wait for a sealer that has stopped.
		_ = plain.CloseWithError(ErrUnfinished)
	}()
	return nil
}

func (d *Draft) path(suffix string) string { return d.q.path(string(d.id) + suffix) }

// Write seals what it is given, and returns when the sealer has taken it. It
// implements io.Writer.
func (d *Draft) Write(p []byte) (int, error) {
	if int64(len(p)) > d.content.Size-d.taken {
		return 0, fmt.Errorf("%w: there is more than was announced", ErrUnfinished)
	}
	n, err := d.plain.Write(p)
	d.taken += int64(n)
	if err != nil {
		<-d.done
		err = fmt.Errorf("seal an item: %w", full(errors.Join(d.err, err)))
	}
	return n, err
}

// Taken is how many bytes of content have been written.
func (d *Draft) Taken() int64 { return d.taken }

// Finish seals the end and makes the item durable. It is not acknowledged before
// it is committed. After an error the draft is gone.
func (d *Draft) Finish() error {
	_ = d.plain.Close() // never fails
	<-d.done
	err := d.err
	if d.taken != d.content.Size {
		err = ErrUnfinished
	}
	if err == nil {
		err = setDay(d.file.Name(), d.q.today())
	}
	if err == nil {
		err = d.file.Sync()
	}
	if err == nil {
		err = os.Rename(d.path(sealingSuffix), d.path(itemSuffix))
	}
	if err != nil {
		d.Drop()
		return fmt.Errorf("finish an item: %w", full(err))
	}
	d.finished = true
	return nil
}

// Drop removes a draft that was not committed, finished or not. It may be called
// again, and after Commit, where it does nothing.
func (d *Draft) Drop() {
	d.leave(func() {
		// What cannot be removed now is removed by the next Open: no record names it.
		_, _ = os.Remove(d.path(sealingSuffix)), os.Remove(d.path(itemSuffix))
		d.q.give(d.room)
	})
}

// leave ends the draft's own work once, and then does what is left to do.
func (d *Draft) leave(then func()) {
	d.over.Do(func() {
		_ = d.plain.CloseWithError(ErrUnfinished)
		<-d.done
		_ = d.file.Close() // it was flushed, or is of no use
		d.key.Wipe()
		then()
	})
}

// item is the record of a finished draft.
func (d *Draft) item() Item {
	b64 := base64.RawURLEncoding.EncodeToString
	header, to := sha256.Sum256(d.header), sha256.Sum256([]byte(d.content.To.Text))
	commit := envelope.Commit(d.key, d.sealed.SHA256)
	i := Item{ID: d.id, To: d.content.To.Name, Day: d.q.today(), RecipientSHA256: b64(to[:]), Length: d.sealed.Size,
		PayloadSHA256: b64(d.sealed.SHA256[:]), Commit: b64(commit[:]), HeaderSHA256: b64(header[:])}
	if m := d.content.Mark; m != (Mark{}) {
		i.Mark, i.Masked = m.name.spell(), hex64(d.content.Value^m.mask)
	}
	return i
}

// Commit acknowledges finished drafts, all or none: when it returns nil they are
// durable and will be delivered. After an error they are gone.
func (q *Queue) Commit(drafts ...*Draft) error {
	if err := q.commit(drafts); err != nil {
		for _, d := range drafts {
			d.Drop() // of one that was adopted nothing is dropped
		}
		return fmt.Errorf("keep sealed items: %w", err)
	}
	return nil
}

func (q *Queue) commit(drafts []*Draft) error {
	if len(drafts) == 0 {
		return nil
	}
	p := &parcel{name: drafts[0].id}
	for _, d := range drafts {
		if !d.finished {
			return ErrUnfinished
		}
		p.Items = append(p.Items, d.item())
	}
	// The names of the .age files become durable with the record's: one folder.
	err := q.write(p)
	if err != nil && q.unwrite(p) == nil {
		return err
	}
	// A record that can neither be kept for certain nor taken back counts: whoever
	// brings the same again is told that it is there.
	for _, d := range drafts {
		d.leave(func() {})
	}
	q.adopt(p)
	return err
}

// unwrite takes a record back that may have been renamed and not flushed: nobody
// was told of it, and its items go.
func (q *Queue) unwrite(p *parcel) error {
	err := os.Remove(q.path(string(p.name) + recordSuffix))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return errors.Join(err, syncDir(q.cfg.Dir))
}

// adopt takes a parcel into the memory and wakes whoever delivers.
func (q *Queue) adopt(p *parcel) {
	q.mu.Lock()
	q.parcels[p.name] = p
	for i := range p.Items {
		q.note(&p.Items[i])
	}
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
