package backup

import (
	"encoding/base64"
	"errors"
	"slices"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// found is what the rows of a database say that the backup has to know.
type found struct {
	vault  string
	rows   int64
	pieces []Object
}

// see looks at a row on its way.
func (f *found) see(t store.Table, row []any) error {
	f.rows++
	switch t.Name {
	case "rosters":
		if n, there := column(t, row, "seq").(int64); there && n == 0 {
			sum, _ := column(t, row, "sha256").([]byte)
			f.vault = base64.RawURLEncoding.EncodeToString(sum)
		}
	case "pieces":
		name, _ := column(t, row, "blob").(string)
		length, _ := column(t, row, "length").(int64)
		key, err := id.Parse(name)
		if err != nil || length < 0 {
			return errors.New("a row names an object by what is no name")
		}
		f.pieces = append(f.pieces, Object{Key: key, Size: length})
	}
	return nil
}

func column(t store.Table, row []any, name string) any {
	if i := slices.Index(t.Columns, name); i >= 0 {
		return row[i]
	}
	return nil
}
