package faulttest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/faulttest"
	"github.com/relatingfield/vault/internal/statement"
)

// alone says that a test runs where only it sees what it mounts.
const alone = "TESTIMONY_FAULT_ALONE"

// privately runs the test again in a mount namespace of its own, and says whether
// this is that run. A disk that it mounts there goes with it.
func privately(t *testing.T) bool {
	t.Helper()
	if os.Getenv(alone) == t.Name() {
		return true
	}
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=90s")
	cmd.Env = append(os.Environ(), alone+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
		cmd.SysProcAttr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN}
	}
	daemontest.DieWithParent(cmd.SysProcAttr)
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// disk is a small one in memory.
type disk struct {
	t   *testing.T
	dir string
}

// mount makes a disk of so many MiB.
func mount(t *testing.T, size int) *disk {
	t.Helper()
	must(t, syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, "")) // nobody else is to see it
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o711)) // a database server is another user
	must(t, syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", size)))
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return &disk{t: t, dir: dir}
}

// path is a folder on the disk.
func (d *disk) path(name string) string { return filepath.Join(d.dir, name) }

// fill leaves no room at all.
func (d *disk) fill() {
	d.t.Helper()
	f, err := os.OpenFile(d.path("others"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(d.t, err)
	defer f.Close()
	for size := 1 << 20; size >= 1<<10; size /= 4 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			d.t.Fatal(err)
		}
	}
}

// clear makes room.
func (d *disk) clear() {
	d.t.Helper()
	must(d.t, os.Remove(d.path("others")))
}

// places are the settings by which one part of a vault lies on a disk.
func places(d *disk) map[string]string {
	return map[string]string{
		"the database": "store.path=" + d.path("vault.db"),
		"the payloads": "blobs.dir=" + d.path("blobs"),
		"the journal":  "journal.dir=" + d.path("journal"),
	}
}

// On a full disk, whichever part of the vault it is under, what is stored can be
// read by her, and everything can be taken back; what cannot be kept is refused
// with a word that says what is safe; a kill changes none of that; and when there
// is room everything goes on by itself.
func TestOnAFullDiskEverythingCanBeTakenBack(t *testing.T) {
	if !privately(t) {
		return
	}
	for _, part := range []string{"the database", "the payloads", "the journal"} {
		t.Run(part, func(t *testing.T) {
			d := mount(t, 64)
			w := begin(t, set(places(d)[part]))
			first, second, third := w.told(large), w.told(large), w.told(large)
			at := [2]int64{w.half(first), w.half(second)}
			d.fill()
			w.takeBack(first)
			refused := w.addUntilRefused(second)
			w.giveUp(first, at[0])
			if part != "the journal" && problem(refused) != api.ProblemFull {
				t.Errorf("adding: %v", refused)
			}
			if part != "the journal" && !strings.Contains(refused.Error(), "What was confirmed before is safe") {
				t.Errorf("she is not told what is safe: %v", refused)
			}
			w.takeBack(second)
			must(t, w.Kill())
			must(t, w.launch())
			w.takeBack(third)
			w.giveUp(second, at[1])
			w.readsHerOwn(second)

			d.clear()
			fourth := w.told(large) // without a restart
			w.takeBack(fourth)
			for _, o := range []*told{first, second, third, fourth} {
				if _, err := o.Check(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// Before a disk is full nothing more is taken in, and the room that is left is there
// for whoever takes something back: what is refused is refused with the word for a full
// disk, before the disk itself has said anything, by every way in.
func TestTheLastOfADiskIsForTakingBack(t *testing.T) {
	if !privately(t) {
		return
	}
	d := mount(t, 64)
	w := begin(t, set("store.path="+d.path("vault.db"), "blobs.dir="+d.path("blobs"), "journal.dir="+d.path("journal"), "limits.keep_free=16 MiB"))
	first, second := w.told(large), w.told(large)
	d.leave(2 << 20) // of which the vault keeps a twentieth
	_, err := first.AddPart(t.Context(), first.testimony, faulttest.Content(large, 5))
	if problem(err) != api.ProblemFull {
		t.Errorf("a large part: %v", err)
	}
	_, err = first.Create(t.Context(), client.Testimony{Parts: []client.Content{faulttest.Content(1000, 6)}})
	if problem(err) != api.ProblemFull {
		t.Errorf("a small testimony: %v", err)
	}
	if keys, err := w.People.Keys(); err != nil || problem(enrolNew(t, w, keys)) != api.ProblemFull {
		t.Errorf("somebody new came in where there is no room for her: %v", err)
	}
	anew, err := w.Client(first.Keys, nil) // who has to sign in first
	must(t, err)
	_, err = anew.Revoke(t.Context(), first.testimony, first.grant)
	must(t, err)
	must(t, anew.Erase(t.Context(), first.testimony))
	must(t, second.Pause(t.Context(), second.testimony))
	w.readsHerOwn(second)
	if strings.Contains(w.log(), "no space left") {
		t.Errorf("the disk itself was full:\n%s", w.log())
	}
	d.clear()
	third := w.told(large)
	w.takeBack(third)
}

func enrolNew(t *testing.T, w *world, keys *client.Keys) error {
	t.Helper()
	c, err := w.Client(keys, nil)
	must(t, err)
	return c.Enrol(t.Context(), statement.Participant, "")
}

// leave fills the disk up to so many bytes.
func (d *disk) leave(bytes int64) {
	d.t.Helper()
	var s unix.Statfs_t
	must(d.t, unix.Statfs(d.dir, &s))
	f, err := os.Create(d.path("others"))
	must(d.t, err)
	defer f.Close()
	_, err = io.CopyN(f, zero{}, int64(s.Bavail)*s.Bsize-bytes)
	must(d.t, err)
}

// zero is nothing, as often as one likes.
type zero struct{}

func (zero) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// launch starts the server where it may not be ready: a full disk is a reason
// for that.
func (w *world) launch() error { return w.Launch(w.t.Context()) }

// addUntilRefused adds parts that lie in rows and in files until one is refused.
func (w *world) addUntilRefused(o *told) error {
	w.t.Helper()
	for i := range 300 {
		if _, err := o.AddPart(w.t.Context(), o.testimony, faulttest.Content(1000, byte(i))); err != nil {
			return err
		}
		if _, err := o.AddPart(w.t.Context(), o.testimony, faulttest.Content(large, byte(i))); err != nil {
			return err
		}
		if i == 3 { // where the disk holds something else
			return nil
		}
	}
	w.t.Fatal("a full disk took everything")
	return nil
}

// takeBack revokes with a client that has to sign in first, and looks whether the
// reader is out.
func (w *world) takeBack(o *told) {
	w.t.Helper()
	c, err := w.Client(o.Keys, nil)
	must(w.t, err)
	if _, err := c.Revoke(w.t.Context(), o.testimony, o.grant); err != nil {
		w.t.Fatalf("revoke: %v\n%s", err, w.log())
	}
	if _, err := o.reader.Open(w.t.Context(), o.grant, 2, faulttest.Into(new(bytes.Buffer))); !errors.Is(err, client.ErrNotFound) {
		w.t.Errorf("after it was revoked: %v", err)
	}
}

// half leaves an upload unfinished, and gives its number.
func (w *world) half(o *told) int64 {
	w.t.Helper()
	content, times := faulttest.Content(large, 77), 0
	whole := content.Open
	content.Open = func() (io.ReadCloser, error) {
		r, err := whole()
		if times++; times == 1 || err != nil {
			return r, err
		}
		return struct {
			io.Reader
			io.Closer
		}{io.LimitReader(r, large/2), r}, nil
	}
	if _, err := o.AddPart(w.t.Context(), o.testimony, content); !errors.Is(err, client.ErrFileChanged) {
		w.t.Fatalf("a file that became shorter: %v", err)
	}
	all, err := o.Unfinished(w.t.Context(), o.testimony)
	if err != nil || len(all) != 1 {
		w.t.Fatalf("%d uploads are under way: %v", len(all), err)
	}
	return all[0].N
}

// giveUp gives an upload up and comes with a client that has to sign in first; she
// checks in, which is to hold back what waits for her silence.
func (w *world) giveUp(o *told, n int64) {
	w.t.Helper()
	c, err := w.Client(o.Keys, nil)
	must(w.t, err)
	if err := c.Abandon(w.t.Context(), o.testimony, n); err != nil {
		w.t.Errorf("give up an upload: %v\n%s", err, w.log())
	}
	if err := c.CheckIn(w.t.Context()); err != nil {
		w.t.Errorf("check in: %v\n%s", err, w.log())
	}
}

func (w *world) readsHerOwn(o *told) {
	w.t.Helper()
	c, err := w.Client(o.Keys, nil)
	must(w.t, err)
	var got bytes.Buffer
	must(w.t, c.OpenOwn(w.t.Context(), o.testimony, 2, faulttest.Into(&got)))
	if right(&got, 2) != 1 {
		w.t.Error("something else came back")
	}
}
