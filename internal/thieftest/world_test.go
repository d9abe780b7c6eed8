package thieftest_test

import (
	"crypto/rand"
	"database/sql"
	"path/filepath"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/thieftest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// parts and headers are what the story stores: four parts and a card, with her
// header of each, and one more for each part granted.
const (
	parts   = 4
	granted = 2
)

// world is a vault with sealed parts in it.
type world struct {
	t         *testing.T
	vault     *nodetest.Vault
	node      *vaulttest.Process
	her       *peopletest.Person
	reader    *peopletest.Person
	testimony api.ID
	grant     api.ID
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestThief(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel() // each has a vault and servers of its own
			w := &world{t: t, vault: nodetest.New(t, engine)}
			w.node = w.vault.Start()
			w.tell(w.vault.Door(w.node))
			t.Run("everything the server has opens no part", func(t *testing.T) { w.in(t).steals() })
			w.node = w.vault.Start()
			w.her, w.reader = w.her.At(w.vault.Door(w.node)), w.reader.At(w.vault.Door(w.node))
			t.Run("after an erasure the reader's key opens nothing that is left", func(t *testing.T) { w.in(t).erases() })
		})
	}
}

// in is the world in a subtest.
func (w *world) in(t *testing.T) *world {
	sub := *w
	sub.t = t
	return &sub
}

// tell stores small and large parts, sealed by her and on arrival, and lets
// somebody open two of them.
func (w *world) tell(door *peopletest.Door) {
	w.t.Helper()
	small, large := []byte("тихо"), make([]byte, 300<<10)
	rand.Read(large) // never fails
	w.her, w.reader = door.Participant(), door.Researcher(100)
	var err error
	w.testimony, err = w.her.Create(w.t.Context(), client.Testimony{Title: "ніч", Parts: []client.Content{
		client.Bytes("a.txt", "", small), client.Bytes("b.m4a", "", large)}})
	w.must(err)
	for _, b := range [][]byte{small, large} {
		n, err := w.her.AddOnArrival(w.t.Context(), w.testimony, client.Bytes("c.m4a", "", b))
		w.must(err)
		w.must(w.her.Adopt(w.t.Context(), w.testimony, n, nil))
	}
	g, err := w.her.Grant(w.t.Context(), client.Offer{Testimony: w.testimony, Parts: []int64{1, 2}, To: w.reader.Account(),
		Terms: api.Terms{Purposes: []statement.Purpose{"Research"}, Attribution: statement.Background, Access: statement.Download}})
	w.must(err)
	w.grant = g.ID
}

// rows reads the whole database of a vault that stands still.
func (w *world) rows() []thieftest.Piece {
	w.t.Helper()
	driver, from := "sqlite", "file:"+filepath.Join(w.vault.Data, "vault.db")
	listing := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if w.vault.Cluster != nil {
		driver, from = "pgx", w.vault.Cluster.URL(nodetest.Database)
		listing = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	}
	db, err := sql.Open(driver, from)
	w.must(err)
	defer db.Close()
	rows, err := thieftest.Database(w.t.Context(), db, listing)
	w.must(err)
	return rows
}

func (w *world) folder() []thieftest.Piece {
	w.t.Helper()
	files, err := thieftest.Folder(w.vault.Dir)
	w.must(err)
	return files
}
