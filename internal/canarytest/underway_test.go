package canarytest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/nodetest"
)

// whileABodyIsUnderWay stops in the middle of a plaintext body and looks at
// every file that the server holds open, also those without a name: what is
// written of the body by then is sealed.
func whileABodyIsUnderWay(t *testing.T, st *story, node *nodetest.Node) {
	t.Helper()
	body, line := io.Pipe()
	voice := bytes.Repeat(st.s.voice, 32) // more than the server holds in memory
	req := st.arrival(st.her, 40, st.received(40, len(voice)), len(voice), body)
	ended := make(chan int, 1)
	go func() { ended <- st.send(req) }()
	if _, err := line.Write(voice[:len(voice)-1000]); err != nil {
		t.Fatal(err)
	}
	look := st.s.scanner()
	for _, path := range opened(t, node) {
		found, _, err := look.File(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
		for _, f := range found {
			t.Errorf("in the middle of a body, in an open file: %s", f)
		}
	}
	_ = line.CloseWithError(errLost)
	if status := <-ended; status != 0 && status < 400 {
		t.Errorf("a body that broke off was accepted with %d", status)
	}
}

// opened waits until the sealed body is being written and gives every file that
// the node holds open.
func opened(t *testing.T, node *nodetest.Node) []string {
	t.Helper()
	tick, late := time.NewTicker(10*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for {
		files, writing := descriptors(t, node)
		if writing {
			return files
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("the server writes nothing of a long body; it holds open %v", files)
		}
	}
}

func descriptors(t *testing.T, node *nodetest.Node) (files []string, writing bool) {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", node.PID())
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		path := filepath.Join(dir, d.Name())
		to, err := os.Readlink(path)
		info, statErr := os.Stat(path)
		if err != nil || statErr != nil || !info.Mode().IsRegular() {
			continue
		}
		kernels := strings.HasPrefix(to, "/sys/") || strings.HasPrefix(to, "/proc/") || strings.HasPrefix(to, "anon_inode:")
		if kernels {
			continue
		}
		if !strings.HasPrefix(to, node.Vault.Dir) {
			t.Errorf("the server holds %s open, which is not in its folders", to)
		}
		files = append(files, path)
		writing = writing || strings.HasPrefix(to, filepath.Join(node.Vault.Data, "blobs")) && info.Size() > 0
	}
	return files, writing
}
