package grant

import (
	"fmt"
	"net"
	"time"
)

// OnTCP is the Line of a TCP connection; flush hands what is buffered above it to
// the kernel. Cut resets the connection (linger 0), so that the kernel drops what
// it still holds instead of delivering it to a reader who no longer may.
func OnTCP(c *net.TCPConn, flush func() error) Line {
	return Line{
		Deadline: c.SetWriteDeadline,
		Flush:    flush,
		Unsent:   func() (int, error) { return unsent(c) },
		Cut: func() {
			// A failure of either means that the connection is gone already.
			_ = c.SetLinger(0)
			_ = c.SetWriteDeadline(time.Unix(1, 0))
			_ = c.Close()
		},
	}
}

// control runs f on the connection's descriptor.
func control(c *net.TCPConn, f func(fd int) (int, error)) (int, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("look at connection: %w", err)
	}
	var n int
	var inner error
	if err := raw.Control(func(fd uintptr) { n, inner = f(int(fd)) }); err != nil {
		return 0, fmt.Errorf("look at connection: %w", err)
	}
	return n, inner
}
