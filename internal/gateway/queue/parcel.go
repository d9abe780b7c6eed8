package queue

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
)

const (
	itemSuffix    = ".age"
	recordSuffix  = ".json"
	sealingSuffix = ".sealing"
	writingSuffix = ".writing"
)

// unfinished tells of a file that a crash left behind and nobody was told of.
func unfinished(name string) bool {
	return strings.HasSuffix(name, sealingSuffix) || strings.HasSuffix(name, writingSuffix)
}

// Item is a sealed item as its record has it: what a delivery note says of it,
// and what the gateway has to know to deliver it. It says nothing of who it is of
// or by.
type Item struct {
	ID              id.ID  `json:"item"`
	To              string `json:"to"` // the destination's name in the configuration
	Day             int64  `json:"day"`
	RecipientSHA256 string `json:"recipient_sha256"`
	Length          int64  `json:"length"` // of the payload
	PayloadSHA256   string `json:"payload_sha256"`
	Commit          string `json:"commit"`
	HeaderSHA256    string `json:"header_sha256"`
	// Note is the delivery note that it was brought with last; empty before the first
	// attempt. Tried tells that it may have arrived with an earlier one.
	Note  string `json:"note,omitempty"`
	Tried bool   `json:"tried,omitempty"`
	// Mark and Masked are what will be kept of the item.
	Mark   string `json:"mark,omitempty"`
	Masked string `json:"masked,omitempty"`
	// Refused is why the vault did not take it, last time; empty when it was not
	// asked yet or could not be reached.
	Refused string `json:"refused,omitempty"`
}

func (i *Item) file() string { return string(i.ID) + itemSuffix }

// mark is what stands in the record, if the item has one.
func (i *Item) mark() (n name, masked uint64, ok bool) {
	n, ok = readName(i.Mark)
	var b []byte
	if err := unhex(i.Masked, &b, 8); err != nil || !ok {
		return n, 0, false
	}
	return n, be64(b), true
}

// parcel is what was acknowledged together.
type parcel struct {
	Items []Item `json:"items"`

	// name is the record's: it stays when items have left it.
	name id.ID
	// due is when it may be tried again, in Unix seconds; not on the disk.
	due int64
}

// readParcel reads a record. Whatever is not one is ErrDamaged.
func readParcel(path string) (*parcel, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p, err := ParseRecord(b)
	if err != nil {
		return nil, fmt.Errorf("%w: a record of acknowledged items: %w", ErrDamaged, err)
	}
	name, err := id.Parse(strings.TrimSuffix(filepath.Base(path), recordSuffix))
	if err != nil {
		return nil, fmt.Errorf("%w: a record has another name than it should", ErrDamaged)
	}
	return &parcel{Items: p, name: name}, nil
}

// ParseRecord reads the text of a record: the items that were acknowledged
// together. Only what this package writes is accepted.
func ParseRecord(text []byte) ([]Item, error) {
	var p parcel
	if err := canonical.Decode(text, &p); err != nil {
		return nil, err
	}
	if len(p.Items) == 0 {
		return nil, fmt.Errorf("it has no items")
	}
	for i := range p.Items {
		if err := p.Items[i].check(); err != nil {
			return nil, err
		}
	}
	return p.Items, nil
}

// check refuses what Commit never writes: an id above all that would be a path.
func (i *Item) check() error {
	if _, err := id.Parse(string(i.ID)); err != nil {
		return fmt.Errorf("item: %w", err)
	}
	for _, hash := range []string{i.RecipientSHA256, i.PayloadSHA256, i.Commit, i.HeaderSHA256} {
		if b, err := base64.RawURLEncoding.Strict().DecodeString(hash); err != nil || len(b) != sha256.Size {
			return fmt.Errorf("a digest has not %d bytes", sha256.Size)
		}
	}
	if _, err := envelope.PlaintextSize(i.Length); err != nil || i.To == "" || i.Day <= 0 || i.Day%86400 != 0 {
		return fmt.Errorf("length, destination or day")
	}
	if _, _, ok := i.mark(); !ok && i.Mark+i.Masked != "" {
		return fmt.Errorf("mark")
	}
	return nil
}

// write makes the record durable.
func (q *Queue) write(p *parcel) error {
	text, err := canonical.Encode(p)
	if err != nil {
		return err
	}
	return replace(q.path(string(p.name)+recordSuffix), text, q.today())
}

// Sealed is an item on the disk, opened for reading. Close it.
type Sealed struct {
	Header []byte
	f      *os.File
	length int64 // of the payload
}

// Payload reads the payload from its beginning, again at each call.
func (s *Sealed) Payload() *io.SectionReader {
	return io.NewSectionReader(s.f, int64(len(s.Header)), s.length)
}

// Close implements io.Closer.
func (s *Sealed) Close() error { return s.f.Close() }

// read opens an item, and refuses one whose header or length is not what was
// sealed. The payload's digest is the vault's to check: it is in the note.
func (q *Queue) read(i *Item) (*Sealed, error) {
	f, err := os.Open(q.path(i.file()))
	if err != nil {
		return nil, full(err)
	}
	s, err := opened(f, i)
	if err != nil {
		return nil, joinClose(err, f)
	}
	return s, nil
}

func opened(f *os.File, i *Item) (*Sealed, error) {
	header, _, err := envelope.Split(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	sum := sha256.Sum256(header)
	info, err := f.Stat()
	if err != nil {
		return nil, full(err)
	}
	if base64.RawURLEncoding.EncodeToString(sum[:]) != i.HeaderSHA256 || info.Size() != int64(len(header))+i.Length {
		return nil, fmt.Errorf("%w: a sealed item is not what was acknowledged", ErrDamaged)
	}
	return &Sealed{Header: header, f: f, length: i.Length}, nil
}
