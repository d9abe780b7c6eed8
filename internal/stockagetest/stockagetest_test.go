package stockagetest_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/stockagetest"
)

// The program is at least 1.3.0, the first that reads post-quantum keys, and
// makes such keys.
func TestTheStockProgramKnowsPostQuantumKeys(t *testing.T) {
	out, err := exec.Command(stockagetest.Binary(t), "--version").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "v1.3.") {
		t.Fatalf("age --version: %s, %v", out, err)
	}
	out, err = exec.Command(stockagetest.Keygen(t), "-pq").Output()
	if err != nil || !strings.Contains(string(out), "AGE-SECRET-KEY-PQ-1") {
		t.Fatalf("age-keygen -pq: no post-quantum key, %v", err)
	}
}
