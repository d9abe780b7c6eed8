package restoretest_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// smallDisk names the variable that tells the test it is the process with a small
// disk of its own.
const smallDisk = "RESTORETEST_SMALL_DISK"

// With no room for another line, what restricts is refused as a whole and told so;
// reading goes on; with room again it is done. The disk is a small one in memory,
// mounted where only the process sees it that fills it.
func TestAFullJournalDiskRefusesTheActAndReadingGoesOn(t *testing.T) {
	if dir := os.Getenv(smallDisk); dir != "" {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
			t.Fatalf("mount a small disk: %v", err)
		}
		fills(t, dir)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), smallDisk+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// attempts are more revocations than fit into what a full disk has left of a block.
const attempts = 8

func fills(t *testing.T, dir string) {
	v := vaulttest.New(t, vaulttest.With(func(c *config.Config) { c.Journal.Dir = filepath.Join(dir, "journal") }))
	door := &peopletest.Door{T: t, Origin: v.URL, Vault: v.ID, Steward: v.Steward, Now: v.Clock.Now}
	her, reader := door.Participant(), door.Researcher(100)
	tid, err := her.Create(t.Context(), client.Testimony{Title: "ليل", Parts: []client.Content{client.Bytes("a.txt", "", []byte("النهر"))}})
	check(t, err)
	var grants []api.ID
	for range attempts {
		g, err := her.Grant(t.Context(), client.Offer{Testimony: tid, Parts: []int64{1}, To: reader.Account(), Terms: api.Terms{Access: statement.Download}})
		check(t, err)
		grants = append(grants, g.ID)
	}
	filler := filepath.Join(dir, "filler")
	check(t, fill(filler))
	at, full := 0, error(nil)
	for ; full == nil && at < attempts; at++ {
		_, full = her.Revoke(t.Context(), tid, grants[at])
	}
	var problem *api.Problem
	if !errors.As(full, &problem) || problem.Status != 507 {
		t.Fatalf("revoked %d times on a full disk, and then: %v", at, full)
	}
	reads(t, reader, grants[at-1])
	report, err := her.At(door).Verify(t.Context(), true)
	if err != nil || len(report.Findings) > 0 {
		t.Errorf("her vault meanwhile: %+v, %v", report, err)
	}
	check(t, os.Remove(filler))
	_, err = her.Revoke(t.Context(), tid, grants[at-1])
	check(t, err)
	v.Stop()
	v.Start()
	if _, err := reader.At(&peopletest.Door{T: t, Origin: v.URL, Vault: v.ID, Now: v.Clock.Now}).Granted(t.Context(), grants[at-1]); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("after revoking: %v", err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reads wants a reader to get a part.
func reads(t *testing.T, reader *peopletest.Person, grant api.ID) {
	t.Helper()
	_, err := reader.Open(t.Context(), grant, 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return io.Discard, nil }))
	check(t, err)
}

// fill takes all the room there is.
func fill(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	for range 1000 {
		if _, err = f.Write(make([]byte, 4096)); err != nil {
			break
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("the disk is not small: %w", errors.Join(err, f.Close()))
	}
	return f.Close()
}
