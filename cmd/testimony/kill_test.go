package main

import (
	"bytes"
	"encoding/json"
	mathrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/stockagetest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// meter is a line to a vault that counts what goes there, and can be cut.
type meter struct {
	listener net.Listener
	vault    string // where it leads
	sent     atomic.Int64
	limit    atomic.Int64 // stop carrying there when so much has gone, 0 for never
	full     chan struct{}
	wait     sync.WaitGroup
}

func newMeter(t *testing.T) *meter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return &meter{listener: l, full: make(chan struct{}, 64)}
}

func (m *meter) serve(t *testing.T, vault string) {
	m.vault = vault
	m.wait.Go(func() {
		for {
			c, err := m.listener.Accept()
			if err != nil {
				return
			}
			m.wait.Go(func() { m.carry(c) })
		}
	})
	t.Cleanup(func() {
		_ = m.listener.Close()
		m.wait.Wait()
	})
}

// carry copies both ways until either side hangs up.
func (m *meter) carry(here net.Conn) {
	defer here.Close()
	there, err := net.Dial("tcp", m.vault)
	if err != nil {
		return
	}
	defer there.Close()
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = there.(*net.TCPConn).WriteTo(here)
		_ = here.Close()
	}()
	buf := make([]byte, 16<<10)
	for {
		n, err := here.Read(buf)
		if _, e := there.Write(buf[:n]); e != nil || err != nil {
			break
		}
		if sent, limit := m.sent.Add(int64(n)), m.limit.Load(); limit > 0 && sent >= limit {
			m.full <- struct{}{}
			_, _ = here.Read(buf) // nothing more is carried; the program is being killed
			break
		}
	}
	_ = there.(*net.TCPConn).CloseWrite() // what was carried arrives
	<-back
}

// device is a machine with the words, and nothing else kept on it.
type device struct {
	t     *testing.T
	words string
	env   []string
	dir   string
}

func (d *device) command(args ...string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	home := d.t.TempDir()
	cmd := exec.Command("testimony", args...)
	cmd.Dir, cmd.Env = d.dir, append([]string{"HOME=" + home, "TMPDIR=" + home, "PATH=" + os.Getenv("PATH"), "TESTIMONY_WORDS_FILE=" + d.words}, d.env...)
	out, said := new(bytes.Buffer), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = out, said
	return cmd, out, said
}

func (d *device) run(code int, args ...string) (out, said string) {
	d.t.Helper()
	cmd, o, s := d.command(args...)
	_ = cmd.Run() // the code says it
	if got := cmd.ProcessState.ExitCode(); got != code {
		d.t.Fatalf("testimony %s ended with %d: %s", strings.Join(args, " "), got, s)
	}
	return o.String(), s.String()
}

// killed runs a command until the line has carried so much, and kills it then.
func (d *device) killed(m *meter, after int64, args ...string) {
	d.t.Helper()
	if !d.cut(m, after, args...) {
		d.t.Fatal("it ended before the line was cut")
	}
}

// cut does the same, and tells whether that came before the command's own end.
func (d *device) cut(m *meter, after int64, args ...string) bool {
	d.t.Helper()
	cmd, _, said := d.command(args...)
	m.limit.Store(m.sent.Load() + after)
	defer m.limit.Store(0)
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	select {
	case <-m.full:
		if err := cmd.Process.Kill(); err != nil {
			d.t.Fatal(err)
		}
		<-over
		return true
	case err := <-over:
		if err != nil {
			d.t.Fatalf("%v: %s", err, said)
		}
		return false
	}
}

// newDevice enrols somebody in a vault behind a meter.
func newDevice(t *testing.T) (*device, *meter) {
	t.Helper()
	m := newMeter(t)
	url := "http://" + m.listener.Addr().String()
	v := vaulttest.New(t, vaulttest.With(func(c *config.Config) { c.Origins = []string{url} }))
	m.serve(t, v.Addr)
	dir := t.TempDir()
	d := &device{t, filepath.Join(dir, "her.words"), []string{"TESTIMONY_SERVER=" + url, "TESTIMONY_VAULT=" + v.ID.String()}, dir}
	cmd, _, said := d.command("enrol", "--words-out", d.words)
	cmd.Env = append(cmd.Env, "TESTIMONY_WORDS_FILE=")
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return d, m
}

func (d *device) write(name string, content []byte) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), content, 0o600); err != nil {
		d.t.Fatal(err)
	}
}

const recordingSize = 12<<20 + 345

func recordingBytes() []byte {
	b := make([]byte, recordingSize)
	_, _ = mathrand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// oneBuffer is what may have to be sent again after a kill, and what requests
// around a payload weigh.
const oneBuffer = 256 << 10

// The program is killed again and again while it sends, each time on a machine
// that knows nothing but the words and the file, and the upload goes on. In the end
// the vault has the file, and no more was sent than it and a little for each kill.
func TestAnUploadSurvivesBeingKilledOnManyMachines(t *testing.T) {
	d, m := newDevice(t)
	d.write("voice.m4a", recordingBytes())
	d.write("note.txt", []byte("listen"))
	out, _ := d.run(0, "add", "new", "--title", "Winter", "note.txt", "--json")
	var made struct{ Testimony string }
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatal(err)
	}
	before, kills := m.sent.Load(), 6
	for i := range kills {
		d.killed(m, mathrand.Int64N(recordingSize/int64(kills))+100<<10, "add", made.Testimony, "voice.m4a")
		if i == 2 {
			if out, _ := d.run(0, "show", made.Testimony); !strings.Contains(out, "part 2 is not finished: voice.m4a") || !strings.Contains(out, "testimony add "+made.Testimony) {
				t.Errorf("show says %q", out)
			}
		}
	}
	out, said := d.run(0, "add", made.Testimony, "voice.m4a")
	if !strings.Contains(said, "Going on where an earlier try of this very file ended") || !strings.Contains(out, "part 2  voice.m4a") {
		t.Errorf("it said %q and %q", said, out)
	}
	if sent := m.sent.Load() - before; sent > recordingSize*33/32+int64(kills+3)*oneBuffer {
		t.Errorf("%d bytes were sent for a file of %d and %d kills", sent, recordingSize, kills)
	}
	before = m.sent.Load()
	if _, said := d.run(0, "add", made.Testimony, "voice.m4a"); !strings.Contains(said, "stored already, as part 2") || m.sent.Load()-before > oneBuffer {
		t.Errorf("once more it said %q and sent %d bytes", said, m.sent.Load()-before)
	}
	d.opensWithStockTools(2, recordingBytes())
}

// opensWithStockTools takes everything out and opens a part with age, tar and
// sha256sum.
func (d *device) opensWithStockTools(n int, want []byte) {
	d.t.Helper()
	d.run(0, "takeout", "out")
	d.run(0, "identity", "key.txt")
	found, err := filepath.Glob(filepath.Join(d.dir, "out", "*", "part-2.age"))
	if err != nil || len(found) != 1 {
		d.t.Fatalf("%v, %v", found, err)
	}
	for _, line := range [][]string{{stockagetest.Binary(d.t), "-d", "-i", "key.txt", "-o", "part.tar", found[0]}, {"tar", "-xf", "part.tar"}, {"sha256sum", "-c", "SHA256SUMS"}} {
		cmd := exec.Command(line[0], line[1:]...)
		cmd.Dir = d.dir
		if b, err := cmd.CombinedOutput(); err != nil {
			d.t.Fatalf("%s: %v: %s", line[0], err, b)
		}
	}
	if got, err := os.ReadFile(filepath.Join(d.dir, "content")); err != nil || !bytes.Equal(got, want) {
		d.t.Errorf("part %d holds %d bytes, %v", n, len(got), err)
	}
}

// A file that was changed is refused before a byte of it is sent; the same goes on;
// another testimony is not made of it; and what is begun can be given up.
func TestAChangedFileIsRefusedAndNothingOfItIsSent(t *testing.T) {
	d, m := newDevice(t)
	d.write("voice.m4a", recordingBytes())
	d.killed(m, 2<<20, "add", "new", "--title", "Winter", "voice.m4a")
	var list struct {
		Testimonies []struct{ Testimony string }
		Unfinished  []halfway
	}
	out, _ := d.run(0, "list", "--json")
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list.Testimonies) != 1 || len(list.Unfinished) != 1 {
		t.Fatalf("%s, %v", out, err)
	}
	if u := list.Unfinished[0]; u.Received < 1<<20 || u.Received > 2<<20 || u.Name != "voice.m4a" || u.Until == 0 {
		t.Errorf("%+v", u)
	}
	tid := list.Testimonies[0].Testimony

	changed := recordingBytes()
	changed[recordingSize-1] ^= 1
	d.write("voice.m4a", changed)
	before := m.sent.Load()
	_, said := d.run(3, "add", tid, "voice.m4a")
	if !strings.Contains(said, "nothing of it was sent") || !strings.Contains(said, "testimony abandon "+tid+" 1") {
		t.Errorf("it said %q", said)
	}
	if sent := m.sent.Load() - before; sent > 64<<10 {
		t.Errorf("%d bytes went to the vault", sent)
	}

	d.write("renamed.m4a", recordingBytes())
	if _, said := d.run(0, "add", "new", "renamed.m4a"); !strings.Contains(said, "was begun with this very file") {
		t.Errorf("it said %q", said)
	}
	if out, _ := d.run(0, "list"); strings.Count(out, "1 part") != 1 || strings.Contains(out, "not finished") {
		t.Errorf("list says %q", out)
	}

	d.killed(m, 1<<20, "add", tid, "voice.m4a")
	d.run(0, "abandon", tid, "2", "--yes")
	if out, _ := d.run(0, "show", tid); strings.Contains(out, "not finished") {
		t.Errorf("show says %q", out)
	}
	d.run(5, "abandon", tid, "2", "--yes")
}
