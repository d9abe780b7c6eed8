package app

import "syscall"

// A connection is a file to the system, and so is what is read or written for it.
const (
	mostConnections = 4 * maxRequests
	ownFiles        = 128 // of the database, the journal and the runtime
	filesEach       = 3   // a connection, an object, and a folder that is flushed
)

// maxConnections leaves those who are served the files that they need.
func maxConnections() int {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) != nil || l.Cur > mostConnections*filesEach+ownFiles {
		return mostConnections
	}
	return max(1, (int(l.Cur)-ownFiles)/filesEach)
}
