package fsblob_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/fsblob"
	"github.com/relatingfield/vault/internal/id"
)

// On a full disk a put fails as such, leaves nothing, and disturbs neither what
// is there nor what comes after room was made. The disk is a small one in memory,
// mounted where only the process sees it that fills it.
func TestAFullDiskIsToldAndLeavesNothing(t *testing.T) {
	cmd := other(t, "full", t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}}
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
}

func fillDisk(dir string) error {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		return fmt.Errorf("mount a small disk: %w", err)
	}
	ctx := context.Background()
	s, err := fsblob.Open(filepath.Join(dir, "blobs"), time.Now)
	if err != nil {
		return err
	}
	put := func(size int) (id.ID, error) {
		k, err := id.New(rand.Reader)
		if err != nil {
			return "", err
		}
		return k, s.Put(ctx, k, int64(size), bytes.NewReader(make([]byte, size)))
	}
	first, err := put(3 << 20)
	if err != nil {
		return err
	}
	// One that is reserved in advance, and one that is too small for that.
	if _, err := put(2 << 20); !errors.Is(err, blob.ErrFull) {
		return fmt.Errorf("2 MiB into less: %w", err)
	}
	for range 100 {
		if _, err = put(100 << 10); err != nil {
			break
		}
	}
	if !errors.Is(err, blob.ErrFull) {
		return fmt.Errorf("until it is full: %w", err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "blobs", "tmp")); err != nil || len(left) != 0 {
		return fmt.Errorf("%d unfinished files: %w", len(left), err)
	}
	o, err := s.Open(ctx, first)
	if err != nil {
		return err
	}
	if err := errors.Join(o.Close(), s.Delete(ctx, first)); err != nil {
		return err
	}
	_, err = put(2 << 20)
	return err
}
