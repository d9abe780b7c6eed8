package trialtest_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// checks is how often each property is tried where nobody says otherwise
// (-rapid.checks=N): a database commits a thousand times slower than a machine
// steps.
const checks = "25"

func TestMain(m *testing.M) {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "rapid.checks" })
	if !said {
		if err := flag.Set("rapid.checks", checks); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}
