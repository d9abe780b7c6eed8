package config

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Days is a time in days. Its text is a number and d, as in 90d.
type Days int

// String writes the days as they are read.
func (d Days) String() string { return strconv.Itoa(int(d)) + "d" }

// Duration is the time they take.
func (d Days) Duration() time.Duration { return time.Duration(d) * 24 * time.Hour }

// MarshalText writes the days like String.
func (d Days) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads days.
func (d *Days) UnmarshalText(text []byte) error {
	number, ok := strings.CutSuffix(string(text), "d")
	n, err := strconv.ParseUint(number, 10, 20)
	if err != nil || !ok {
		return errors.New("is not a number of days")
	}
	*d = Days(n)
	return nil
}
