package fsblob_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	seeded "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/fsblob"
	"github.com/relatingfield/vault/internal/id"
)

// What these tests have another process do, by the environment variable role:
// put objects in dir until it is killed, or fill a small disk mounted there.
const role, folder = "FSBLOB_TEST_ROLE", "FSBLOB_TEST_FOLDER"

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(role) {
	case "":
		os.Exit(m.Run())
	case "victim":
		err = putUntilKilled(os.Getenv(folder))
	case "full":
		err = fillDisk(os.Getenv(folder))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func other(t *testing.T, as, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), role+"="+as, folder+"="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

// derived is the content that belongs to a key.
func derived(k id.ID) []byte {
	seed := sha256.Sum256([]byte(k))
	b := make([]byte, 1+binary.LittleEndian.Uint32(seed[:])%200_000)
	_, _ = seeded.NewChaCha8(seed).Read(b) // never fails
	return b
}

func putUntilKilled(dir string) error {
	s, err := fsblob.Open(dir, time.Now)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100_000 {
				k, err := id.New(rand.Reader)
				if err != nil {
					return
				}
				b := derived(k)
				if s.Put(context.Background(), k, int64(len(b)), bytes.NewReader(b)) != nil {
					return
				}
				mu.Lock()
				fmt.Println(k)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return nil
}

// However a process is killed: what it acknowledged is there and whole, nothing
// is there in part, and nothing unfinished stays.
func TestAKilledWriterLeavesWholeObjectsOnly(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[id.ID]bool{}
	for round := range 6 {
		cmd := other(t, "victim", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 1; lines.Scan(); n++ {
			acknowledged[id.ID(lines.Text())] = true
			if n == 10+7*round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // killed, as meant
	}
	s := open(t, dir)
	if left, err := os.ReadDir(filepath.Join(dir, "tmp")); err != nil || len(left) != 0 {
		t.Errorf("%d unfinished files stay: %v", len(left), err)
	}
	err := s.List(t.Context(), func(e blob.Entry) error {
		o, err := s.Open(t.Context(), e.Key)
		if err != nil {
			return err
		}
		defer o.Close()
		if b, err := io.ReadAll(o); err != nil || !bytes.Equal(b, derived(e.Key)) {
			t.Errorf("%s is there in part: %d bytes, %v", e.Key, len(b), err)
		}
		delete(acknowledged, e.Key)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(acknowledged) != 0 {
		t.Errorf("%d acknowledged objects are gone", len(acknowledged))
	}
}
