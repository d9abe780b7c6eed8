package queue_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/relatingfield/vault/internal/gateway/queue"
)

// On a full disk a draft fails as such and leaves nothing, what is there stays, and
// when there is room again work goes on. The disk is a small one in memory, mounted
// where only the process sees it that fills it.
func TestAFullDiskIsToldAndLeavesNothing(t *testing.T) {
	cmd := other(t, "full", t.TempDir(), newHer(t, "amal").to)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}}
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
}

func fillDisk(disk, to string) error {
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		return fmt.Errorf("mount a small disk: %w", err)
	}
	dir := filepath.Join(disk, "gateway")
	q, destination, err := victim(dir, to)
	if err != nil {
		return err
	}
	n := 0
	for ; n < 1000; n++ {
		if _, err = keepOne(q, destination); err != nil {
			break
		}
	}
	if !errors.Is(err, queue.ErrFull) {
		return fmt.Errorf("after %d items: %w", n, err)
	}
	large, err := q.Draft(queue.Content{To: destination, Info: text("x"), Size: 2 << 20})
	if err == nil {
		_, err = large.Write(make([]byte, 2<<20))
		err = errors.Join(err, large.Finish())
	}
	if !errors.Is(err, queue.ErrFull) {
		return fmt.Errorf("2 MiB into less: %w", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*ing")); err != nil || len(left) > 0 {
		return fmt.Errorf("left: %v: %w", left, err)
	}
	if q.Waiting() != n {
		return fmt.Errorf("%d of %d wait", q.Waiting(), n)
	}
	if err := errors.Join(q.Close(), syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=4m")); err != nil {
		return err
	}
	if q, destination, err = victim(dir, to); err != nil {
		return err
	}
	if _, err := keepOne(q, destination); err != nil || q.Waiting() != n+1 {
		return fmt.Errorf("with room again %d wait: %w", q.Waiting(), err)
	}
	return nil
}
