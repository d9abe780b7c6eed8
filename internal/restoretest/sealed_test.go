package restoretest_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/store"
)

// The vault's own backup, taken while it serves, tried in a drill while it serves, lost
// and brought back, also to the other engine: what was taken away since stays away,
// before the first request, and what was kept opens.
func TestARestoreOfOurOwnBackupCannotUnRevoke(t *testing.T) {
	other := map[store.Engine]store.Engine{store.SQLite: store.PostgreSQL, store.PostgreSQL: store.SQLite}
	engines(t, func(t *testing.T, e store.Engine) {
		w := newWorld(t, e)
		w.vault.KeepBackups(e == store.SQLite)
		for _, what := range []string{"kept", "revoked", "erased", "suspended", "paused", "narrowed"} {
			w.tell(what)
		}
		w.tellFor("counted", 1)
		w.admit()
		says(t, w.vault.Must("backup"), "is finished: 7 payload objects, 7 of them new")
		w.takeAway()
		w.drills()
		w.node.Kill()
		w.comesBack()
		w.node.Stop()
		w.vault.Move(other[e])
		w.comesBack()
		w.goesOn()
		w.movesOn(e)
	})
}

// drills tries the backup while the vault serves, and leaves nothing behind.
func (w *world) drills() {
	w.t.Helper()
	before := entries(w.t, w.vault.Data)
	killed := filepath.Join(w.vault.Data, "drill-7")
	w.must(errors.Join(os.Mkdir(killed, 0o700), os.WriteFile(filepath.Join(killed, "vault.db"), []byte("what a drill left that was killed"), 0o600)))
	out := w.vault.Must("drill", "--identity", w.vault.Identity())
	says(w.t, out, "The restored vault was ready and answered.", "revoked          1", "erased           1", "suspended        1", "narrowed         1", "paused           1", "roster           1",
		"and 6 payloads of a sample", "stay in force: 3.", "The place is destroyed.")
	if after := entries(w.t, w.vault.Data); after != before {
		w.t.Errorf("the data folder held %s before the drill, and %s after", before, after)
	}
	w.staysTaken()
}

func entries(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func says(t *testing.T, out string, want ...string) {
	t.Helper()
	for _, s := range want {
		if !strings.Contains(out, s) {
			t.Errorf("it does not say %q:\n%s", s, out)
		}
	}
}

// comesBack loses the vault and restores it.
func (w *world) comesBack() {
	w.t.Helper()
	w.vault.Lose()
	out := w.vault.Must("restore", "--identity", w.vault.Identity())
	says(w.t, out, "7 brought back", "revoked          1", "erased           1", "suspended        1", "read             2")
	w.start("a")
	w.staysTaken()
	w.reads("counted", http.StatusNotFound)
	w.reads("narrowed", http.StatusNotFound)
}

// movesOn takes another backup of the vault on the new engine: only what is new is
// copied.
func (w *world) movesOn(store.Engine) {
	w.t.Helper()
	w.tell("later")
	says(w.t, w.vault.Must("backup"), "is finished: 7 payload objects, 1 of them new")
	says(w.t, w.vault.Must("backup", "check"), "is what was written")
}

// A backup that is cut off with kill -9 says that it is unfinished, is brought back by
// nobody, holds nothing readable, and goes on where it was.
func TestABackupThatIsKilledGoesOn(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		w := newWorld(t, e)
		w.vault.KeepBackups(true)
		for _, what := range []string{"one", "two", "three"} {
			w.tell(what)
		}
		secrets := w.secrets()
		again := w.stuck()
		cmd := w.vault.Begin("backup")
		w.copying()
		w.holdsNothing(secrets)
		w.must(cmd.Process.Signal(syscall.SIGKILL))
		_ = cmd.Wait() // it was killed
		says(t, w.vault.Must("backup", "list"), "unfinished: testimonyd backup goes on with it")
		out, err := w.vault.Run("restore", "--identity", w.vault.Identity())
		if err == nil || !strings.Contains(out, "no finished backup") {
			t.Errorf("an unfinished backup was taken for one: %v\n%s", err, out)
		}
		again()
		out = w.vault.Must("backup")
		says(t, out, "cut off has been finished", "3 payload objects")
		if strings.Contains(out, "3 of them new") {
			t.Errorf("nothing that had been copied was believed:\n%s", out)
		}
		w.holdsNothing(secrets)
		w.node.Stop()
		w.vault.Lose()
		says(t, w.vault.Must("restore", "--identity", w.vault.Identity()), "3 brought back")
		w.start("a")
		w.reads("two", http.StatusOK)
	})
}

// stuck puts a pipe in the place of the last payload object, so that whoever reads it
// waits for ever. The function that it gives puts the object back.
func (w *world) stuck() (again func()) {
	w.t.Helper()
	last, name := "", ""
	w.must(filepath.Walk(filepath.Join(w.vault.Data, "blobs", "objects"), func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() && info.Name() > name {
			last, name = path, info.Name()
		}
		return err
	}))
	aside := filepath.Join(w.vault.Dir, "aside")
	w.must(os.Rename(last, aside))
	w.must(syscall.Mkfifo(last, 0o600))
	return func() { w.must(errors.Join(os.Remove(last), os.Rename(aside, last))) }
}

// copying waits until a backup is at its payloads and has copied at least one.
func (w *world) copying() {
	w.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for give := time.Now().Add(time.Minute); ; <-tick.C {
		found, err := filepath.Glob(filepath.Join(w.vault.Backups(), "2*", "objects.progress"))
		w.must(err)
		if len(found) == 1 {
			if b, err := os.ReadFile(found[0]); err == nil && strings.Count(string(b), "\t") >= 2 {
				return
			}
		}
		if time.Now().After(give) {
			w.t.Fatal("the backup does not come to its payloads")
		}
	}
}

// secrets are what the database holds and no other file may: shred keys, and who has
// an account.
func (w *world) secrets() (out []string) {
	w.t.Helper()
	db := w.database()
	defer db.Close()
	rows, err := db.QueryContext(w.t.Context(), "SELECT shred_key FROM shred_keys UNION ALL SELECT CAST(id AS "+map[bool]string{true: "bytea", false: "blob"}[w.vault.Cluster != nil]+") FROM accounts")
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		var b []byte
		w.must(rows.Scan(&b))
		out = append(out, string(b))
	}
	w.must(rows.Err())
	if len(out) < 6 {
		w.t.Fatalf("%d secrets to look for", len(out))
	}
	return out
}

// holdsNothing reads every file of the folder of backups and of the process's own
// temporary folder.
func (w *world) holdsNothing(secrets []string) {
	w.t.Helper()
	files := 0
	for _, dir := range []string{w.vault.Backups(), w.vault.Home} {
		w.must(filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			if err != nil || !info.Mode().IsRegular() {
				return err
			}
			files++
			b, err := os.ReadFile(path)
			for _, s := range secrets {
				if strings.Contains(string(b), s) {
					w.t.Errorf("%s holds what is in the database", path)
				}
			}
			return err
		}))
	}
	if files < 5 {
		w.t.Errorf("%d files were looked at", files)
	}
}
