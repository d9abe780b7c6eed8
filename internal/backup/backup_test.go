package backup_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/backup"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/stockagetest"
)

// What is brought back is what was there, and the second backup copies what is new.
func TestABackupComesBack(t *testing.T) {
	w := newWorld(t)
	first := w.takes()
	w.put()
	second := w.takes()
	if first.Fresh != 3 || second.Fresh != 1 || second.Objects != 4 {
		t.Errorf("%d, then %d of %d were copied", first.Fresh, second.Fresh, second.Objects)
	}
	for name, want := range map[string]int{first.Name: 3, second.Name: 4, "": 4} {
		rows, objects, err := w.brings(name)
		if err != nil || rows != int64(want)+1 || objects != want {
			t.Errorf("%s: %d rows, %d objects, %v", name, rows, objects, err)
		}
	}
}

// By reference, objects stay where they are, and one that is not what it was is found.
func TestAReferenceIsNameAndDigest(t *testing.T) {
	w := newWorld(t)
	w.maker.Copy = false
	w.takes()
	if list := w.copies(); len(list) != 0 {
		t.Errorf("copies were made: %v", list)
	}
	b, err := w.maker.Find("", keep)
	w.must(err)
	w.must(b.Compare(t.Context(), b.Objects()[0], w.objects))
	path := filepath.Join(w.dir, "blobs", "objects", string(b.Objects()[0].Key)[:2], string(b.Objects()[0].Key))
	w.must(os.WriteFile(path, flip(read(t, path), 5), 0o600))
	if err := b.Compare(t.Context(), b.Objects()[0], w.objects); !errors.Is(err, backup.ErrAltered) {
		t.Errorf("an altered object: %v", err)
	}
	got, err := b.BringObjects(t.Context(), nil, w.objects)
	if err != nil || got.There != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Every file that ends with .age opens with the ordinary program.
func TestStockAgeOpensEveryFile(t *testing.T) {
	w := newWorld(t)
	made := w.takes()
	identity := filepath.Join(w.dir, "identity")
	w.must(os.WriteFile(identity, []byte(w.id.(interface{ String() string }).String()+"\n"), 0o600))
	files := append(w.copies(), w.path(made.Name, "database.age"))
	if len(files) != 4 {
		t.Fatalf("%d files", len(files))
	}
	for _, f := range files {
		cmd := exec.Command(stockagetest.Binary(t), "-d", "-i", identity, f)
		out, err := cmd.Output()
		if err != nil || len(out) == 0 {
			t.Errorf("%s: %d bytes, %v", f, len(out), err)
		}
	}
}

// A backup that broke off is no backup, goes on with what it has, and is begun anew
// after a day, for other recipients, or when somebody has touched it.
func TestABackupThatBrokeOffGoesOn(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(w *world)
		fresh     int
		goesOn    bool
	}{
		"at once":     {func(*world) {}, 1, true},
		"a day later": {func(w *world) { w.now = w.now.Add(25 * time.Hour) }, 3, false},
		"for others": {func(w *world) {
			other := newWorld(w.t)
			w.maker.To, w.maker.Recipients, w.id = other.maker.To, other.maker.Recipients, other.id
		}, 3, false},
		"a forged line of progress": {func(w *world) {
			list, err := filepath.Glob(w.path("2*", "objects.progress"))
			w.must(err)
			w.must(os.WriteFile(list[0], bytes.ReplaceAll(read(w.t, list[0]), []byte("\t"), []byte("\tA")), 0o600))
		}, 3, true},
		"a copy that was cut": {func(w *world) { w.must(os.Truncate(w.copies()[0], 10)) }, 2, true},
		"a database that was cut": {func(w *world) {
			list, err := filepath.Glob(w.path("2*", "database.age"))
			w.must(err)
			w.must(os.Truncate(list[0], 100))
		}, 3, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.maker.Objects = &failing{w.objects, 2}
			if _, err := w.maker.Make(t.Context()); !errors.Is(err, errCrash) {
				t.Fatal(err)
			}
			list, err := w.maker.List()
			if err != nil || len(list) != 1 || list[0].Finished || list[0].Err != nil {
				t.Fatalf("%+v, %v", list, err)
			}
			if _, err := w.maker.Find(list[0].Name, keep); err == nil {
				t.Fatal("an unfinished backup was opened")
			}
			c.meanwhile(w)
			w.maker.Objects = w.objects
			made := w.takes()
			// What lies in the folder of copies and no signature speaks of is copied anew.
			if made.Continued != c.goesOn || made.Fresh != c.fresh {
				t.Errorf("went on: %v, copied %d", made.Continued, made.Fresh)
			}
			if _, objects, err := w.brings(""); err != nil || objects != 3 {
				t.Errorf("%d objects, %v", objects, err)
			}
		})
	}
}

// What its owner let go of between the snapshot and the copying is missing, and said.
func TestWhatIsLetGoOfMeanwhileIsMissing(t *testing.T) {
	w := newWorld(t)
	w.must(w.objects.Delete(t.Context(), w.keys[0]))
	made := w.takes()
	if made.Missing != 1 || made.Objects != 2 {
		t.Errorf("%d missing, %d there", made.Missing, made.Objects)
	}
	if _, objects, err := w.brings(""); err != nil || objects != 2 {
		t.Errorf("%d objects, %v", objects, err)
	}
}

// Whoever can write the folder, and does not have the server's key, makes no backup
// that is believed, and nothing of it is written anywhere.
func TestATamperedBackupIsRefused(t *testing.T) {
	w := newWorld(t)
	old := w.takes()
	w.put()
	made := w.takes()
	in := func(file string) string { return w.path(made.Name, file) }
	for name, spoil := range map[string]func(){
		"the database cut": func() { w.must(os.Truncate(in("database.age"), 4000)) },
		"the database altered": func() {
			b := read(t, in("database.age"))
			w.must(os.WriteFile(in("database.age"), flip(b, len(b)-9), 0o600))
		},
		"the database longer":         func() { w.must(os.WriteFile(in("database.age"), append(read(t, in("database.age")), 0), 0o600)) },
		"the database of another day": func() { w.must(os.WriteFile(in("database.age"), read(t, w.path(old.Name, "database.age")), 0o600)) },
		"the list of another day":     func() { w.must(os.WriteFile(in("objects.list"), read(t, w.path(old.Name, "objects.list")), 0o600)) },
		"the manifest of another day": func() { w.must(os.WriteFile(in("manifest"), read(t, w.path(old.Name, "manifest")), 0o600)) },
		"no database":                 func() { w.must(os.Remove(in("database.age"))) },
		"no list":                     func() { w.must(os.Remove(in("objects.list"))) },
		"the manifest altered": func() {
			w.must(os.WriteFile(in("manifest"), bytes.Replace(read(t, in("manifest")), []byte(`"missing":0`), []byte(`"missing":1`), 1), 0o600))
		},
		"the manifest without its end": func() { w.must(os.Truncate(in("manifest"), int64(len(read(t, in("manifest"))))-1)) },
		"a name that leads elsewhere": func() {
			w.must(os.WriteFile(in("manifest"), bytes.Replace(read(t, in("manifest")), []byte(`database.age`), []byte(`../../../etc`), 1), 0o600))
		},
		"copies swapped": func() {
			a := w.copies()
			x := read(t, a[0])
			w.must(os.WriteFile(a[0], read(t, a[1]), 0o600))
			w.must(os.WriteFile(a[1], x, 0o600))
		},
		"a copy missing":                  func() { w.must(os.Remove(w.copies()[0])) },
		"a copy that is sealed to us":     func() { w.must(os.WriteFile(w.copies()[0], w.sealed("something else"), 0o600)) },
		"a database that is sealed to us": func() { w.must(os.WriteFile(in("database.age"), w.sealed("something else"), 0o600)) },
	} {
		t.Run(name, func(t *testing.T) {
			before := t.TempDir()
			w.must(os.CopyFS(before, os.DirFS(w.maker.Dir)))
			spoil()
			_, _, err := w.brings(made.Name)
			if !errors.Is(err, backup.ErrAltered) && !errors.Is(err, backup.ErrForeign) && !errors.Is(err, backup.ErrManifest) {
				t.Errorf("%v", err)
			}
			w.must(os.RemoveAll(w.maker.Dir))
			w.must(os.CopyFS(w.maker.Dir, os.DirFS(before)))
		})
	}
	if _, objects, err := w.brings(made.Name); err != nil || objects != 4 {
		t.Errorf("untouched: %d objects, %v", objects, err)
	}
}

// A backup of another server, or one that anybody sealed to the operator, is no backup
// of this vault.
func TestABackupOfAnotherServerIsRefused(t *testing.T) {
	w := newWorld(t)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	w.must(err)
	mine := w.maker.Folder.Keys
	w.maker.Key, w.maker.Folder.Keys = secret.Of(private), []ed25519.PublicKey{public}
	made := w.takes()
	w.maker.Folder.Keys = mine
	if _, _, err := w.brings(made.Name); !errors.Is(err, backup.ErrForeign) {
		t.Errorf("%v", err)
	}
	w.maker.Folder.Keys = append(w.maker.Folder.Keys, public) // a rotation keeps the older key listed
	if _, _, err := w.brings(made.Name); err != nil {
		t.Errorf("%v", err)
	}
}

// Another identity opens nothing, and leaves the place empty.
func TestAnotherIdentityOpensNothing(t *testing.T) {
	w := newWorld(t)
	w.takes()
	w.id = newWorld(t).id
	if _, _, err := w.brings(""); err == nil {
		t.Error("it was opened")
	}
}

// What was promised to be gone is refused, and removed with the copies that only it
// had; what a younger backup needs stays.
func TestBackupsExpire(t *testing.T) {
	w := newWorld(t)
	old := w.takes()
	w.change("DELETE FROM pieces WHERE blob = $1", string(w.keys[0]))
	w.now = w.now.Add(keep - 2*time.Second)
	young := w.takes()
	w.now = w.now.Add(time.Second)
	b, err := w.maker.Find(old.Name, keep)
	if !errors.Is(err, backup.ErrExpired) || b == nil {
		t.Errorf("an old backup: %v", err)
	}
	pruned, err := w.maker.Prune(keep)
	if err != nil || len(pruned.Backups) != 1 || pruned.Backups[0] != old.Name || pruned.Objects != 1 {
		t.Errorf("%+v, %v", pruned, err)
	}
	if _, objects, err := w.brings(young.Name); err != nil || objects != 2 {
		t.Errorf("%d objects, %v", objects, err)
	}
	// A shorter time counts for what is there already; one that is unfinished goes, too.
	w.maker.Objects = &failing{w.objects, 0}
	w.put()
	w.now = w.now.Add(time.Second)
	if _, err := w.maker.Make(t.Context()); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	w.now = w.now.Add(24 * time.Hour)
	pruned, err = w.maker.Prune(24 * time.Hour)
	if err != nil || len(pruned.Backups) != 2 || len(w.copies()) != 0 {
		t.Errorf("%+v, %v; %d copies are left", pruned, err, len(w.copies()))
	}
}

// While a backup is there that nobody can read, nobody knows which copies it needs.
func TestCopiesStayWhileABackupCannotBeRead(t *testing.T) {
	w := newWorld(t)
	made := w.takes()
	w.must(os.WriteFile(w.path(made.Name, "manifest"), []byte("{}"), 0o600))
	if _, err := w.maker.Prune(keep); err == nil {
		t.Error("it was not said")
	}
	if len(w.copies()) != 3 {
		t.Errorf("%d copies are left", len(w.copies()))
	}
	w.now = w.now.Add(keep) // its name says how old it is
	if p, err := w.maker.Prune(keep); err != nil || len(p.Backups) != 1 || len(w.copies()) != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

// Nothing is written over what is there.
func TestAnOccupiedPlaceIsRefused(t *testing.T) {
	w := newWorld(t)
	w.takes()
	if _, _, err := w.bringsTo("", w.db, w.objects); err == nil {
		t.Error("it was written over")
	}
	if _, err := w.objects.Open(t.Context(), w.keys[0]); errors.Is(err, blob.ErrNotFound) {
		t.Error(err)
	}
}
