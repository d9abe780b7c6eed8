package main

import "regexp"

// What this package's tests need of its inside.
var (
	Run      = run
	OnlyLate = onlyLate
)

// Targets lists every target, as PACKAGE.FUNCTION.
func Targets(root string) (out []string, err error) {
	packages, err := find(root, regexp.MustCompile(""))
	for _, p := range packages {
		for _, t := range p.targets {
			out = append(out, p.dir+"."+t)
		}
	}
	return out, err
}
