package restoretest_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// parallel is how many tests run at a time: each has a vault of its own, and they
// wait for disks and for servers to start most of the time.
const parallel = "4"

func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", parallel); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
