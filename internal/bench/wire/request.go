package wire

import (
	"fmt"
	"strings"
)

// Head writes the head of a request. fields are name, value, name, value; the
// length of the body is n, and -1 says that there is none.
func Head(method, host, path string, n int64, fields ...string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, host)
	for i := 0; i+1 < len(fields); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", fields[i], fields[i+1])
	}
	if n >= 0 {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", n)
	}
	b.WriteString("\r\n")
	return []byte(b.String())
}
