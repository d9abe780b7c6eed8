package config

import (
	"fmt"
	"strings"
)

// Fault is one thing wrong with a configuration.
type Fault struct {
	Where   string // path of the setting, name of the variable, or file and line
	Problem string // what is wrong; never contains the value of a secret
	Fix     string // what to do
}

// String reads as a path that ends with what to do.
func (f Fault) String() string { return f.Where + ": " + f.Problem + ": " + f.Fix }

// Faults is every fault of a configuration. It is the error type of this
// package, for errors.As.
type Faults []Fault

// Error lists the faults, one a line if there are several.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	if len(lines) == 1 {
		return "configuration: " + lines[0]
	}
	return fmt.Sprintf("configuration: %d faults:\n  ", len(f)) + strings.Join(lines, "\n  ")
}

func (f *Faults) add(where, problem, fix string) {
	*f = append(*f, Fault{where, problem, fix})
}

// err is f as an error, nil if there is no fault.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}
