package restoretest_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// world is a vault with people who have given what they will take back.
type world struct {
	t     *testing.T
	vault *nodetest.Vault
	node  *vaulttest.Process
	door  *peopletest.Door

	her     *peopletest.Person
	guard   *peopletest.Person
	readers map[string]*reader
}

// reader has a grant on a testimony of its own.
type reader struct {
	*peopletest.Person
	testimony, grant api.ID
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// engines runs a test on both, beside others: each has a vault and servers of its own,
// and waits for disks most of the time.
func engines(t *testing.T, f func(t *testing.T, e store.Engine)) {
	t.Helper()
	t.Parallel()
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) { t.Parallel(); f(t, e) })
	}
}

// newWorld is a vault served by node a.
func newWorld(t *testing.T, e store.Engine) *world {
	t.Helper()
	w := &world{t: t, vault: nodetest.New(t, e), readers: map[string]*reader{}}
	w.start("a")
	w.her, w.guard = w.door.Participant(), w.door.Guard()
	return w
}

// start serves, and lets everybody come in at the node.
func (w *world) start(node string, more ...string) {
	w.t.Helper()
	w.node = w.vault.StartAs(node, more...)
	w.door = w.vault.Door(w.node)
	if w.her == nil {
		return
	}
	w.her, w.guard = w.her.At(w.door), w.guard.At(w.door)
	for _, r := range w.readers {
		r.Person = r.At(w.door)
	}
}

// tell gives a new reader a testimony of its own to read: a small part and one
// that is an object.
func (w *world) tell(what string) { w.t.Helper(); w.tellFor(what, 0) }

// tellFor lets the reader open it so many times at most; 0 is as often as needed.
func (w *world) tellFor(what string, maxReads int64) {
	w.t.Helper()
	large := make([]byte, 300<<10)
	rand.Read(large) // never fails
	r := &reader{Person: w.door.Researcher(100)}
	var err error
	r.testimony, err = w.her.Create(w.t.Context(), client.Testimony{Title: what, Parts: []client.Content{
		client.Bytes("a.txt", "", []byte("النهر")), client.Bytes("b.m4a", "", large)}})
	w.must(err)
	r.grant = w.give(r, maxReads)
	w.readers[what] = r
}

func (w *world) give(r *reader, maxReads int64) api.ID {
	w.t.Helper()
	g, err := w.her.Grant(w.t.Context(), client.Offer{Testimony: r.testimony, Parts: []int64{1, 2}, To: r.Account(),
		Terms: api.Terms{Purposes: []statement.Purpose{"Research"}, Attribution: statement.Background, Access: statement.Download, MaxReads: maxReads}})
	w.must(err)
	return g.ID
}

// status asks for a thing as somebody, and reads all of the answer.
func (w *world) status(who *peopletest.Person, path string) int {
	w.t.Helper()
	resp, err := http.DefaultClient.Do(who.Request(http.MethodGet, path, nil))
	w.must(err)
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	w.must(err)
	return resp.StatusCode
}

// reads is how a reader fares with both parts.
func (w *world) reads(what string, want int) {
	w.t.Helper()
	r := w.readers[what]
	for n := 1; n <= 2; n++ {
		if got := w.status(r.Person, fmt.Sprintf("/v1/inbox/%s/parts/%d/content", r.grant, n)); got != want {
			w.t.Errorf("%s: the reader of part %d gets %d, want %d", what, n, got, want)
		}
	}
}

// shows is how she fares with a testimony of hers.
func (w *world) shows(what string, want int) {
	w.t.Helper()
	if got := w.status(w.her, "/v1/testimonies/"+string(w.readers[what].testimony)); got != want {
		w.t.Errorf("%s: she gets %d, want %d", what, got, want)
	}
}

// database is the database as it lies there.
func (w *world) database() *sql.DB {
	w.t.Helper()
	driver, from := "sqlite", "file:"+filepath.Join(w.vault.Data, "vault.db")
	if w.vault.Cluster != nil {
		driver, from = "pgx", w.vault.Cluster.URL(nodetest.Database)
	}
	db, err := sql.Open(driver, from)
	w.must(err)
	return db
}

// asks counts rows.
func (w *world) asks(query string) (n int) {
	w.t.Helper()
	db := w.database()
	defer db.Close()
	w.must(db.QueryRowContext(w.t.Context(), query).Scan(&n))
	return n
}

// alters changes rows of a vault that is not served.
func (w *world) alters(statement string) {
	w.t.Helper()
	db := w.database()
	defer db.Close()
	_, err := db.ExecContext(w.t.Context(), statement)
	w.must(err)
}

// stewards are how many there are.
func (w *world) stewards() int {
	w.t.Helper()
	r, err := w.door.Stranger().Roster(w.t.Context())
	w.must(err)
	return len(r.Stewards())
}

// admit makes a second steward, remove ends that.
func (w *world) admit() {
	w.t.Helper()
	keys, err := client.StewardKeys(w.door.Stranger().Secret)
	w.must(err)
	w.change(func(now *client.Roster) (client.RosterTerms, error) {
		s, err := client.NewSteward("Oksana", api.Bytes(keys.Public().(ed25519.PublicKey)))
		return client.RosterTerms{Threshold: 1, Stewards: append(now.Stewards(), s)}, err
	})
}

func (w *world) remove() {
	w.t.Helper()
	w.change(func(now *client.Roster) (client.RosterTerms, error) {
		var left []client.Steward
		for _, s := range now.Stewards() {
			if s.Account() == w.guard.Account() {
				left = append(left, s)
			}
		}
		return client.RosterTerms{Threshold: 1, Stewards: left}, nil
	})
}

func (w *world) change(f func(*client.Roster) (client.RosterTerms, error)) {
	w.t.Helper()
	_, effective, err := w.guard.ProposeRoster(w.t.Context(), f)
	w.must(err)
	if !effective {
		w.t.Fatal("the roster did not change")
	}
}

// opens wants a reader to get what was granted, byte for byte.
func (w *world) opens(r *reader) {
	w.t.Helper()
	var got bytes.Buffer
	_, err := r.Open(w.t.Context(), r.grant, 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return &got, nil }))
	w.must(err)
	if got.String() != "النهر" {
		w.t.Errorf("the reader opened %q", got.String())
	}
}
