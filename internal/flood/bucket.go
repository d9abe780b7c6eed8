package flood

import "time"

// bucket fills at a rate up to ten seconds' worth.
type bucket struct {
	rate float64 // a second
	most float64
	left float64 // negative where it was overdrawn
	at   time.Time
}

func newBucket(now time.Time, perSecond int) *bucket {
	r := float64(max(1, perSecond))
	return &bucket{rate: r, most: burst * r, left: burst * r, at: now}
}

func (b *bucket) fill(now time.Time) {
	if passed := now.Sub(b.at); passed > 0 {
		b.left, b.at = min(b.most, b.left+passed.Seconds()*b.rate), now
	}
}

func (b *bucket) empty(now time.Time) bool {
	b.fill(now)
	return b.left < 1
}

func (b *bucket) take(now time.Time) bool {
	if b.empty(now) {
		return false
	}
	b.left--
	return true
}

// debt is how far a bucket can be overdrawn, in times of what it holds: what was once
// owed is worked off within a quarter of an hour.
const debt = 90

// draw takes also where there is nothing.
func (b *bucket) draw(now time.Time) {
	b.fill(now)
	b.left = max(b.left-1, -debt*b.most)
}

// owed is how many seconds of its rate a bucket is overdrawn by.
func (b *bucket) owed(now time.Time) int64 {
	b.fill(now)
	return int64(max(0, -b.left/b.rate))
}
