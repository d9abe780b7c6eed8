package grant

import (
	"time"
)

// maxMonths is how far ahead requests queue; what finds no place until then is
// never shown.
const maxMonths = 120

// monthOf is the first second of the month, in UTC, that a second lies in.
func monthOf(unix int64) int64 {
	y, m, _ := time.Unix(unix, 0).UTC().Date()
	return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC).Unix()
}

// nextMonth is the first second of the month behind that of unix.
func nextMonth(unix int64) int64 {
	y, m, _ := time.Unix(unix, 0).UTC().Date()
	return time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC).Unix()
}

// firstFree is the first day from earliest on whose month has fewer than most
// of the booked days.
func firstFree(booked []int64, earliest, most int64) (day int64, ok bool) {
	inMonth := map[int64]int64{}
	for _, b := range booked {
		inMonth[monthOf(b)]++
	}
	day = earliest
	for range maxMonths {
		if inMonth[monthOf(day)] < most {
			return day, true
		}
		day = nextMonth(day)
	}
	return 0, false
}
