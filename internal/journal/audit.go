package journal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/journal/journaldb"
	"github.com/relatingfield/vault/internal/store"
)

// Act is an entry with its place.
type Act struct {
	Node string
	Seq  int64
	Day  int64
	Entry
}

// Audit holds the journals of all nodes against what the database knows of them,
// checking every signature, and gives see every act that the database has taken in, in
// the order of each node. It changes nothing, and nodes may go on writing. ahead counts
// the acts that the database does not know: those of transactions under way, and, after
// a crash, those that the next start applies. A journal that does not fit is an error
// that wraps ErrRefused.
func (p Place) Audit(ctx context.Context, db *store.DB, kept []Head, see func(Act) error) (acts, ahead int64, err error) {
	var rows []journaldb.JournalKnown
	// The rows come first: a line is in the journal before its row is in the database.
	err = db.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		rows, err = journaldb.New(tx).Known(ctx)
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("read what the database knows: %w", err)
	}
	if _, err := p.Check(kept); err != nil {
		return 0, 0, err
	}
	a := audit{place: p, known: index(rows), see: see}
	nodes, err := p.nodes()
	if err != nil {
		return 0, 0, err
	}
	for n := range a.known {
		nodes = append(nodes, n)
	}
	slices.Sort(nodes)
	for _, n := range slices.Compact(nodes) {
		if err := a.node(n); err != nil {
			return a.acts, a.ahead, fmt.Errorf("node %s: %w", n, err)
		}
	}
	return a.acts, a.ahead, nil
}

type audit struct {
	place       Place
	known       map[string]*knowledge
	see         func(Act) error
	acts, ahead int64
}

func (a *audit) node(node string) error {
	k := a.known[node]
	if k == nil {
		k = &knowledge{}
	}
	voided, c, err := a.voids(node)
	if err != nil {
		return err
	}
	switch {
	case c.head.Seq == 0 && k.highest > 0:
		return ErrMissing
	case c.head.Seq < k.highest:
		return fmt.Errorf("it ends with line %d and the database knows %d: %w", c.head.Seq, k.highest, ErrCut)
	case c.base.Seq > k.lowest:
		return fmt.Errorf("it begins with line %d and the database knows %d: %w", c.base.Seq+1, k.lowest, ErrDropped)
	}
	_, err = a.place.read(node, false, func(body []byte, h Head) error { return a.line(node, k, voided, body, h) })
	return err
}

// voids reads which of a node's lines came to nothing.
func (a *audit) voids(node string) (map[int64]bool, *chain, error) {
	voided := map[int64]bool{}
	c, err := a.place.read(node, false, func(body []byte, h Head) error {
		rec, err := parse(body)
		for _, v := range rec.Void {
			voided[v] = true
		}
		return err
	})
	return voided, c, err
}

func (a *audit) line(node string, k *knowledge, voided map[int64]bool, body []byte, h Head) error {
	if row, there := k.rows[h.Seq]; there && (len(row) != sha256.Size || [sha256.Size]byte(row) != h.Hash) {
		return fmt.Errorf("line %d: %w", h.Seq, ErrOther)
	}
	rec, err := parse(body)
	if err != nil {
		return errors.Join(ErrNewer, err)
	}
	if voided[h.Seq] {
		return nil
	}
	if !k.has(h.Seq) {
		a.ahead += int64(len(rec.Entries))
		return nil
	}
	for _, e := range rec.Entries {
		a.acts++
		if err := a.see(Act{node, h.Seq, rec.Day, e}); err != nil {
			return err
		}
	}
	return nil
}
