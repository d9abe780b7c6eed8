// Package uploadtest uploads to whole vaults, over lines that break and to nodes that
// die, with a client of other people's: it holds the vault against tus 1.0, and what
// arrives against what was sent.
package uploadtest_test
