package client

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
)

// nonces holds the vault's newest DPoP nonce, which any answer may bring.
type nonces struct {
	mu    sync.Mutex
	value string
}

func (n *nonces) get() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.value
}

func (n *nonces) set(value string) {
	if value == "" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.value = value
}

// newUUID draws a version 4 UUID (RFC 9562).
func newUUID(rand io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fmt.Errorf("draw an idempotency key: %w", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

// dice draws a number below n; without randomness it is 0, which is only less polite.
func (c *Client) dice(n int64) int64 {
	var b [8]byte
	if _, err := io.ReadFull(c.rand, b[:]); err != nil || n <= 0 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(b[:]) >> 1 % uint64(n))
}

// withoutURL drops the address from a transport's error: it names a testimony.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
