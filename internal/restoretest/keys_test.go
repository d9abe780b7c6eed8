package restoretest_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// The keys are rotated while two nodes serve: both publish the new ones, whoever kept
// the old one follows, and what was under way goes on. After a theft both sign with the
// new ones at once, the thief's sessions end, and a kept key leads nowhere.
func TestKeysAreRotatedWhileNodesServe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PostgreSQL)
	w.vault.KeepBackups(true)
	b := w.vault.StartAs("b")
	w.tell("kept")
	old := w.vaultAt(w.node, nil).ReceiptKeys[0]
	says(t, w.vault.Must("keys", "rotate", "--overlap", "1h"), "in force", "receipt", "The export that you keep is older")
	for _, n := range []*vaulttest.Process{w.node, b} {
		v := w.until(n, func(v *api.Vault) bool { return len(v.ReceiptKeys) == 2 })
		if len(v.ReceiptChain) != 1 || !bytes.Equal(v.ReceiptKeys[0], old) {
			t.Errorf("%d links, and the key in force is another", len(v.ReceiptChain))
		}
		w.vaultAt(n, old) // whoever kept the old key follows
	}
	w.reads("kept", http.StatusOK)
	w.revokes("kept") // her client checks the receipt

	says(t, w.vault.Must("keys", "rotate", "--stolen"), "in force")
	for _, n := range []*vaulttest.Process{w.node, b} {
		v := w.until(n, func(v *api.Vault) bool { return len(v.ReceiptKeys) == 3 })
		if bytes.Equal(v.ReceiptKeys[0], old) {
			t.Error("the stolen key is in force")
		}
		door := w.vault.Door(n)
		her := w.her.At(door) // signs in with a token of the new key
		_, err := her.Create(t.Context(), client.Testimony{Title: "after", Parts: []client.Content{client.Bytes("a.txt", "", []byte("x"))}})
		w.must(err)
	}
	c, err := client.New(client.Config{Server: b.URL, Vault: w.vault.ID, ReceiptKey: w.vaultAt(b, nil).ReceiptKeys[1]})
	w.must(err)
	v, err := c.Vault(t.Context())
	if err == nil && bytes.Equal(v.ReceiptKeys[0], w.vaultAt(b, nil).ReceiptKeys[0]) {
		t.Error("a stolen key vouches for the new one")
	}
	w.comesBackWithItsKeys(b)
}

// comesBackWithItsKeys loses the keys, which no backup holds, and brings them back.
func (w *world) comesBackWithItsKeys(b *vaulttest.Process) {
	w.t.Helper()
	export := filepath.Join(w.vault.Dir, "keys.age")
	says(w.t, w.vault.Must("keys", "export", "--to", export), "sealed")
	if out, err := w.vault.Run("keys", "rotate", "--mac"); err == nil || !strings.Contains(out, "is running: stop every node first") {
		w.t.Errorf("while nodes run: %v\n%s", err, out)
	}
	w.vault.Must("backup")
	w.node.Stop()
	b.Stop()
	w.must(os.RemoveAll(filepath.Join(w.vault.Data, "keys")))
	w.vault.Lose()
	out, err := w.vault.Run("restore", "--identity", w.vault.Identity())
	if err == nil || !strings.Contains(out, "testimonyd keys import") {
		w.t.Errorf("without keys: %v\n%s", err, out)
	}
	w.vault.Must("keys", "import", "--from", export, "--identity", w.vault.Identity())
	w.vault.Must("restore", "--identity", w.vault.Identity())
	says(w.t, w.vault.Must("keys", "rotate", "--mac"), "mac")
	w.start("a") // reads a journal that the old secret signed
	w.tell("later")
	w.reads("later", http.StatusOK)
}

func (w *world) revokes(what string) {
	w.t.Helper()
	r := w.readers[what]
	_, err := w.her.Revoke(w.t.Context(), r.testimony, r.grant)
	w.must(err)
}

// vaultAt is what a node says of the vault, to whoever kept a key.
func (w *world) vaultAt(n *vaulttest.Process, kept api.Bytes) *api.Vault {
	w.t.Helper()
	c, err := client.New(client.Config{Server: n.URL, Vault: w.vault.ID, ReceiptKey: kept})
	w.must(err)
	v, err := c.Vault(w.t.Context())
	w.must(err)
	return v
}

// until asks a node until it says so.
func (w *world) until(n *vaulttest.Process, so func(*api.Vault) bool) *api.Vault {
	w.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for give := time.Now().Add(time.Minute); time.Now().Before(give); <-tick.C {
		if v := w.vaultAt(n, nil); so(v) {
			return v
		}
	}
	w.t.Fatal(errors.New("the node does not learn of the new keys"))
	return nil
}
