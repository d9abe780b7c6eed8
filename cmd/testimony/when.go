package main

import (
	"time"
)

const oneDay = 86400 // seconds

// day writes a date as people read it.
func day(unix int64) string { return time.Unix(unix, 0).UTC().Format("2 January 2006") }

// moment is day with the time of day.
func moment(unix int64) string { return time.Unix(unix, 0).UTC().Format("2 January 2006, 15:04 UTC") }

// lastDay is the day that a term ending before unix ends with.
func lastDay(unix int64) string { return day(unix - 1) }

// dayFlag reads a date as it is typed, 2026-11-23, into the first second of it.
func dayFlag(name, text string) (int64, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Unix() <= 0 {
		return 0, usage("--%s: %q is not a date like 2026-11-23", name, text)
	}
	return t.Unix(), nil
}

// endFlag reads the last day of a term into the first second after it.
func endFlag(name, text string) (int64, error) {
	begin, err := dayFlag(name, text)
	return begin + oneDay, err
}
