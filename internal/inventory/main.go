// Command inventory lists what a program or the web app is made of, as CycloneDX 1.5
// in JSON: each module with its version, checksum and licence.
//
//	go run ./internal/inventory -program ./cmd/testimonyd
//	go run ./internal/inventory -lock internal/web/app/package-lock.json
//
// It promises that what it lists is what is linked in, and fails when a licence is
// one that nobody has said yes to: whoever adds a dependency decides that here. The
// same tree gives the same bytes.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/relatingfield/vault/internal/app"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "inventory:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("inventory", flag.ContinueOnError)
	program := flags.String("program", "", "list what this `package` is linked from")
	lock := flags.String("lock", "", "list what this `package-lock.json` ships")
	if err := flags.Parse(args); err != nil {
		return err
	}
	name, parts, err := list(ctx, *program, *lock)
	if err != nil {
		return err
	}
	if err := vet(parts); err != nil {
		return err
	}
	return write(out, name, parts)
}

func list(ctx context.Context, program, lock string) (string, []part, error) {
	switch {
	case program != "" && lock == "":
		return modules(ctx, program)
	case lock != "" && program == "":
		return packages(lock)
	}
	return "", nil, errors.New("say either -program or -lock")
}

// part is one thing that is shipped inside ours.
type part struct {
	name, version string
	purl          string // package URL
	algorithm     string // of the checksum, as CycloneDX calls it
	checksum      string // hex
	licence       string // SPDX
}

// accepted licences let everybody use, change and pass on a vault under Apache-2.0.
var accepted = []string{"MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"}

func vet(parts []part) error {
	var err error
	for _, p := range parts {
		// Where parts of a module have licences of their own, each must be one of these.
		if slices.ContainsFunc(strings.Split(p.licence, " AND "), func(id string) bool { return !slices.Contains(accepted, id) }) {
			err = errors.Join(err, fmt.Errorf("%s %s: its licence %q is not among %v: read it, and say yes or do without", p.name, p.version, p.licence, accepted))
		}
	}
	return err
}

type bom struct {
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type     string    `json:"type"`
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	PURL     string    `json:"purl,omitempty"`
	Hashes   []hash    `json:"hashes,omitempty"`
	Licences []licence `json:"licenses,omitempty"`
}

type hash struct {
	Alg     string `json:"alg"`
	Content string `json:"content"`
}

// licence is an SPDX id, or an expression of several.
type licence struct {
	Expression string `json:"expression,omitempty"`
	Licence    *spdx  `json:"license,omitempty"`
}

type spdx struct {
	ID string `json:"id"`
}

// write leaves out a serial number and a time, which would differ each time.
func write(out io.Writer, name string, parts []part) error {
	b := bom{Format: "CycloneDX", Spec: "1.5", Version: 1, Metadata: metadata{component{Type: "application", Name: name, Version: app.Version}}, Components: []component{}}
	slices.SortFunc(parts, func(a, b part) int { return cmpText(a.purl, b.purl) })
	for _, p := range parts {
		c := component{Type: "library", Name: p.name, Version: p.version, PURL: p.purl, Licences: []licence{licenceOf(p.licence)}}
		if p.checksum != "" {
			c.Hashes = []hash{{p.algorithm, p.checksum}}
		}
		b.Components = append(b.Components, c)
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(b)
}
