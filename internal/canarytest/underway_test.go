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

	"github.com/relatingfield/vault/internal/canarytest"
	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// whileABodyIsUnderWay stops in the middle of a plaintext body and looks at every
// file of the vault and every file that the server holds open, also those without
// a name: what is written of the body by then is sealed.
func whileABodyIsUnderWay(t *testing.T, v *nodetest.Vault, st *story, node *vaulttest.Process) {
	t.Helper()
	body, line := io.Pipe()
	voice := bytes.Repeat(st.s.voice, 32) // more than the server holds in memory
	req := st.arrival(st.her, 40, st.received(st.her, 40, len(voice)), len(voice), body)
	ended := make(chan int, 1)
	go func() { ended <- st.send(req) }()
	if _, err := line.Write(voice[:len(voice)-1000]); err != nil {
		t.Fatal(err)
	}
	look := st.s.scanner()
	for _, path := range append(written(t, v), opened(t, v, node)...) {
		for _, f := range lookAt(t, look, path) {
			t.Errorf("in the middle of a body: %s", f)
		}
	}
	_ = line.CloseWithError(errLost)
	if status := <-ended; status != 0 && status < 400 {
		t.Errorf("a body that broke off was accepted with %d", status)
	}
}

// lookAt looks through a file of a running server, which may be gone by now.
func lookAt(t *testing.T, look *canarytest.Scanner, path string) []canarytest.Find {
	t.Helper()
	found, _, err := look.File(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	return found
}

// written waits until the sealed body is being written and gives every file of
// the vault's folder.
func written(t *testing.T, v *nodetest.Vault) []string {
	t.Helper()
	tick, late := time.NewTicker(10*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for {
		all, writing := files(t, v)
		if writing {
			return all
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("the server writes nothing of a long body; there are %v", all)
		}
	}
}

// files lists the vault's folder, and whether an object without a name grows.
func files(t *testing.T, v *nodetest.Vault) (all []string, writing bool) {
	t.Helper()
	err := filepath.WalkDir(v.Dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		all = append(all, path)
		if filepath.Dir(path) == filepath.Join(v.Data, "blobs", "tmp") {
			info, err := d.Info()
			writing = writing || err == nil && info.Size() > 0
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, writing
}

// opened is what the server holds open. Only root may look: the kernel keeps the
// open files of a process that must not be dumped even from its own user, and the
// temporary folder is found empty in the end.
func opened(t *testing.T, v *nodetest.Vault, node *vaulttest.Process) (list []string) {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", node.PID())
	open, err := os.ReadDir(dir)
	if err != nil {
		if os.Geteuid() == 0 || !errors.Is(err, fs.ErrPermission) {
			t.Fatal(err)
		}
		return nil
	}
	for _, d := range open {
		path := filepath.Join(dir, d.Name())
		to, err := os.Readlink(path)
		info, statErr := os.Stat(path)
		if err != nil || statErr != nil || !info.Mode().IsRegular() || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "/sys/") {
			continue // gone, or not of a disk
		}
		if !strings.HasPrefix(to, v.Dir) {
			t.Errorf("the server holds %s open, which is not in its folders", to)
		}
		list = append(list, path)
	}
	return list
}
