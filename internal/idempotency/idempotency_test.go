package idempotency_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/migrations"
)

const uuid = `"3f2504e0-4f89-41d3-9a0c-0305e82c3301"`

var her = id.Thumbprint("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")

type world struct {
	*idempotency.Answers
	other *idempotency.Answers // of another node
	db    *store.DB
	at    atomic.Int64 // seconds that have passed
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{db: db}
	now := func() time.Time { return time.Unix(1_800_000_000+w.at.Load(), 0) }
	w.Answers, w.other = idempotency.New(db, now, rand.Reader), idempotency.New(db, now, rand.Reader)
	return w
}

func key(t testing.TB, header string) idempotency.Key {
	t.Helper()
	k, err := idempotency.ParseKey([]string{header})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func request(s string) [sha256.Size]byte { return sha256.Sum256([]byte(s)) }

func begin(t *testing.T, a *idempotency.Answers, who id.Thumbprint, req string) *idempotency.Attempt {
	t.Helper()
	try, err := a.Begin(who, key(t, uuid), request(req))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(try.End)
	return try
}

// finish runs a transaction that does nothing but store the answer.
func (w *world) finish(t *testing.T, try *idempotency.Attempt, body string) error {
	t.Helper()
	return w.db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		return try.Finish(ctx, tx, idempotency.Answer{Status: 201, Body: []byte(body)})
	})
}

// A repetition, here or on another node, gets the first answer's very bytes and
// cannot take effect again.
func TestARepetitionGetsTheFirstAnswer(t *testing.T) {
	storetest.Each(t, aRepetitionGetsTheFirstAnswer)
}

func aRepetitionGetsTheFirstAnswer(t *testing.T, db *store.DB) {
	w := newWorld(t, db)
	first := begin(t, w.Answers, her, "a")
	if got, err := first.Recall(t.Context()); got != nil || err != nil {
		t.Fatalf("before anything was answered: %v, %v", got, err)
	}
	if err := w.finish(t, first, `{"n":1}`); err != nil {
		t.Fatal(err)
	}
	first.End()
	for name, node := range map[string]*idempotency.Answers{"here": w.Answers, "on another node": w.other} {
		again := begin(t, node, her, "a")
		if err := w.finish(t, again, `{"n":2}`); !errors.Is(err, idempotency.ErrInFlight) {
			t.Errorf("%s: took effect again: %v", name, err)
		}
		got, err := again.Recall(t.Context())
		if err != nil || got == nil || got.Status != 201 || string(got.Body) != `{"n":1}` {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// What took no effect left no answer.
func TestAnAnswerStandsOnlyWithItsEffect(t *testing.T) {
	storetest.Each(t, anAnswerStandsOnlyWithItsEffect)
}

func anAnswerStandsOnlyWithItsEffect(t *testing.T, db *store.DB) {
	w := newWorld(t, db)
	try := begin(t, w.Answers, her, "a")
	full := errors.New("no room")
	err := w.db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		if err := try.Finish(ctx, tx, idempotency.Answer{Status: 201}); err != nil {
			return err
		}
		return full
	})
	if !errors.Is(err, full) {
		t.Fatal(err)
	}
	if got, err := try.Recall(t.Context()); got != nil || err != nil {
		t.Errorf("%+v, %v; want nothing", got, err)
	}
	if err := w.finish(t, try, "{}"); err != nil {
		t.Errorf("the next try: %v", err)
	}
}

// The same key for another request is an error of the client; the same key of
// another account is another key.
func TestAKeyStandsForOneRequestOfOneAccount(t *testing.T) {
	storetest.Each(t, aKeyStandsForOneRequestOfOneAccount)
}

func aKeyStandsForOneRequestOfOneAccount(t *testing.T, db *store.DB) {
	w := newWorld(t, db)
	first := begin(t, w.Answers, her, "a")
	if err := w.finish(t, first, "{}"); err != nil {
		t.Fatal(err)
	}
	first.End()
	if _, err := begin(t, w.Answers, her, "b").Recall(t.Context()); !errors.Is(err, idempotency.ErrReused) {
		t.Errorf("another request: %v, want ErrReused", err)
	}
	another := begin(t, w.Answers, her[:40]+"AAA", "b")
	if err := w.finish(t, another, "{}"); err != nil {
		t.Errorf("another account: %v", err)
	}
}

// Of requests at the same moment one takes effect, whatever node they are on.
func TestOfRequestsAtOnceOneTakesEffect(t *testing.T) {
	storetest.Each(t, ofRequestsAtOnceOneTakesEffect)
}

func ofRequestsAtOnceOneTakesEffect(t *testing.T, db *store.DB) {
	w := newWorld(t, db)
	var done, flying atomic.Int32
	var wg sync.WaitGroup
	for i := range 16 {
		node := []*idempotency.Answers{w.Answers, w.other}[i%2]
		wg.Go(func() {
			try, err := node.Begin(her, key(t, uuid), request("a"))
			if err == nil {
				defer try.End()
				err = w.finish(t, try, "{}")
			}
			switch {
			case err == nil:
				done.Add(1)
			case errors.Is(err, idempotency.ErrInFlight):
				flying.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done.Load() != 1 || flying.Load() != 15 {
		t.Errorf("%d took effect and %d did not, want 1 and 15", done.Load(), flying.Load())
	}
}

// A second request waits for the first one to end.
func TestARequestInFlightIsNotBegunAgain(t *testing.T) {
	storetest.Each(t, aRequestInFlightIsNotBegunAgain)
}

func aRequestInFlightIsNotBegunAgain(t *testing.T, db *store.DB) {
	w := newWorld(t, db)
	first := begin(t, w.Answers, her, "a")
	if _, err := w.Begin(her, key(t, uuid), request("a")); !errors.Is(err, idempotency.ErrInFlight) {
		t.Errorf("%v, want ErrInFlight", err)
	}
	first.End()
	begin(t, w.Answers, her, "a")
}

// At the end of the next day a key is new, whether or not its row has been
// removed.
func TestAnAnswerIsKeptForADay(t *testing.T) { storetest.Each(t, anAnswerIsKeptForADay) }

func anAnswerIsKeptForADay(t *testing.T, db *store.DB) {
	w := newWorld(t, db)
	first := begin(t, w.Answers, her, "a")
	if err := w.finish(t, first, "old"); err != nil {
		t.Fatal(err)
	}
	w.at.Store(40 * 3600) // it was eight in the morning
	if got, err := first.Recall(t.Context()); err != nil || got == nil {
		t.Errorf("within the day: %v, %v", got, err)
	}
	w.at.Add(1)
	if got, err := first.Recall(t.Context()); err != nil || got != nil {
		t.Errorf("after the day: %v, %v", got, err)
	}
	if err := w.finish(t, first, "new"); err != nil {
		t.Fatal(err)
	}
	if got, err := first.Recall(t.Context()); err != nil || got == nil || string(got.Body) != "new" {
		t.Errorf("the new answer: %v, %v", got, err)
	}
}

// Pruning removes what is past its time, in bounded steps, and nothing else.
func TestPruningIsBoundedAndSparesTheLiving(t *testing.T) {
	storetest.Each(t, pruningIsBoundedAndSparesTheLiving)
}

func pruningIsBoundedAndSparesTheLiving(t *testing.T, db *store.DB) {
	w := newWorld(t, db)
	put := func(n int) {
		for i := range n {
			try := begin(t, w.Answers, id.Thumbprint(fmt.Sprintf("%040d%03d", w.at.Load(), i)), "a")
			if err := w.finish(t, try, "{}"); err != nil {
				t.Fatal(err)
			}
			w.at.Add(1)
		}
	}
	put(5)
	w.at.Add(3 * 24 * 3600)
	put(2)
	var gone []int64
	for range 4 {
		n, err := w.Prune(t.Context(), 3)
		if err != nil {
			t.Fatal(err)
		}
		gone = append(gone, n)
	}
	if fmt.Sprint(gone) != "[3 2 0 0]" {
		t.Errorf("pruned %v, want three at a time and five in all", gone)
	}
}

// The database shows neither the key nor the answer.
func TestTheDatabaseShowsNoAnswer(t *testing.T) {
	cfg := storetest.Fresh(t, store.SQLite, migrations.Files)
	w := newWorld(t, storetest.Open(t, cfg))
	if err := w.finish(t, begin(t, w.Answers, her, "marked-request"), "marked-answer"); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(cfg.Path + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	plain := request("marked-request")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, mark := range [][]byte{[]byte("marked-answer"), []byte(uuid[1:37]), plain[:]} {
			if bytes.Contains(b, mark) {
				t.Errorf("%s holds %q", filepath.Base(f), mark)
			}
		}
	}
}

// The header is a UUID in double quotes, once.
func TestAKeyHasOneSpelling(t *testing.T) {
	good := uuid[1:37]
	for _, bad := range [][]string{
		nil, {}, {""}, {good}, {`"` + good}, {uuid, uuid}, {uuid + " "}, {`'` + good + `'`}, {`""`}, {`"` + good[:35] + `"`},
		{`"` + good + `0"`}, {`"3F2504E0-4f89-41d3-9a0c-0305e82c3301"`}, {`"3f2504e004f89041d309a0c00305e82c3301"`}, {`"3f2504e0-4f89-41d3-9a0c-0305e82c330g"`},
	} {
		if _, err := idempotency.ParseKey(bad); !errors.Is(err, idempotency.ErrKey) {
			t.Errorf("%q: %v, want ErrKey", bad, err)
		}
	}
}

// An operation that is not asked to remember anything does its work all the same.
func TestNoCommitStoresNothing(t *testing.T) {
	var none idempotency.Commit
	if err := none.Do(t.Context(), nil, "answer"); err != nil {
		t.Error(err)
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(uuid)
	f.Add(`"x"`)
	f.Fuzz(func(t *testing.T, s string) {
		k, err := idempotency.ParseKey([]string{s})
		if err != nil {
			if !errors.Is(err, idempotency.ErrKey) {
				t.Fatal(err)
			}
			return
		}
		if again := key(t, s); again != k || len(s) != 38 || s[0] != '"' {
			t.Fatalf("accepted %q", s)
		}
	})
}
