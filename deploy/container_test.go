package deploy_test

import (
	"context"
	"debug/elf"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// built is testimonyd, made by the very command of the Containerfile.
func built(t *testing.T) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 .*go build .*) -o /out/testimonyd (\./cmd/testimonyd)$`).FindStringSubmatch(read(t, "Containerfile"))
	if m == nil {
		t.Fatal("the Containerfile does not build testimonyd")
	}
	path := filepath.Join(t.TempDir(), "testimonyd")
	cmd := exec.Command("/bin/sh", "-c", m[1]+" -o "+path+" "+m[2])
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// The program needs nothing of a system: no loader, no library.
func isStatic(t *testing.T, path string) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("it asks for a loader: %v", p.Type)
		}
	}
	if libraries, err := f.ImportedLibraries(); err == nil && len(libraries) > 0 {
		t.Errorf("it asks for %v", libraries)
	}
}

// container is a folder as the image's root is: the program, and the folders that are
// mounted, in namespaces of its own, read-only, as the user of the image without a
// capability. No container engine is needed; what one adds is a network and a cgroup.
type container struct {
	t    *testing.T
	root string
}

func newContainer(t *testing.T) *container {
	t.Helper()
	program := built(t)
	isStatic(t, program)
	c := &container{t, filepath.Join(t.TempDir(), "root")}
	for _, dir := range []string{"", "keys", "journal", "srv/vault"} {
		c.must(os.MkdirAll(filepath.Join(c.root, dir), 0o755))
	}
	for _, dir := range []string{"keys", "journal", "srv/vault"} {
		path := filepath.Join(c.root, dir)
		c.must(errors.Join(os.Chmod(path, 0o700), os.Chown(path, 10001, 10001)))
	}
	c.must(os.Rename(program, filepath.Join(c.root, "testimonyd")))
	return c
}

func (c *container) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// enter mounts the folder read-only but for the volumes, and becomes the image's user.
const enter = `set -eu
mount --make-rprivate /
mount --bind "$1" "$1"
for v in keys journal srv/vault; do mount --bind "$1/$v" "$1/$v"; done
mount -o remount,bind,ro,nosuid,nodev "$1"
root=$1; shift
exec setpriv --no-new-privs chroot --userspec=10001:10001 --groups= "$root" "$@"`

func (c *container) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "unshare", append([]string{"--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts", "/bin/sh", "-c", enter, "sh", c.root, "/testimonyd"}, args...)...)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "TESTIMONYD_DATA_DIR=/srv/vault", "TESTIMONYD_KEYS_DIR=/keys", "TESTIMONYD_JOURNAL_DIR=/journal", "TESTIMONYD_LOG_FORMAT=json",
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGKILL) }
	return cmd
}

// The program founds, serves and stops in a root that holds nothing but itself, that it
// cannot write to, as a user without a name: no shell, no certificates, no time zones, no
// temporary folder.
func TestTheImageServesFromAnEmptyReadOnlyRoot(t *testing.T) {
	c := newContainer(t)
	if out, err := c.command(t.Context(), "found", "--practice").CombinedOutput(); err != nil {
		t.Fatalf("found: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	c.must(err)
	addr := l.Addr().String()
	c.must(l.Close())
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	cmd := c.command(ctx, "serve", "--set", "listen="+addr)
	out, err := cmd.StdoutPipe()
	c.must(err)
	c.must(cmd.Start())
	said := make(chan string, 1)
	go func() {
		b := make([]byte, 4096) // the first that it says is that it serves
		n, _ := out.Read(b)
		said <- string(b[:n])
		_, _ = io.Copy(io.Discard, out)
	}()
	if text := <-said; text == "" {
		t.Fatal("it ended without a word")
	}
	c.rights()
	for _, path := range []string{"/livez", "/readyz", "/v1/vault", "/en/"} {
		res, err := http.Get("http://" + addr + path)
		c.must(err)
		c.must(res.Body.Close())
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	stop()
	_ = cmd.Wait() // it was killed
	left, err := os.ReadDir(c.root)
	c.must(err)
	if len(left) != 4 {
		t.Errorf("the root holds %v", left)
	}
}

// rights looks at what the program that serves may do.
func (c *container) rights() {
	c.t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/status")
	c.must(err)
	for _, name := range all {
		root, err := os.Readlink(filepath.Join(filepath.Dir(name), "root"))
		if err != nil || root != c.root {
			continue
		}
		b, err := os.ReadFile(name)
		c.must(err)
		for _, line := range []string{"Uid:\t10001\t10001\t10001\t10001", "Gid:\t10001\t10001\t10001\t10001", "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "NoNewPrivs:\t1"} {
			if !strings.Contains(string(b), line+"\n") {
				c.t.Errorf("it does not have %q:\n%s", line, b)
			}
		}
		return
	}
	c.t.Error("no program lives in the root")
}
