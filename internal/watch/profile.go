package watch

import (
	"net/http"
	"runtime/pprof"
	"strconv"
	"time"
)

// How long the processor is sampled: when nothing is said, and at most.
const (
	sampled     = 10
	sampledMost = 120
)

// cpu samples the processor for ?seconds=N and answers with the profile.
func cpu(out http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.URL.Query().Get("seconds"))
	if err != nil || n < 1 || n > sampledMost {
		n = sampled
	}
	if err := pprof.StartCPUProfile(out); err != nil { // one is under way
		out.WriteHeader(http.StatusConflict)
		return
	}
	defer pprof.StopCPUProfile()
	wait := time.NewTimer(time.Duration(n) * time.Second)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-r.Context().Done():
	}
}

// profile answers with a profile that the runtime keeps: heap, goroutine and others.
func profile(out http.ResponseWriter, r *http.Request) {
	p := pprof.Lookup(r.PathValue("name"))
	if p == nil {
		out.WriteHeader(http.StatusNotFound)
		return
	}
	_ = p.WriteTo(out, 0) // whoever asked may have gone
}
