package journal

import (
	"github.com/relatingfield/vault/internal/journal/journaldb"
)

// knowledge is a node's rows: everything up to lowest is known, and what is in rows.
type knowledge struct {
	lowest, highest int64
	rows            map[int64][]byte
}

func index(rows []journaldb.JournalKnown) map[string]*knowledge {
	out := map[string]*knowledge{}
	for _, row := range rows {
		k := out[row.Node]
		if k == nil {
			k = &knowledge{lowest: row.Seq, rows: map[int64][]byte{}}
			out[row.Node] = k
		}
		k.rows[row.Seq], k.highest = row.Sha256, row.Seq
	}
	return out
}

// has says whether the database knows of a line.
func (k *knowledge) has(seq int64) bool {
	if k == nil {
		return false
	}
	_, there := k.rows[seq]
	return seq <= k.lowest || there
}
