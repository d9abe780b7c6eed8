package suite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/bench/report"
)

// effort is what moving something large took.
type effort struct {
	speed float64 // MB/s
	cost  float64 // of the server's process: seconds of the processor for a GB
}

// spend measures how long do takes, which makes the process pid handle n bytes, and
// how long that computed.
func spend(pid int, n int64, do func() error) (effort, error) {
	before, err := computed(pid)
	if err != nil {
		return effort{}, err
	}
	began := time.Now()
	if err := do(); err != nil {
		return effort{}, err
	}
	took := time.Since(began)
	after, err := computed(pid)
	return effort{mbs(n, took.Seconds()), perGB(n, after-before)}, err
}

func perGB(n int64, seconds float64) float64 { return seconds * 1e9 / float64(n) }

// ticks of the clock by which the kernel tells times (proc(5), sysconf(3)); it is
// the same on all architectures that Go knows.
const ticks = 100

// computed is how many seconds of the processor a process has had, in user and in
// kernel mode, by /proc/PID/stat; 0 where there is no such thing.
func computed(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	// The second field is the program's name, which may have anything in it.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	user, err := strconv.ParseFloat(fields[11], 64)
	system, err2 := strconv.ParseFloat(fields[12], 64)
	return (user + system) / ticks, errors.Join(err, err2)
}

// spendEach is how many milliseconds the process pid computes for one of n that do does. A
// clock tick is the least: what is less cannot be told from nothing.
func spendEach(pid, n int, do func() (float64, error)) (speed, cost float64, err error) {
	before, err := computed(pid)
	if err != nil {
		return 0, 0, err
	}
	if speed, err = do(); err != nil {
		return 0, 0, err
	}
	after, err := computed(pid)
	return speed, 1000 * max(after-before, 1./ticks) / float64(n), err
}

// bareRow compares what the processor does for one act with what it does for a bare
// commit; it has no aim.
func bareRow(what string, ours, theirs []float64) report.Row {
	return report.Row{Name: "processor, " + what, Unit: "ms each", Ours: ours, Yardstick: "a bare commit, where it is asked for", Theirs: theirs,
		Note: "milliseconds that the process computed for each, kernel included and PostgreSQL's own processes not"}
}

func speeds(list []effort) []float64 {
	out := make([]float64, len(list))
	for i, e := range list {
		out[i] = e.speed
	}
	return out
}

// costs are of at least a clock tick: what is less cannot be told from nothing.
func costs(list []effort) []float64 {
	out := make([]float64, len(list))
	for i, e := range list {
		out[i] = max(e.cost, 1./ticks)
	}
	return out
}

// costRow states what the processor does for a gigabyte; it has no aim.
func costRow(what string, ours []effort, yardstick string, theirs []effort) report.Row {
	return report.Row{Name: "processor, " + what, Unit: "s/GB", Ours: costs(ours), Yardstick: yardstick, Theirs: costs(theirs),
		Note: "seconds that the server's process computed for a stored GB, kernel included"}
}
