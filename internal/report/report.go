// Package report answers for the vault: to whoever asks what it holds about
// somebody, to a regulator, to the public, and to those who must be told after a
// breach.
//
// # What it promises
//
// Demand is everything that is stored about one account: every row of every table
// that names it or what hangs on it, found through the database's own list of
// tables, so that a table that a later migration adds is in it. It opens nothing,
// because nothing that the operator holds does; what the operator can read (acts,
// days, terms, openings) it names as readable.
//
// Processing is made from the settings in force and asks no database, so it says
// what the vault does and not what somebody remembered. Breach counts what lay
// there. Register is a file to which entries of fixed words are added and from which
// none is taken.
//
// # What it does not do
//
// It gives no legal advice: what counsel must decide is marked "[counsel]", what only
// the operator knows "[operator]". It knows nothing that is not stored: what proxies,
// providers and people keep is not here.
package report

import "time"

// Counsel marks what a lawyer must decide, Operator what only the operator knows.
const (
	Counsel  = "[counsel]"
	Operator = "[operator]"
)

// day writes a day that is stored as Unix seconds.
func day(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.DateOnly) }
