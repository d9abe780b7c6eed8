package webhook

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// schedule is how long to wait after the first, second… attempt that failed: together
// 75 hours and a half, as Standard Webhooks proposes. After the tenth there is none.
var schedule = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// spread is by how much a wait is longer or shorter by chance, so that what failed
// together does not come back together: a tenth.
const spread = 0.1

// longestAsked bounds what a receiver can ask for with Retry-After.
const longestAsked = 24 * time.Hour

// next is how long to wait after so many attempts, of which the last one failed; false:
// it was the last. A receiver that asked for longer gets it.
func next(rand io.Reader, attempts int64, asked time.Duration) (time.Duration, bool, error) {
	if attempts < 1 || attempts > int64(len(schedule)) {
		return 0, false, nil
	}
	f, err := fraction(rand)
	if err != nil {
		return 0, false, err
	}
	wait := float64(schedule[attempts-1]) * (1 - spread + 2*spread*f)
	return max(time.Duration(wait), min(asked, longestAsked)), true, nil
}

// fraction draws evenly from 0 up to 1.
func fraction(rand io.Reader) (float64, error) {
	var b [8]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return 0, fmt.Errorf("draw a moment: %w", err)
	}
	return float64(binary.BigEndian.Uint64(b[:])>>11) / (1 << 53), nil
}
