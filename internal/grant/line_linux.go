package grant

import (
	"net"

	"golang.org/x/sys/unix"
)

// unsent asks the kernel how many bytes the peer has not acknowledged (tcp(7),
// SIOCOUTQ).
func unsent(c *net.TCPConn) (int, error) {
	return control(c, func(fd int) (int, error) { return unix.IoctlGetInt(fd, unix.SIOCOUTQ) })
}
