package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes. Its text is a number with or without one of the
// units B, KiB, MiB, GiB and TiB.
type Size int64

// The units.
const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
	TiB Size = 1 << 40
)

// unit is one way to write a size.
type unit struct {
	name string
	size Size
}

// units are in falling order, so that the first that divides a size writes it
// shortest, and the first suffix that fits is the whole unit.
func units() []unit {
	return []unit{{"TiB", TiB}, {"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}, {"B", 1}}
}

// String writes the size exactly, in the largest unit that divides it.
func (s Size) String() string {
	for _, u := range units() {
		if s%u.size == 0 && s != 0 {
			return strconv.FormatInt(int64(s/u.size), 10) + " " + u.name
		}
	}
	return "0 B"
}

// MarshalText writes the size like String.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a size. Decimal units (MB) are refused: people mean
// different things by them.
func (s *Size) UnmarshalText(text []byte) error {
	number, factor := string(text), Size(1)
	for _, u := range units() {
		if head, ok := strings.CutSuffix(number, u.name); ok {
			number, factor = strings.TrimSpace(head), u.size
			break
		}
	}
	n, err := strconv.ParseUint(number, 10, 63)
	if err != nil || n > uint64(math.MaxInt64/factor) {
		return errors.New("is not a size")
	}
	*s = Size(n) * factor
	return nil
}
