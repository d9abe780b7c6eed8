package s3blob_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/s3blob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/secret"
)

// folder names the small disk of the process that fills it.
const folder = "S3BLOB_TEST_FOLDER"

func TestMain(m *testing.M) {
	if os.Getenv(folder) == "" {
		os.Exit(m.Run())
	}
	if err := fillScratch(os.Getenv(folder)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A scratch folder without room is a full store, told before the server is asked,
// and takes the next one when what was there has gone. The disk is a small one in
// memory, mounted where only the process sees it that fills it.
func TestAFullScratchFolderIsAFullStore(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), folder+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func fillScratch(dir string) error {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		return fmt.Errorf("mount a small disk: %w", err)
	}
	// Nobody listens there: whatever gets as far as the server is unavailable.
	s, err := s3blob.Open(s3blob.Config{Endpoint: "http://127.0.0.1:1", Region: "r", Bucket: "bucket", AccessKey: "a",
		SecretKey: secret.Of([]byte("s")), Scratch: dir}, s3blob.Deps{Now: time.Now, Rand: rand.Reader})
	if err != nil {
		return err
	}
	for size, want := range map[int64]error{4 << 20: blob.ErrFull, 512 << 10: blob.ErrUnavailable} {
		for range 2 {
			key, err := id.New(rand.Reader)
			if err != nil {
				return err
			}
			if n, err := s.PutSome(context.Background(), key, 8<<20, source(size)); n != 0 || !errors.Is(err, want) {
				return fmt.Errorf("%d bytes: %d stored, %w, want %w", size, n, err, want)
			}
		}
	}
	return nil
}
