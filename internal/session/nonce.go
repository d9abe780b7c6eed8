package session

import (
	"crypto/subtle"
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/relatingfield/vault/internal/secret"
)

// bucketClock hands out the nonce of the minute. A nonce is the MAC of the
// minute's number, so every node accepts every node's, and nothing is stored.
type bucketClock struct {
	keys []secret.Bytes
	now  func() time.Time
	held atomic.Pointer[minute]
}

// minute holds the nonces that are good during one minute: per key, that of the
// minute and of the one before. They are computed once, not per request.
type minute struct {
	number  int64
	current []string
	earlier []string
}

func newBucketClock(keys []secret.Bytes, now func() time.Time) *bucketClock {
	return &bucketClock{keys: keys, now: now}
}

func (c *bucketClock) minute() *minute {
	number := c.now().Unix() / int64(nonceLife/time.Second)
	if m := c.held.Load(); m != nil && m.number == number {
		return m
	}
	m := &minute{number: number}
	for _, k := range c.keys {
		m.current = append(m.current, nonceOf(k, number))
		m.earlier = append(m.earlier, nonceOf(k, number-1))
	}
	c.held.Store(m)
	return m
}

// nonceOf is 128 bits: enough against guessing, short on every answer.
func nonceOf(key secret.Bytes, number int64) string {
	return b64(mac(key, binary.BigEndian.AppendUint64(nil, uint64(number)))[:16])
}

func (c *bucketClock) nonce() string { return c.minute().current[0] }

// bucketOf tells in which minute a nonce was handed out, if that still counts.
func (c *bucketClock) bucketOf(nonce string) (int64, bool) {
	m := c.minute()
	for i := range m.current {
		if equal(nonce, m.current[i]) {
			return m.number, true
		}
		if equal(nonce, m.earlier[i]) {
			return m.number - 1, true
		}
	}
	return 0, false
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
