package main_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"

	main "github.com/relatingfield/vault/internal/demo"
)

// The story that make demo tells comes out as it says, and leaves nothing behind.
func TestTheDemonstrationTellsTheTruth(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	bin := filepath.Join(t.TempDir(), "bin") + string(filepath.Separator)
	build := exec.Command("go", "build", "-o", bin, "./cmd/...")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the programs: %v\n%s", err, out)
	}
	var said bytes.Buffer
	if err := main.Demo(t.Context(), &said, filepath.Join("..", ".."), bin); err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	for _, want := range []string{"content: OK", "(exit code 5)", "all of it was fetched", "Refused:",
		"if there were nothing", "it is not released", "Your silence is noticed", "This time nothing is heard", "says that every copy is destroyed", "The vault destroyed the key of account"} {
		if !bytes.Contains(said.Bytes(), []byte(want)) {
			t.Errorf("nothing was said of %q:\n%s", want, &said)
		}
	}
	left, err := filepath.Glob(filepath.Join(tmp, "testimony-demo-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
