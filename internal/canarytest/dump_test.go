package canarytest_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/store"
)

// The program's own test says that it forbids dumps of its memory; this one that
// a server which answers has done so.
func TestServerThatAnswersLeavesNoCoreFile(t *testing.T) {
	node := nodetest.New(t, store.SQLite).Start()
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", node.PID()))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^Max core file size +0 +0 `).Match(limits) {
		t.Errorf("the process may leave a core file:\n%s", limits)
	}
}
