package journal

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/journal/journaldb"
	"github.com/relatingfield/vault/internal/store"
)

// Apply restricts anew what an entry of a day says, in tx. What is not in the
// database, or is restricted as far already, it leaves alone.
type Apply func(ctx context.Context, tx store.Tx, day int64, e Entry) error

// Recovered says what Recover found.
type Recovered struct {
	Journals int          // that were read
	Applied  map[Kind]int // entries that the database did not know
	Heads    []Head       // the ends of all journals
}

// Recover reads the journals of all nodes, makes sure that they are whole and
// reach as far as the database and the kept heads say, and applies what the
// database does not know. It overlaps with no other node's. Call it before the
// first request is served; after an error that wraps ErrRefused nothing may be.
func (j *Journal) Recover(ctx context.Context, db *store.DB, apply map[Kind]Apply, kept []Head) (Recovered, error) {
	var out Recovered
	for _, h := range kept {
		if !h.vouched(j.place.Vault, j.place.Keys) {
			return out, fmt.Errorf("journal.at_least: %w: this vault has not signed %q", ErrHead, h)
		}
	}
	err := db.Alone(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		r := recovery{journal: j, apply: apply, kept: kept, tx: tx, voided: map[string]map[int64]bool{}}
		out, err = r.run(ctx)
		return err
	})
	if err != nil {
		return Recovered{}, fmt.Errorf("read the journal: %w", err)
	}
	return out, j.Watch(ctx, db)
}

// recovery is one Recover.
type recovery struct {
	journal *Journal
	apply   map[Kind]Apply
	kept    []Head
	tx      store.Tx
	unknown []unknown
	voided  map[string]map[int64]bool // of each node
	newer   error                     // what this program does not understand, once the chain has shown that it was signed
	ended   []Head                    // the ends of the journals that nobody writes
	out     Recovered
}

// unknown is an entry of a line that the database does not know.
type unknown struct {
	node string
	seq  int64
	day  int64
	Entry
}

// run reads the database's rows before the journals: other nodes go on writing, and
// a line is in the journal before its row is in the database.
func (r *recovery) run(ctx context.Context) (Recovered, error) {
	rows, err := journaldb.New(r.tx).Known(ctx)
	if err != nil {
		return r.out, fmt.Errorf("read what the database knows: %w", err)
	}
	known := index(rows)
	nodes, err := r.journal.place.nodes()
	if err != nil {
		return r.out, err
	}
	for n := range known {
		nodes = append(nodes, n)
	}
	for _, h := range r.kept {
		nodes = append(nodes, h.Node)
	}
	slices.Sort(nodes)
	for _, n := range slices.Compact(nodes) {
		if err := r.node(n, known[n]); err != nil {
			return r.out, err
		}
	}
	if err := r.own(); err != nil {
		return r.out, err
	}
	r.journal.tape = r.journal.ready // applying may write lines of its own
	if err := r.applyAll(ctx); err != nil {
		return r.out, err
	}
	return r.out, r.floor(ctx)
}

// node reads one node's journal and holds it against what is known of it.
func (r *recovery) node(node string, k *knowledge) error {
	c, err := r.journal.place.read(node, false, func(body []byte, h Head) error { return r.see(k, body, h) })
	if err == nil {
		err = r.newer
	}
	if err != nil {
		return err
	}
	known := k
	if known == nil {
		known = &knowledge{}
	}
	switch {
	case c.head.Seq == 0 && known.highest > 0:
		return fmt.Errorf("node %s, in %s: %w", node, r.journal.place.folder(node), ErrMissing)
	case c.head.Seq < known.highest:
		return fmt.Errorf("node %s: it ends with line %d and the database knows %d: %w", node, c.head.Seq, known.highest, ErrCut)
	case c.base.Seq > known.lowest:
		return fmt.Errorf("node %s: it begins with line %d and the database knows %d: %w", node, c.base.Seq+1, known.lowest, ErrDropped)
	}
	if err := r.reaches(c); err != nil {
		return err
	}
	if node == r.journal.place.Node {
		if err := r.journal.ready.resume(c); err != nil {
			return err
		}
	}
	if c.head.Seq == 0 {
		return nil
	}
	r.out.Journals, r.out.Heads = r.out.Journals+1, append(r.out.Heads, c.head)
	return r.mark(c.head)
}

// mark takes a journal's end for known, once all of it is applied. Not that of
// another node that is writing: its last line may not be flushed yet, and could be
// taken back. That node's own transactions mark what they write, and it cannot
// begin to write while this recovery lasts.
func (r *recovery) mark(h Head) error {
	if h.Node != r.journal.place.Node {
		busy, err := written(r.journal.place.folder(h.Node))
		if err != nil || busy {
			return err
		}
	}
	r.ended = append(r.ended, h)
	return nil
}

// see compares a line with its row, or takes its entries where it has none.
func (r *recovery) see(k *knowledge, body []byte, h Head) error {
	for _, kept := range r.kept {
		if kept.Node == h.Node && kept.Seq == h.Seq && kept.Hash != h.Hash {
			return fmt.Errorf("line %d: %w", h.Seq, ErrRolled)
		}
	}
	if k.has(h.Seq) {
		if row, there := k.rows[h.Seq]; there && [sha256.Size]byte(row) != h.Hash {
			return fmt.Errorf("line %d: %w", h.Seq, ErrOther)
		}
		return nil
	}
	rec, err := parse(body)
	if err != nil {
		r.newer = cmp.Or(r.newer, fmt.Errorf("line %d: %w", h.Seq, ErrNewer))
		return nil
	}
	for _, v := range rec.Void {
		if r.voided[h.Node] == nil {
			r.voided[h.Node] = map[int64]bool{}
		}
		r.voided[h.Node][v] = true
	}
	for _, e := range rec.Entries {
		if r.apply[e.Kind] == nil {
			r.newer = cmp.Or(r.newer, fmt.Errorf("line %d, kind %q: %w", h.Seq, e.Kind, ErrNewer))
		}
		r.unknown = append(r.unknown, unknown{h.Node, h.Seq, rec.Day, e})
	}
	return nil
}

// reaches holds a journal against the heads that were kept of it. One that was
// kept of a line which was dropped for its age since is passed by.
func (r *recovery) reaches(c *chain) error {
	for _, h := range r.kept {
		if h.Node == c.node && h.Seq > c.head.Seq {
			return fmt.Errorf("node %s: it ends with line %d and was at %d: %w", h.Node, c.head.Seq, h.Seq, ErrRolled)
		}
	}
	return nil
}

// own begins the journal of a node that has none.
func (r *recovery) own() error {
	t := r.journal.ready
	if t.last.Seq > 0 {
		return nil
	}
	head, err := t.append(record{})
	if err != nil {
		return err
	}
	t.end(head.Seq, nil)
	r.out.Journals, r.out.Heads, r.ended = r.out.Journals+1, append(r.out.Heads, head), append(r.ended, head)
	return nil
}

// applyAll does what is unknown, in order; rosters and keys follow each other
// across nodes, so those go by their own numbers.
func (r *recovery) applyAll(ctx context.Context) error {
	r.out.Applied = map[Kind]int{}
	// What is void must go before order leaves out what another entry contains: a
	// void one stands for none.
	r.unknown = slices.DeleteFunc(r.unknown, func(u unknown) bool { return r.voided[u.node][u.seq] })
	for _, u := range order(r.unknown) {
		if err := r.apply[u.Kind](ctx, r.tx, u.day, u.Entry); err != nil {
			return fmt.Errorf("apply line %d of node %s again: %w", u.seq, u.node, err)
		}
		r.out.Applied[u.Kind]++
	}
	return nil
}

// floor writes down that the database now knows all of the journals that nobody
// writes.
func (r *recovery) floor(ctx context.Context) error {
	q := journaldb.New(r.tx)
	for _, h := range r.ended {
		err := errors.Join(
			q.Know(ctx, journaldb.KnowParams{Node: h.Node, Seq: h.Seq, Sha256: h.Hash[:]}),
			forgetBelow(ctx, q, h.Node, h.Seq))
		if err != nil {
			return fmt.Errorf("mark journal: %w", err)
		}
	}
	return nil
}

func forgetBelow(ctx context.Context, q *journaldb.Queries, node string, seq int64) error {
	_, err := q.ForgetBelow(ctx, journaldb.ForgetBelowParams{Node: node, Seq: seq})
	return err
}
