package httpapi

import (
	"context"
	"net"
)

// connContext carries a request's own connection. It is no dependency but part
// of what the request is, and net/http has no other place for it.
type connContext struct {
	context.Context
	conn net.Conn
}

type connKey struct{}

func withConn(ctx context.Context, c net.Conn) context.Context { return connContext{ctx, c} }

// Value answers for the connection and leaves every other key to its parent.
func (c connContext) Value(key any) any {
	if _, ok := key.(connKey); ok {
		return c.conn
	}
	return c.Context.Value(key)
}

// connOf is the connection that a request came on, or nil where there is none.
// HTTP/1.1 serves one request at a time on it, so cutting it cuts that request
// and nobody else's.
func connOf(ctx context.Context) net.Conn {
	c, _ := ctx.Value(connKey{}).(net.Conn)
	return c
}
