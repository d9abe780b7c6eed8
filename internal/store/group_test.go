package store_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// queued is a context that tells when its holder begins to wait: waiting is the
// first to ask for Done.
type queued struct {
	context.Context
	once *sync.Once
	in   chan<- struct{}
}

func (q queued) Done() <-chan struct{} {
	q.once.Do(func() { q.in <- struct{}{} })
	return q.Context.Done()
}

// together opens an SQLite database and runs the works so that they share one
// transaction, in this order: behind a first closure that holds the turn until
// all of them wait. It returns the outcome of each, panics as errors.
func together(t *testing.T, db *store.DB, works ...store.Work) []error {
	t.Helper()
	in := make(chan struct{})
	hold := make(chan struct{})
	var wg sync.WaitGroup
	var held sync.Once
	wg.Go(func() {
		err := db.Update(t.Context(), func(context.Context, store.Tx) error {
			held.Do(func() { in <- struct{}{}; <-hold })
			return nil
		})
		// It shares the fate of the batch.
		if err != nil && !errors.Is(err, store.ErrReference) && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("the first of the batch: %v", err)
		}
	})
	<-in
	errs := make([]error, len(works))
	for i, w := range works {
		ctx := queued{t.Context(), new(sync.Once), in}
		wg.Go(func() {
			errs[i] = errors.New("the goroutine ended")
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("panic: %v", p)
				}
			}()
			errs[i] = db.Update(ctx, w)
		})
		<-in
	}
	close(hold)
	wg.Wait()
	return errs
}

func open(t *testing.T) *store.DB {
	t.Helper()
	return storetest.Open(t, storetest.Fresh(t, store.SQLite, schema()))
}

// Callers who wait share one commit: the log holds one commit frame for all.
func TestWaitingCallersShareACommit(t *testing.T) {
	cfg := storetest.Fresh(t, store.SQLite, schema())
	db := storetest.Open(t, cfg)
	update(t, db, owner("first"))
	before := commits(t, cfg.Path+"-wal")
	var works []store.Work
	for i := range 20 {
		works = append(works, owner(fmt.Sprint("o", i)))
	}
	for i, err := range together(t, db, works...) {
		if err != nil {
			t.Errorf("caller %d: %v", i, err)
		}
	}
	if n := len(owners(t, db)); n != 21 {
		t.Errorf("%d of 21 rows", n)
	}
	// One is usual. A machine that is busy with others may reach the time at
	// which a batch takes nobody in any more.
	if n := commits(t, cfg.Path+"-wal") - before; n < 1 || n > 5 {
		t.Errorf("%d commits for 20 callers who waited together", n)
	}
}

// commits counts the frames of a write-ahead log that end a transaction
// (https://sqlite.org/fileformat2.html#walformat): those that tell the size of
// the database.
func commits(t *testing.T, path string) (n int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := int(binary.BigEndian.Uint32(b[8:]))
	for at := 32; at+24+page <= len(b); at += 24 + page {
		if binary.BigEndian.Uint32(b[at+4:]) != 0 {
			n++
		}
	}
	return n
}

// What happens to one caller of a batch does not happen to the others: neither
// its error, nor its panic, nor the end of its goroutine, nor its cancellation.
func TestOneCallersFailureIsItsOwn(t *testing.T) {
	reason := errors.New("changed my mind")
	ctx, cancel := context.WithCancel(t.Context())
	after := func(id string, end func() error) store.Work {
		return func(ctx context.Context, tx store.Tx) error {
			if err := owner(id)(ctx, tx); err != nil {
				return err
			}
			return end()
		}
	}
	db := open(t)
	errs := together(t, db,
		owner("a"),
		after("fails", func() error { return reason }),
		owner("b"),
		after("panics", func() error { panic("at the disco") }),
		owner("c"),
		after("ends", func() error { runtime.Goexit(); return nil }),
		owner("a"), // a conflict with the uncommitted work of the first
		func(_ context.Context, tx store.Tx) error {
			if err := owner("goes")(ctx, tx); err != nil {
				return err
			}
			cancel()
			return owner("goes on")(ctx, tx)
		},
		owner("d"),
	)
	for i, want := range []string{
		"", reason.Error(), "", "panic: at the disco", "", "the goroutine ended", "conflict", "context canceled", "",
	} {
		switch got := errs[i]; {
		case want == "" && got == nil, want == "conflict" && errors.Is(got, store.ErrConflict), got != nil && got.Error() == want:
		default:
			t.Errorf("caller %d: %v, want %q", i, got, want)
		}
	}
	if got := fmt.Sprint(owners(t, db)); got != "[a b c d]" {
		t.Fatalf("owners are %s", got)
	}
}

// A commit that fails fails for all who share it, and the next batch is a new one.
func TestAFailedCommitIsToldToAll(t *testing.T) {
	db := open(t)
	reason := errors.New("changed my mind")
	late := exec("INSERT INTO late (owner) VALUES ('nobody')") // checked at commit
	errs := together(t, db, owner("a"), late, owner("b"), func(context.Context, store.Tx) error { return reason })
	for i, err := range errs {
		if !errors.Is(err, store.ErrReference) {
			t.Errorf("caller %d: %v", i, err)
		}
	}
	update(t, db, owner("c"))
	if got := fmt.Sprint(owners(t, db)); got != "[c]" {
		t.Fatalf("owners are %s", got)
	}
}

// A caller who leaves the queue is dropped: its closure never runs.
func TestACallerWhoStopsWaitingIsDropped(t *testing.T) {
	db := open(t)
	in, hold := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		update(t, db, func(context.Context, store.Tx) error { in <- struct{}{}; <-hold; return nil })
	})
	<-in
	ctx, cancel := context.WithCancel(t.Context())
	out := make(chan error)
	go func() {
		out <- db.Update(queued{ctx, new(sync.Once), in}, func(context.Context, store.Tx) error { t.Error("the closure ran"); return nil })
	}()
	<-in
	cancel()
	if err := <-out; !errors.Is(err, context.Canceled) {
		t.Errorf("the one who left: %v", err)
	}
	close(hold)
	wg.Wait()
	update(t, db, owner("next"))
}

// A full disk takes back what could not be written and nothing that was
// acknowledged, and says that it may be better later.
func TestAFullDiskIsUnavailable(t *testing.T) {
	db := open(t)
	update(t, db, owner("she"))
	limit := func(pages int) store.Work {
		return func(ctx context.Context, tx store.Tx) error {
			var n int
			return tx.QueryRowContext(ctx, fmt.Sprintf("PRAGMA max_page_count(%d)", pages)).Scan(&n)
		}
	}
	large := exec("INSERT INTO items (id, owner, n, body) VALUES ('i', 'she', 0, $1)", random(1<<20))
	update(t, db, limit(40))
	errs := together(t, db, owner("a"), large, owner("b"))
	if !errors.Is(errs[1], store.ErrUnavailable) || errors.Is(errs[1], store.ErrUncertain) {
		t.Errorf("on a full disk: %v", errs[1])
	}
	want := 1
	for _, i := range []int{0, 2} {
		if errs[i] == nil {
			want++
		} else if !errors.Is(errs[i], store.ErrUnavailable) {
			t.Errorf("caller %d: %v", i, errs[i])
		}
	}
	if got := owners(t, db); len(got) != want {
		t.Errorf("%d callers were told that they succeeded, owners are %v", want-1, got)
	}
	update(t, db, limit(1<<20), large)
}

// Folder and files are the vault's own user's; a second process is refused and
// told who is there; the lock goes with the first.
func TestOneProcessOwnsTheFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a folder #1?")
	cfg := store.Config{Engine: store.SQLite, Path: filepath.Join(dir, "vault.db"), Migrations: schema(), AutoMigrate: true}
	db := storetest.Open(t, cfg)
	update(t, db, owner("a"))
	for path, want := range map[string]os.FileMode{
		dir: 0o700 | os.ModeDir, cfg.Path: 0o600, cfg.Path + "-wal": 0o600, cfg.Path + "-shm": 0o600, cfg.Path + ".lock": 0o600,
	} {
		if fi, err := os.Stat(path); err != nil || fi.Mode() != want {
			t.Errorf("%s: %v, %v", path, fi.Mode(), err)
		}
	}
	_, err := store.Open(t.Context(), cfg, nil)
	if want := fmt.Sprintf("process %d is using", os.Getpid()); err == nil || !contains(err, want) {
		t.Errorf("a second opening: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again := storetest.Open(t, cfg)
	if got := owners(t, again); len(got) != 1 {
		t.Fatalf("owners are %v", got)
	}
}
