package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/store"
)

// A container is a whole database in one stream, the same for both engines:
//
//	"testimony-vault/v1/database\n"
//	the length of the head (8 bytes, big endian), and the head, canonical JSON
//	rows: 1, the table's place in the head (2 bytes), and its values
//	the end: 0, and the SHA-256 of everything before it
//
// A value is 'n' (nothing), 'i' and 8 bytes, or 't' or 'b', a length of 4 bytes and as
// many bytes of text or of anything.
const containerBegins = "testimony-vault/v1/database\n"

// Bounds of what is read.
const (
	maxHead    = 1 << 20
	maxTables  = 1000
	maxColumns = 200
	maxValue   = 128 << 20 // no column holds more than a request may bring
)

// ErrContainer reports a stream that is no whole container.
var ErrContainer = errors.New("this is not a whole copy of a database: it was cut or altered")

type containerHead struct {
	Migrations []string      `json:"migrations"`
	Tables     []store.Table `json:"tables"`
}

// writeContainer writes all of a snapshot to w, and shows each row to see.
func writeContainer(ctx context.Context, to io.Writer, whole *store.Whole, see func(t store.Table, row []any) error) error {
	sum := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(to, sum), 64<<10)
	head, err := canonical.Encode(containerHead{whole.Migrations, whole.Tables})
	if err != nil {
		return err
	}
	w.WriteString(containerBegins) // an error stays in w, and comes out at the end
	w.Write(binary.BigEndian.AppendUint64(nil, uint64(len(head))))
	w.Write(head)
	var line []byte
	for i, t := range whole.Tables {
		err := whole.Rows(ctx, t, func(row []any) error {
			if err := see(t, row); err != nil {
				return err
			}
			if line, err = appendRow(line[:0], i, row); err != nil {
				return fmt.Errorf("table %s: %w", t.Name, err)
			}
			_, err := w.Write(line)
			return err
		})
		if err != nil {
			return err
		}
	}
	w.WriteByte(0)
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = to.Write(sum.Sum(nil))
	return err
}

func appendRow(line []byte, table int, row []any) ([]byte, error) {
	line = binary.BigEndian.AppendUint16(append(line, 1), uint16(table))
	for _, v := range row {
		switch v := v.(type) {
		case nil:
			line = append(line, 'n')
		case int64:
			line = binary.BigEndian.AppendUint64(append(line, 'i'), uint64(v))
		case string:
			line = append(binary.BigEndian.AppendUint32(append(line, 't'), uint32(len(v))), v...)
		case []byte:
			line = append(binary.BigEndian.AppendUint32(append(line, 'b'), uint32(len(v))), v...)
		default:
			return nil, fmt.Errorf("a column holds a %T, which no column should", v)
		}
		if len(line) > maxValue {
			return nil, errors.New("a row is larger than any should be")
		}
	}
	return line, nil
}

// container reads what writeContainer wrote. Nothing of it counts before next has
// given io.EOF: until then it may have been cut.
type container struct {
	containerHead

	in  *bufio.Reader
	sum hash.Hash
}

func openContainer(r io.Reader) (*container, error) {
	c := &container{in: bufio.NewReaderSize(r, 64<<10), sum: sha256.New()}
	begin, err := c.take(len(containerBegins) + 8)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(begin, []byte(containerBegins)) {
		return nil, ErrContainer
	}
	n := binary.BigEndian.Uint64(begin[len(containerBegins):])
	if n > maxHead {
		return nil, ErrContainer
	}
	head, err := c.take(int(n))
	if err != nil {
		return nil, err
	}
	if canonical.Decode(head, &c.containerHead) != nil || !c.sound() {
		return nil, ErrContainer
	}
	return c, nil
}

func (h containerHead) sound() bool {
	tables := map[string]bool{}
	for _, t := range h.Tables {
		columns := slices.Clone(t.Columns)
		slices.Sort(columns)
		if tables[t.Name] || len(columns) == 0 || len(columns) > maxColumns || len(slices.Compact(columns)) != len(t.Columns) {
			return false
		}
		tables[t.Name] = true
	}
	return len(h.Migrations) > 0 && len(h.Tables) > 0 && len(h.Tables) <= maxTables
}

// take reads exactly n bytes, in pieces: a length that somebody made up takes no
// memory for bytes that do not come.
func (c *container) take(n int) ([]byte, error) {
	var b bytes.Buffer
	m, err := io.CopyN(&b, c.in, int64(n))
	if errors.Is(err, io.EOF) && m < int64(n) {
		return nil, ErrContainer
	}
	if err != nil {
		return nil, err
	}
	c.sum.Write(b.Bytes())
	return b.Bytes(), nil
}

// next gives the next row and its table, or io.EOF behind the last when the stream
// was whole.
func (c *container) next() (store.Table, []any, error) {
	mark, err := c.take(1)
	if err != nil {
		return store.Table{}, nil, err
	}
	switch mark[0] {
	case 0:
		return store.Table{}, nil, c.end()
	case 1:
	default:
		return store.Table{}, nil, ErrContainer
	}
	at, err := c.take(2)
	if err != nil {
		return store.Table{}, nil, err
	}
	i := int(binary.BigEndian.Uint16(at))
	if i >= len(c.Tables) {
		return store.Table{}, nil, ErrContainer
	}
	row := make([]any, len(c.Tables[i].Columns))
	for j := range row {
		if row[j], err = c.value(); err != nil {
			return store.Table{}, nil, err
		}
	}
	return c.Tables[i], row, nil
}

func (c *container) end() error {
	want := c.sum.Sum(nil)
	got := make([]byte, sha256.Size)
	if _, err := io.ReadFull(c.in, got); err != nil || !bytes.Equal(got, want) {
		return ErrContainer
	}
	if _, err := c.in.ReadByte(); !errors.Is(err, io.EOF) {
		return ErrContainer
	}
	return io.EOF
}

func (c *container) value() (any, error) {
	kind, err := c.take(1)
	if err != nil {
		return nil, err
	}
	switch kind[0] {
	case 'n':
		return nil, nil
	case 'i':
		b, err := c.take(8)
		if err != nil {
			return nil, err
		}
		return int64(binary.BigEndian.Uint64(b)), nil
	case 't', 'b':
		b, err := c.long()
		if err != nil || kind[0] == 'b' {
			return b, err
		}
		return string(b), nil
	}
	return nil, ErrContainer
}

// long gives bytes that are never nil: an empty value is not nothing.
func (c *container) long() ([]byte, error) {
	b, err := c.take(4)
	if err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(b)
	if n > maxValue {
		return nil, ErrContainer
	}
	if b, err = c.take(int(n)); err != nil {
		return nil, err
	}
	return append([]byte{}, b...), nil
}
