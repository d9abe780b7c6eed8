package thieftest_test

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
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
	// underWayN is the number of the upload under way.
	underWayN = parts + 1
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
	w.half()
	g, err := w.her.Grant(w.t.Context(), client.Offer{Testimony: w.testimony, Parts: []int64{1, 2}, To: w.reader.Account(),
		Terms: api.Terms{Purposes: []statement.Purpose{"Research"}, Attribution: statement.Background, Access: statement.Download}})
	w.must(err)
	w.grant = g.ID
}

// half leaves an upload under way, as part underWayN: pieces, and a tail in SQL.
func (w *world) half() {
	w.t.Helper()
	whole := make([]byte, 3<<20)
	rand.Read(whole) // never fails
	content, times := client.Bytes("d.m4a", "", whole), 0
	content.Open = func() (io.ReadCloser, error) {
		times++
		return io.NopCloser(bytes.NewReader(whole[:len(whole)-(times-1)*1000])), nil // it is another file the second time
	}
	if _, err := w.her.AddPart(w.t.Context(), w.testimony, content); !errors.Is(err, client.ErrFileChanged) {
		w.t.Fatalf("a file that became shorter: %v", err)
	}
	w.goOn()
	held := map[string]bool{}
	for _, column := range []string{"tails.tail", "pieces.digest"} {
		for _, row := range w.rows() {
			held[column] = held[column] || row.Where == column
		}
		if !held[column] {
			w.t.Fatalf("nothing of an upload under way lies in %s", column)
		}
	}
}

// goOn brings the upload, of which nobody knows how much came before its line broke,
// to a place that is the end of no piece.
func (w *world) goOn() {
	w.t.Helper()
	_, err := w.her.Unfinished(w.t.Context(), w.testimony) // which waits until all that came is kept
	w.must(err)
	var t api.Testimony
	w.get("/v1/testimonies/"+string(w.testimony), &t)
	at := t.Uploads[0].Received
	more := make([]byte, max(at, 1<<20)/64*64+64+7)
	rand.Read(more) // never fails
	copy(more, t.Uploads[0].Nonce)
	req := w.her.Request(http.MethodPatch, fmt.Sprintf("/v1/testimonies/%s/parts/%d/payload", w.testimony, underWayN), bytes.NewReader(more[at:]))
	req.Header.Set(api.HeaderTusResumable, api.TusVersion)
	req.Header.Set("Content-Type", api.MediaTus)
	req.Header.Set(api.HeaderUploadOffset, strconv.FormatInt(at, 10))
	resp, err := http.DefaultClient.Do(req)
	w.must(err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		w.t.Fatalf("go on with an upload: %s", resp.Status)
	}
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
