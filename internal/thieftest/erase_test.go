package thieftest_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/canarytest"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/peopletest"
)

// shredKey names the one thing that may be left, in one place.
const shredKey = "the shred key"

// erases wants nothing left on which a thief could use the reader's key: of no
// part is the header or the payload in any file, log, free page, object or journal,
// nor in a dump, nor the key that both were stored under, nor her card or what she
// signed about the testimony. That key may stand in PostgreSQL's write-ahead log
// until the server recycles the segment; docs/threat-model.md says so, and names
// all that remains.
func (w *world) erases() {
	w.t.Helper()
	marks := append(w.stored(), w.said()...)
	w.must(w.her.Erase(w.t.Context(), w.testimony))
	dump := w.dump()
	w.node.Kill() // what is left must not depend on an orderly end
	w.remains()
	known := canarytest.Mark{Name: "her recipient", Data: []byte(w.her.Keys.Recipient)}
	reached := false
	for _, f := range w.search(append(marks, known), dump) {
		reached = reached || f.Mark == known.Name
		recycled := f.Mark == shredKey && strings.Contains(f.Where, "/pg_wal/")
		if f.Mark != known.Name && !recycled {
			w.t.Errorf("still there: %s", f)
		}
	}
	if !reached {
		w.t.Error("the search finds nothing of her account either: it does not reach the database")
	}
}

// stored takes down the bytes of every header and payload and the shred key, and
// makes sure that the reader's key opens what the reader was granted.
func (w *world) stored() (out []canarytest.Mark) {
	w.t.Helper()
	for n := int64(1); n <= parts; n++ {
		header, payload := w.download(w.her, fmt.Sprintf("/v1/testimonies/%s/parts/%d/content", w.testimony, n))
		out = append(out, keyhole("her header", n, header), chunks(n, payload))
	}
	for n := int64(1); n <= granted; n++ {
		header, payload := w.download(w.reader, fmt.Sprintf("/v1/inbox/%s/parts/%d/content", w.grant, n))
		out = append(out, keyhole("the reader's header", n, header))
		r, err := age.Decrypt(io.MultiReader(bytes.NewReader(header), bytes.NewReader(payload)), w.reader.Keys)
		w.must(err)
		_, err = io.Copy(io.Discard, r)
		w.must(err)
	}
	return append(out, chunks(underWayN, w.kept()), w.shredKey())
}

// kept is what has come of the upload under way.
func (w *world) kept() []byte {
	w.t.Helper()
	resp, err := http.DefaultClient.Do(w.her.Request(http.MethodGet, fmt.Sprintf("/v1/testimonies/%s/parts/%d/payload", w.testimony, underWayN), nil))
	w.must(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || len(b) < 1<<20 {
		w.t.Fatalf("%d bytes of an upload are there: %v", len(b), err)
	}
	return b
}

// shredKey is found in the files before it is destroyed, or a search for it
// proves nothing.
func (w *world) shredKey() canarytest.Mark {
	w.t.Helper()
	for _, row := range w.rows() {
		if row.Where == "shred_keys.shred_key" {
			key := canarytest.Mark{Name: shredKey, Data: row.Data}
			if len(w.search([]canarytest.Mark{key}, "")) > 0 {
				return key
			}
		}
	}
	w.t.Fatal("there is no shred key to destroy")
	return canarytest.Mark{}
}

// keyhole is a header without its first lines, which all headers have in common.
func keyhole(what string, n int64, header []byte) canarytest.Mark {
	lines := bytes.SplitN(header, []byte("\n"), 3)
	return canarytest.Mark{Name: fmt.Sprint(what, " ", n), Data: lines[2]}
}

// chunks are a payload without its nonce, which says nothing by itself and stands
// in the row of an upload.
func chunks(n int64, payload []byte) canarytest.Mark {
	return canarytest.Mark{Name: fmt.Sprint("payload ", n), Data: payload[envelope.NonceSize:]}
}

// download gets header and payload of a part.
func (w *world) download(who *peopletest.Person, path string) (header, payload []byte) {
	w.t.Helper()
	resp, err := http.DefaultClient.Do(who.Request(http.MethodGet, path, nil))
	w.must(err)
	defer resp.Body.Close()
	header, rest, err := envelope.Split(resp.Body)
	w.must(err)
	payload, err = io.ReadAll(rest)
	w.must(err)
	return header, payload
}

// search looks through all files of the vault and of its database, as they lie on
// the disk, and through a dump if there is one.
func (w *world) search(marks []canarytest.Mark, dump string) (found []canarytest.Find) {
	w.t.Helper()
	scanner, err := canarytest.New(marks...)
	w.must(err)
	places := []string{w.vault.Dir}
	if dump != "" {
		places = append(places, dump)
	}
	if w.vault.Cluster != nil {
		w.must(w.vault.Cluster.Kill())
		defer func() { w.must(w.vault.Cluster.Restart(w.t.Context())) }()
		places = append(places, w.vault.Cluster.DataDir(), filepath.Join(w.vault.Cluster.Dir(), "log"))
	}
	for _, p := range places {
		in, _, err := scanner.Tree(p)
		w.must(err)
		found = append(found, in...)
	}
	return found
}
