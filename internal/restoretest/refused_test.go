package restoretest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/store"
)

// exitJournal is what testimonyd exits with when the journal does not fit.
const exitJournal = 3

// A vault whose journal does not fit serves nobody, exits with a code of its own,
// and says what to do. With the journal back in its place it serves.
func TestAVaultWithoutItsJournalDoesNotServe(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		w := newWorld(t, e)
		w.tell("revoked")
		backup := w.vault.Backup()
		_, err := w.her.Revoke(t.Context(), w.readers["revoked"].testimony, w.readers["revoked"].grant)
		w.must(err)
		w.node.Kill()
		file := filepath.Join(w.vault.Journal("a"), "0000000000000001.journal")
		whole, err := os.ReadFile(file)
		w.must(err)
		for name, c := range map[string]struct {
			text  string
			words string
		}{
			"missing": {"", "the journal of a node is missing: bring its folder back"},
			"cut":     {string(whole[:len(whole)-10]), "its newest lines are gone; bring back the newest copy"},
			"forged":  {strings.Replace(string(whole), `"kind":"revoked"`, `"kind":"narrowed"`, 1), "a line has another hash"},
			"foreign": {strings.Replace(string(whole), `"node":"a"`, `"node":"b"`, 1), "another vault's or node's"},
		} {
			w.must(os.WriteFile(file, []byte(c.text), 0o600))
			code, words := w.vault.Refused("a")
			if code != exitJournal || !strings.Contains(words, c.words) || !strings.Contains(words, "docs/operate/restore.md") {
				t.Errorf("%s: exit code %d, %s", name, code, words)
			}
		}
		w.vault.Restore(backup)
		w.must(os.WriteFile(file, []byte(strings.Replace(string(whole), "revoked", "revoket", 1)), 0o600))
		if code, words := w.vault.Refused("a"); code != exitJournal || !strings.Contains(words, "signed with a key that this server does not have") {
			t.Errorf("forged over a restored database: exit code %d, %s", code, words)
		}
		w.must(os.WriteFile(file, whole, 0o600))
		w.start("a")
		w.reads("revoked", http.StatusNotFound)
	})
}

// A journal that is gone for good can be given up: every grant is held until its
// owner has renewed it.
func TestALostJournalIsGivenUpAtThePriceOfEveryGrant(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		w := newWorld(t, e)
		w.tell("given")
		w.node.Kill()
		if out, err := w.vault.Run("journal", "abandon", "--node", "a", "--because-it-is-lost"); err == nil || !strings.Contains(out, "move that folder away") {
			t.Errorf("a journal that is there is given up: %v, %s", err, out)
		}
		w.must(os.RemoveAll(w.vault.Journal("a")))
		out, err := w.vault.Run("journal", "abandon", "--node", "a", "--because-it-is-lost")
		if err != nil || !strings.Contains(out, "1 grants are held") {
			t.Fatalf("%v, %s", err, out)
		}
		w.start("a")
		w.reads("given", http.StatusNotFound)
		w.shows("given", http.StatusOK)
	})
}

// Two nodes over one database: each reads both journals, and the restored vault
// serves at neither without both.
func TestTwoNodesNeedBothJournals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PostgreSQL)
	w.tell("revoked")
	w.tell("erased")
	first := w.node
	backup := w.vault.Backup()
	_, err := w.her.Revoke(t.Context(), w.readers["revoked"].testimony, w.readers["revoked"].grant) // at a
	w.must(err)
	w.start("b")
	w.must(w.her.Erase(t.Context(), w.readers["erased"].testimony)) // at b
	first.Kill()
	w.node.Kill()
	aside := w.vault.Journal("b") + ".aside"
	w.must(os.Rename(w.vault.Journal("b"), aside))
	if code, words := w.vault.Refused("a"); code != exitJournal || !strings.Contains(words, "node b") {
		t.Errorf("without the journal of b: exit code %d, %s", code, words)
	}
	w.must(os.Rename(aside, w.vault.Journal("b")))
	w.vault.Restore(backup)
	w.start("a")
	w.reads("revoked", http.StatusNotFound)
	w.reads("erased", http.StatusNotFound)
	w.shows("erased", http.StatusNotFound)
	w.start("b") // joins later
	w.reads("revoked", http.StatusNotFound)
}

// Database and journal rolled back together fit each other. A head that was kept
// elsewhere tells.
func TestWhatIsRolledBackTogetherIsFoundByAKeptHead(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		w := newWorld(t, e)
		w.tell("revoked")
		backup, old := w.vault.Backup(), filepath.Join(t.TempDir(), "journal")
		w.must(os.CopyFS(old, os.DirFS(filepath.Join(w.vault.Data, "journal"))))
		_, err := w.her.Revoke(t.Context(), w.readers["revoked"].testimony, w.readers["revoked"].grant)
		w.must(err)
		head, err := w.vault.Run("journal", "head") // while it is served
		w.must(err)
		kept := filepath.Join(t.TempDir(), "kept")
		w.must(os.WriteFile(kept, []byte("# printed on paper\n"+head), 0o600))
		out, err := w.vault.Run("journal", "check", "--head", kept)
		if err != nil || !strings.Contains(out, "holds every head of the file") {
			t.Errorf("check: %v, %s", err, out)
		}
		w.node.Kill()
		w.vault.Restore(backup)
		w.must(os.RemoveAll(filepath.Join(w.vault.Data, "journal")))
		w.must(os.CopyFS(filepath.Join(w.vault.Data, "journal"), os.DirFS(old)))
		if code, words := w.vault.Refused("a", "journal.at_least_from="+kept); code != exitJournal || !strings.Contains(words, "rolled back, perhaps with the database") {
			t.Errorf("exit code %d, %s", code, words)
		}
		if code, words := w.vault.Refused("a", "journal.at_least="+strings.TrimSpace(head)); code != exitJournal {
			t.Errorf("in the configuration: exit code %d, %s", code, words)
		}
		if out, err := w.vault.Run("journal", "check", "--head", kept); err == nil || !strings.Contains(out, "rolled back") {
			t.Errorf("check: %v, %s", err, out)
		}
		w.start("a") // nobody kept anything: what the documents say it cannot see
		w.reads("revoked", http.StatusOK)
	})
}

// A database that goes back while a node runs ends the node.
func TestADatabaseThatGoesBackEndsTheNode(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PostgreSQL)
	w.tell("revoked")
	_, err := w.her.Revoke(t.Context(), w.readers["revoked"].testimony, w.readers["revoked"].grant)
	w.must(err)
	w.must(w.vault.Cluster.Exec(t.Context(), nodetest.Database, "DELETE FROM journal_known WHERE seq > 1"))
	if code := w.node.Ended(); code != exitJournal || !strings.Contains(w.node.Log.String(), "has gone back while this node was running") {
		t.Errorf("exit code %d\n%s", code, w.node.Log)
	}
}
