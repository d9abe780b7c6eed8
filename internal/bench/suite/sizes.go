package suite

import "time"

// sizes are how much of everything is measured.
type sizes struct {
	rounds   int           // of every contest
	big      int64         // bytes of one large part
	huge     int64         // bytes of a part for the memory rows
	bucket   int64         // bytes of a part for the bucket rows
	chunk    int64         // bytes of one PATCH where an upload comes in many
	slow     int           // uploads over slow lines at a time
	slowBig  int64         // bytes of each
	slowTime time.Duration // that each takes
	requests int           // small ones in a round, for each connection up to 8; a quarter of that beyond
	lines    []int         // connections at a time

	openings int // measured for the first byte
	many     int // grants on one testimony
	grants   int // grants in the whole vault beside them
	decided  int // decisions in a round
	given    int // grants of a person who withdraws everything

	small     int   // testimonies in the fixture that growth is compared with
	larger    []int // testimonies in the others
	growthBig int64 // bytes of a large part there

	webSeal   int   // MiB that a browser seals in a round
	webRounds int   // of that
	webFile   int64 // bytes of a file that a browser seals and sends

	mixed     time.Duration // how long small requests are sent beside uploads
	mixedRate int           // small requests a second
	mixedBig  int64         // bytes of an upload beside them
}

const (
	mib = 1 << 20
	gib = 1 << 30
)

func full() sizes {
	return sizes{
		rounds: 5, big: gib, huge: 4 * gib, bucket: 512 * mib, chunk: 8 * mib, slow: 200, slowBig: 4 * mib, slowTime: 20 * time.Second, requests: 100, lines: []int{1, 8, 32}, openings: 60, many: 10_000, grants: 1_000_000, decided: 10_000_000, given: 1000,
		small: 10_000, larger: []int{100_000, 1_000_000}, growthBig: 256 * mib,
		webSeal: 64, webRounds: 3, webFile: 500_000_000,
		mixed: 10 * time.Second, mixedRate: 200, mixedBig: 256 * mib,
	}
}

func tiny() sizes {
	return sizes{
		rounds: 1, big: mib, huge: 4 * mib, bucket: mib, chunk: 256 << 10, slow: 8, slowBig: mib, slowTime: time.Second, requests: 4, lines: []int{1, 4}, openings: 2, many: 20, grants: 300, decided: 1000, given: 12,
		small: 200, larger: []int{400}, growthBig: mib,
		webSeal: 2, webRounds: 1, webFile: 3 * mib,
		mixed: 300 * time.Millisecond, mixedRate: 50, mixedBig: mib,
	}
}

// each is how many requests each of so many connections sends in a round.
func (s sizes) each(lines int) int {
	if lines <= 8 {
		return s.requests
	}
	return max(1, s.requests/2)
}
