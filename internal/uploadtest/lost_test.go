package uploadtest_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/vaulttest"
)

// A disk that forgets what came of an upload costs its client some bytes and nobody a
// recording: the end is refused, the upload goes back, and is whole when it came again.
func TestAnUploadGoesBackWhereADiskHasForgotten(t *testing.T) {
	v := vaulttest.New(t)
	u := begun(t, doorOf(v), 2<<20)
	u.patch(0, 600_000)
	u.must(filepath.WalkDir(filepath.Join(v.Config.Blobs.Dir, "objects"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = os.Remove(path)
		}
		return err
	}))
	u.patch(600_000, 1_200_000)
	if a := u.patch(u.offset(), len(u.payload)); a.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("the end got %d %s", a.StatusCode, a.body)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for tries := 0; u.offset() > 0; tries++ { // until it has been looked at
		if tries == 300 {
			t.Fatal("it does not go back")
		}
		<-tick.C
	}
	u.patch(0, len(u.payload))
	u.add()
}
