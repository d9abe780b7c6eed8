package vaulttest

import (
	"bytes"
	"sync"
	"time"
)

// Clock goes like the machine's until a test moves it forward or sets it.
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration
	still time.Time // zero: it goes
}

// Now is the time the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.still.IsZero() {
		return c.still.Add(c.ahead)
	}
	return time.Now().Add(c.ahead)
}

// Set makes the clock stand still at a moment, for tests of limits. The vault's
// leases go by another clock and go on.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.still, c.ahead = at, 0
}

// Forward moves the clock.
func (c *Clock) Forward(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += by
}

// Log is everything that a vault logged.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// String is the log so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
