package canarytest_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/store"
)

// The program's own test says that it forbids dumps of its memory; this one that
// a server which answers has done so.
func TestServerThatAnswersLeavesNoCoreFile(t *testing.T) {
	allowCores(t)
	node := nodetest.New(t, store.SQLite).Start()
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", node.PID()))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^Max core file size +0 +0 `).Match(limits) {
		t.Errorf("the process may leave a core file:\n%s", limits)
	}
}

// allowCores lets this process and its children leave core files as far as its
// user may, so that a server that forbids nothing is found out.
func allowCores(t *testing.T) {
	t.Helper()
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &before); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Setrlimit(unix.RLIMIT_CORE, &before); err != nil {
			t.Error(err)
		}
	})
	wanted := unix.Rlimit{Cur: before.Max, Max: before.Max}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &wanted); err != nil {
		t.Fatal(err)
	}
}
