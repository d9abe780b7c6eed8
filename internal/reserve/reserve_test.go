package reserve_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/internal/reserve"
)

// The room is a file that is there, goes when it is needed, and comes back; a
// crash in either state is taken up.
func TestTheRoomGoesAndComesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "room")
	for range 2 { // the second time it is found
		r, err := reserve.Keep(path, 1<<20)
		if err != nil || !r.Regain() {
			t.Fatalf("it is not held: %v", err)
		}
		if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
			t.Fatalf("%v, %v", fi, err)
		}
	}
	r, err := reserve.Keep(path, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Release() || r.Release() {
		t.Error("it is given once")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("it is still there")
	}
	if !r.Regain() {
		t.Error("it did not come back")
	}
	if err := os.Truncate(path, 0); err != nil { // a crash before it was taken
		t.Fatal(err)
	}
	if r, err = reserve.Keep(path, 1<<20); err != nil || !r.Release() {
		t.Errorf("after a crash it was not taken: %v", err)
	}
}

// Where no file can be made, that is said: it is no full disk.
func TestAFolderThatIsNotThereIsAnError(t *testing.T) {
	if _, err := reserve.Keep(filepath.Join(t.TempDir(), "none", "room"), 1<<20); err == nil {
		t.Error("no word about it")
	}
}

// Nothing that is kept is nothing to wait for.
func TestNoRoomIsAlwaysHeld(t *testing.T) {
	var none *reserve.Room
	if !none.Regain() || none.Release() {
		t.Error("it has something to give, or is not held")
	}
}
