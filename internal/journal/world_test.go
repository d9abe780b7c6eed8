package journal_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/store"
)

// vault is the id of the vault of these tests.
const vault = "wfb6Zj7W0atFMzuXD1eT6S8zCOAfRQ2xY7q0Cwhdqa4"

// world is a folder of journals over one database.
type world struct {
	t       testing.TB
	db      *store.DB
	key     ed25519.PrivateKey
	place   journal.Place
	now     time.Time
	applied []journal.Entry
	kinds   []journal.Kind // that the program knows
}

func newWorld(t testing.TB, db *store.DB) *world {
	w := &world{t: t, db: db, now: time.Unix(1_795_400_000, 0), kinds: []journal.Kind{journal.Revoked, journal.Paused, journal.Read, journal.Roster}}
	w.key = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	w.place = journal.Place{Dir: filepath.Join(t.TempDir(), "journal"), Node: "a", Vault: vault,
		Keys: []ed25519.PublicKey{w.key.Public().(ed25519.PublicKey)}, Now: func() time.Time { return w.now }}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// at is the place as another node has it.
func (w *world) at(node string) journal.Place {
	p := w.place
	p.Node = node
	return p
}

// open opens a node's journal and recovers.
func (w *world) open(node string, kept ...journal.Head) (*journal.Journal, error) {
	w.t.Helper()
	j, err := journal.Open(w.at(node), w.key)
	w.must(err)
	if _, err := j.Recover(w.t.Context(), w.db, w.appliers(), kept); err != nil {
		w.must(j.Close())
		return nil, err
	}
	w.t.Cleanup(func() { _ = j.Close() }) // again, where the test has
	return j, nil
}

func (w *world) opened(node string, kept ...journal.Head) *journal.Journal {
	w.t.Helper()
	j, err := w.open(node, kept...)
	w.must(err)
	return j
}

func (w *world) appliers() map[journal.Kind]journal.Apply {
	out := map[journal.Kind]journal.Apply{}
	for _, k := range w.kinds {
		out[k] = func(_ context.Context, _ store.Tx, _ int64, e journal.Entry) error {
			w.applied = append(w.applied, e)
			return nil
		}
	}
	return out
}

// entry is an act with a name of its own.
func entry(n int) journal.Entry {
	return journal.Entry{Kind: journal.Revoked, ID: id.ID(fmt.Sprintf("grant-%d", n))}
}

func (w *world) write(j *journal.Journal, entries ...journal.Entry) {
	w.t.Helper()
	w.must(w.db.Update(w.t.Context(), func(ctx context.Context, tx store.Tx) error { return j.Write(ctx, tx, entries...) }))
}

// errGivenUp ends a transaction after its line was written.
var errGivenUp = errors.New("given up")

// tries writes a line whose transaction comes to nothing.
func (w *world) tries(j *journal.Journal, entries ...journal.Entry) {
	w.t.Helper()
	err := w.db.Update(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
		return errors.Join(j.Write(ctx, tx, entries...), errGivenUp)
	})
	if !errors.Is(err, errGivenUp) {
		w.t.Fatalf("the transaction ended with %v", err)
	}
}

// rows is what the database knows, to be put back later as an older backup.
func (w *world) rows() (out [][3]any) {
	w.t.Helper()
	w.must(w.db.View(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
		out = nil
		rows, err := tx.QueryContext(ctx, "SELECT node, seq, sha256 FROM journal_known ORDER BY node, seq")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var node string
			var seq int64
			var sum []byte
			if err := rows.Scan(&node, &seq, &sum); err != nil {
				return err
			}
			out = append(out, [3]any{node, seq, sum})
		}
		return rows.Err()
	}))
	return out
}

// restore puts rows back.
func (w *world) restore(rows [][3]any) {
	w.t.Helper()
	w.must(w.db.Update(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM journal_known"); err != nil {
			return err
		}
		for _, r := range rows {
			if _, err := tx.ExecContext(ctx, "INSERT INTO journal_known (node, seq, sha256) VALUES ($1, $2, $3)", r[0], r[1], r[2]); err != nil {
				return err
			}
		}
		return nil
	}))
}

// files are the paths of a node's files, in order.
func (w *world) files(node string) []string {
	w.t.Helper()
	list, err := filepath.Glob(filepath.Join(w.place.Dir, node, "*.journal"))
	w.must(err)
	slices.Sort(list)
	return list
}

// lines are those of a node's only file.
func (w *world) lines(node string) []string {
	w.t.Helper()
	b, err := os.ReadFile(w.files(node)[0])
	w.must(err)
	var out []string
	for l := range bytes.Lines(b) {
		out = append(out, string(l))
	}
	return out
}

func (w *world) putLines(node string, lines []string) {
	w.t.Helper()
	w.must(os.WriteFile(w.files(node)[0], []byte(joined(lines)), 0o600))
}

func joined(lines []string) (out string) {
	for _, l := range lines {
		out += l
	}
	return out
}

// wants compares what was applied.
func (w *world) wants(what string, want ...journal.Entry) {
	w.t.Helper()
	if !slices.EqualFunc(w.applied, want, func(a, b journal.Entry) bool {
		return a.Kind == b.Kind && a.ID == b.ID && a.Value == b.Value && a.N == b.N
	}) {
		w.t.Errorf("%s: applied %v, want %v", what, w.applied, want)
	}
	w.applied = nil
}
