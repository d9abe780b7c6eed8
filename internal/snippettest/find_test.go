package snippettest_test

import (
	"testing"

	"github.com/relatingfield/vault/internal/snippettest"
)

// Code is found however it is marked, and a list is none.
func TestBlocksAreFound(t *testing.T) {
	page := "# A\n\n    one\n\n    two\n\ntext\n\n```bash\nthree\n\n    four\n```\n\n* a point\n\n    that goes on\n\n```\nfive\n```\n\n```text because it is so\nsix\n```\n"
	want := []snippettest.Block{
		{"a.md", 3, "", "one\n\ntwo\n\n"}, {"a.md", 9, "bash", "three\n\n    four\n"}, {"a.md", 19, "none", "five\n"}, {"a.md", 23, "text because it is so", "six\n"},
	}
	got := snippettest.In("a.md", page)
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}
