package termtest_test

import (
	"net/http"
	"testing"
	"time"
)

// What ends by the clock ends for streams that run, too, within their lease.
func TestStreamEndsWithWhatItRestsOn(t *testing.T) {
	for what, limit := range map[string]struct {
		days  int   // of the accreditation
		until int64 // of the grant
		end   int64
	}{
		"the grant's term":           {100, 3 * hour, 3 * hour},
		"the reader's accreditation": {1, 300 * day, 2 * day},
	} {
		t.Run(what, func(t *testing.T) {
			each(t, 0, limit.until, limit.days, func(w *world) {
				s := w.reader.Stream(w.grant)
				s.Take(200 << 10)
				w.at(limit.end)
				<-s.Paced(time.Millisecond)
				if s.Got >= s.Size {
					w.t.Errorf("the reader got all of %d bytes, most of them after the end", s.Size)
				}
				if status, _ := w.read(http.Header{"Range": {"bytes=300000-"}}); status != http.StatusNotFound {
					w.t.Errorf("after the end the reader got %d", status)
				}
			})
		})
	}
}
