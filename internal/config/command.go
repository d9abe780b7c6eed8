package config

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
)

// example is generated from the comments of Config: see example_test.go.
//
//go:embed example.yaml
var example string

// Example is a file with every setting, its default and its explanation.
func Example() string { return example }

// ErrUsage reports a subcommand that does not exist.
var ErrUsage = errors.New("usage: testimonyd config print|check|example [--config FILE] [--set path=value]")

// Command runs testimonyd config: print writes the effective configuration,
// faulty or not; check says whether it is sound, and looks at the files and folders that
// it names; example writes [Example].
func Command(subcommand string, s Sources, w io.Writer) error {
	switch subcommand {
	case "example":
		_, err := io.WriteString(w, example)
		return err
	case "print":
		c, err := s.Load()
		return errors.Join(c.Print(w), err)
	case "check":
		c, err := s.Load()
		var faults Faults
		if err != nil {
			faults = err.(Faults)
		}
		if faults = append(faults, c.lookAround()...); len(faults) > 0 {
			return faults
		}
		_, err = fmt.Fprintln(w, "the configuration is sound")
		return err
	}
	return ErrUsage
}
