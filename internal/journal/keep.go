package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/relatingfield/vault/internal/journal/journaldb"
	"github.com/relatingfield/vault/internal/store"
)

// fileLife is how long a file is written, so that files age and can be dropped.
const fileLife = 30 * 24 * time.Hour

// Drop removes this node's files all of whose lines are older than keep and known
// to the database, after a line that carries the chain on without them. A backup
// that is older than keep cannot be served any more: Recover refuses it.
func (j *Journal) Drop(ctx context.Context, db *store.DB, keep time.Duration) error {
	j.tape.turn()
	old, end, err := j.aged(ctx, db, keep)
	if err != nil || len(old) == 0 {
		return err
	}
	// A crash before the files are gone leaves a line that names a place behind the
	// beginning, which does no harm; the next Drop writes it again.
	head, err := j.tape.append(record{Dropped: &end})
	if err != nil {
		return fmt.Errorf("drop old journal files: %w", err)
	}
	j.tape.end(head.Seq, nil)
	for _, s := range old {
		err = errors.Join(err, os.Remove(s.path))
	}
	if err = errors.Join(err, syncDir(j.place.folder(j.place.Node))); err != nil {
		return fmt.Errorf("drop old journal files: %w", err)
	}
	return nil
}

// turn lets the next line begin a file when the current one is old.
func (t *tape) turn() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.place.Now().Sub(time.Unix(t.firstIn, 0)) > fileLife && t.gather == nil {
		t.fresh = true
	}
}

// aged lists the files to drop, and the last line of them.
func (j *Journal) aged(ctx context.Context, db *store.DB, keep time.Duration) ([]segment, mark, error) {
	files, err := j.place.segments(j.place.Node)
	if err != nil {
		return nil, mark{}, err
	}
	var known int64
	err = db.View(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := journaldb.New(tx).Known(ctx)
		known = lowest(rows, j.place.Node)
		return err
	})
	if err != nil {
		return nil, mark{}, fmt.Errorf("read what the database knows: %w", err)
	}
	var old []segment
	var end mark
	for i := 0; i+1 < len(files); i++ {
		r, err := firstOf(files[i+1])
		if err != nil {
			return nil, mark{}, err
		}
		if j.place.Now().Sub(time.Unix(r.Day, 0)) < keep || r.Seq-1 > known {
			break
		}
		old, end = append(old, files[i]), mark{r.Seq - 1, r.Prev}
	}
	return old, end, nil
}

func lowest(rows []journaldb.JournalKnown, node string) int64 {
	for _, r := range rows {
		if r.Node == node {
			return r.Seq
		}
	}
	return 0
}

// firstOf reads the first record of a file of ours.
func firstOf(s segment) (record, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return record{}, err
	}
	defer f.Close()
	line, err := whole(bufio.NewReader(f))
	if err != nil {
		return record{}, err
	}
	body, _, ok := split(line[:len(line)-1])
	if !ok {
		return record{}, ErrForged
	}
	return parse(body)
}
