package backup

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/store"
)

// For the fuzz targets.

func (m Manifest) Line(key ed25519.PrivateKey) ([]byte, error) { return m.line(key) }

func Signed(body []byte, key ed25519.PrivateKey) []byte {
	return fmt.Appendf(bytes.Clone(body), " %s\n", base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, signedText(body))))
}

var ReadObjects = readObjects

func LineOf(o Object) string { return o.line() }

func SampleContainer() []byte {
	return encode(containerHead{[]string{"0001_vault"}, []store.Table{{Name: "a", Columns: []string{"x", "y"}}}}, [][]any{{int64(7), "text"}, {nil, []byte{1, 2}}, {"", []byte{}}}, nil)
}

// encode writes rows of one table, or of those that at names.
func encode(h containerHead, rows [][]any, at []int) []byte {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	head, err := canonical.Encode(h)
	if err != nil {
		return nil
	}
	w.WriteString(containerBegins)
	w.Write(binary.BigEndian.AppendUint64(nil, uint64(len(head))))
	w.Write(head)
	for i, row := range rows {
		table := 0
		if at != nil {
			table = at[i]
		}
		line, err := appendRow(nil, table, row)
		if err != nil {
			return nil
		}
		w.Write(line)
	}
	w.WriteByte(0)
	w.Flush()
	sum := sha256.Sum256(out.Bytes())
	return append(out.Bytes(), sum[:]...)
}

// Rewrite reads a container to its end and writes it again.
func Rewrite(b []byte) ([]byte, error) {
	c, err := openContainer(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	var rows [][]any
	var at []int
	for {
		t, row, err := c.next()
		if errors.Is(err, io.EOF) {
			return encode(c.containerHead, rows, at), nil
		}
		if err != nil {
			return nil, err
		}
		rows, at = append(rows, row), append(at, slices.IndexFunc(c.Tables, func(o store.Table) bool { return o.Name == t.Name }))
	}
}
