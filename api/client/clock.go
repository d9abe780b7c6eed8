package client

import (
	"sync/atomic"
	"time"
)

// clock is the vault's, told at sign-in: the clocks of phones are wrong, and
// terms are counted from the clock that enforces them.
type clock struct{ ahead atomic.Int64 } // nanoseconds before the local clock

func (k *clock) set(sent time.Time, vault int64) {
	k.ahead.Store(int64(time.Unix(vault, 0).Sub(sent)))
}

// time is the vault's time, or the local one before the first sign-in.
func (c *Client) time() time.Time { return c.now().Add(time.Duration(c.clock.ahead.Load())) }

// Time is the vault's clock as far as the client knows it. Terms of grants and
// accreditations are counted from it.
func (c *Client) Time() time.Time { return c.time() }

// Skew is how far the vault's clock is ahead of this device's, known after the
// first signed call. Hours mean that one of the two is wrong, and a vault that
// lies about the time can make an expired accreditation look alive: show it.
func (c *Client) Skew() time.Duration { return time.Duration(c.clock.ahead.Load()) }
