package fixity

import "time"

// Pace lays reads of n bytes each on top of each other, all at one moment, and gives
// what each has to wait for.
func Pace(rate int64, n, reads int) (waits []time.Duration) {
	var p pace
	now := time.Unix(0, 0)
	for range reads {
		waits = append(waits, p.reserve(now, rate, n))
	}
	return waits
}

// Early is how many bytes of a volume may be checked early in a stretch of time, asked
// for in steps.
func Early(volume int64, every, stretch, step time.Duration) (sum int64) {
	s := spread{bytes: volume}
	now := time.Unix(0, 0)
	s.allow(now, every)
	for at := step; at <= stretch; at += step {
		n := s.allow(now.Add(at), every)
		s.took(n)
		sum += n
	}
	return sum
}
