package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/relatingfield/vault/internal/canarytest"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// process is the real program.
type process struct {
	o   *office
	cmd *exec.Cmd
	out *vaulttest.Log
}

// spawn starts the real program, in folders where nothing else writes, and returns
// when it takes in.
func (o *office) spawn(program string) *process {
	o.t.Helper()
	home := filepath.Join(o.dir, "home")
	o.must(os.MkdirAll(filepath.Join(home, "tmp"), 0o700))
	p := &process{o: o, out: o.log, cmd: exec.Command(program, "gateway", "--config", o.file)}
	p.cmd.Dir = home
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + filepath.Join(home, "tmp"), "HOOK_SECRET=" + hookSecret}
	p.cmd.SysProcAttr = new(syscall.SysProcAttr)
	daemontest.DieWithParent(p.cmd.SysProcAttr)
	p.cmd.Stderr = o.log
	out, err := p.cmd.StdoutPipe()
	o.must(err)
	o.must(p.cmd.Start())
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		o.t.Fatalf("the gateway did not start\n%s", o.log)
	}
	_, rest, _ := strings.Cut(lines.Text(), "takes in at ")
	addr, _, _ := strings.Cut(rest, " ")
	o.url = "http://" + addr
	o.t.Cleanup(p.kill)
	return p
}

// kill ends it as a crash does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may be dead
	_ = p.cmd.Wait()
}

// Killed at any moment, the real program loses nothing that it acknowledged and
// brings nothing twice, while a tool repeats what it was not told of.
func TestKillsLoseNothingAndDoubleNothing(t *testing.T) {
	program := build(t)
	o := newOffice(t)
	p := o.spawn(program)
	const all = 24
	acknowledged := make(chan int, all)
	var tools sync.WaitGroup
	for tool := range 3 {
		tools.Go(func() {
			for n := tool; n < all; n += 3 {
				for try := 0; try < 3000 && o.hook("present", uuid(n), fmt.Sprintf("word %d.", n)) != 201; try++ {
					<-time.After(10 * time.Millisecond) // as a tool waits, only shorter
				}
				acknowledged <- n
			}
		})
	}
	for range 5 {
		for range 3 {
			<-acknowledged
		}
		p.kill()
		p = o.spawn(program)
	}
	tools.Wait()
	o.delivered()
	seen := map[string]int{}
	for _, text := range o.texts(o.her) {
		seen[text]++
	}
	if len(seen) != all {
		t.Errorf("%d of %d arrived", len(seen), all)
	}
	for text, n := range seen {
		if n != 1 {
			t.Errorf("%d times: %s", n, text)
		}
	}
}

// The real program writes nothing readable anywhere: into its folders, its log, or a
// core file, while something comes, while it waits, after a crash, and afterwards.
func TestNothingReadableIsLeftAnywhere(t *testing.T) {
	program := build(t)
	allowCores(t)
	o := newOffice(t)
	words := "a sentence of hers that stands nowhere else: 8c0ffee1-5eed-4bad-9d0e-0ddba11ca5e5"
	name := "the-name-of-the-recording-she-made.m4a"
	voice := []byte(strings.Repeat(words+" and more of it; ", 3000))
	look, err := canarytest.New(canarytest.Mark{Name: "words", Data: []byte(words)}, canarytest.Mark{Name: "name", Data: []byte(name)},
		canarytest.Mark{Name: "id", Data: []byte(uuid(1))})
	o.must(err)
	clean := func(when string) {
		t.Helper()
		for _, dir := range []string{filepath.Join(o.dir, "queue"), filepath.Join(o.dir, "home")} {
			if found, _, err := look.Tree(dir); err != nil || len(found) > 0 {
				t.Errorf("%s: %v, %v", when, found, err)
			}
		}
		if found, err := look.Read("the log", strings.NewReader(o.log.String())); err != nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", when, found, err)
		}
	}
	o.vault.Stop()
	p := o.spawn(program)
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", p.cmd.Process.Pid))
	if err != nil || !regexp.MustCompile(`(?m)^Max core file size +0 +0 `).Match(limits) {
		t.Errorf("it may leave a core file: %v\n%s", err, limits)
	}
	if s := o.hook("present", uuid(1), words); s != 201 {
		t.Fatal(s)
	}
	o.tella(words[:40], words, name, voice)
	clean("while the line is down")
	o.half(name, voice)
	clean("while a file comes")
	o.must(p.cmd.Process.Signal(syscall.SIGABRT)) // a crash with a core, if it may have one
	_ = p.cmd.Wait()
	clean("after a crash")
	o.vault.Start()
	o.spawn(program)
	o.delivered()
	clean("afterwards")
	if got := o.texts(o.her); len(got) != 3 {
		t.Errorf("%d items", len(got))
	}
	left, err := filepath.Glob(filepath.Join(o.dir, "queue", "*.*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// half sends a form whose file stops in the middle, and leaves the line standing.
func (o *office) half(name string, content []byte) {
	o.t.Helper()
	r, w := io.Pipe()
	o.t.Cleanup(func() { _ = w.Close() })
	go func() {
		_, _ = io.Copy(io.Discard, o.sending(r)) // it never comes to an end
	}()
	head := "--b\r\nContent-Disposition: form-data; name=f; filename=" + name + "\r\nContent-Type: audio/mp4\r\n\r\n"
	for _, b := range [][]byte{[]byte(head), []byte(strings.Repeat(string(content), 8))} {
		_, err := w.Write(b)
		o.must(err)
	}
}

// allowCores lets children leave core files as far as this user may.
func allowCores(t *testing.T) {
	t.Helper()
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &before); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Setrlimit(unix.RLIMIT_CORE, &before) })
	wanted := unix.Rlimit{Cur: before.Max, Max: before.Max}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &wanted); err != nil {
		t.Fatal(err)
	}
}

func build(t *testing.T) string {
	t.Helper()
	path, err := daemontest.Build(t.TempDir(), "cmd/testimonyd")
	if err != nil {
		t.Fatal(err)
	}
	return path
}
