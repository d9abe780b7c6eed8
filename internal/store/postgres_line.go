package store

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// line is what is known of one connection.
type line struct {
	servers *servers
	life    *life
	era     Era

	dial  pgconn.DialFunc
	names map[string]string // of the addresses that were looked up
	host  string            // that was dialled last
	port  uint16

	// committing is true from the sending of a commit to its answer, and for ever
	// where none came.
	committing atomic.Bool
	warned     atomic.Bool // the server had something to say about the commit
}

// lineKey is where a connection carries its line.
const lineKey = "line"

func lineOf(c *pgx.Conn) *line {
	l, _ := c.PgConn().CustomData()[lineKey].(*line)
	return l
}

// usable says whether to hand a connection out that lay in the pool.
func usable(_ context.Context, c *pgx.Conn) (bool, error) { return !lineOf(c).life.over.Load(), nil }

// prepare gives a connection that is about to be made its line. Of several hosts the
// one that answered last is tried first: after a failover nobody waits for the dead.
func (s *servers) prepare(_ context.Context, cfg *pgx.ConnConfig) error {
	l := &line{servers: s, dial: cfg.DialFunc, names: map[string]string{}}
	asked, lookup := cfg.ValidateConnect, cfg.LookupFunc // target_session_attrs
	cfg.DialFunc = l.reach
	cfg.LookupFunc = func(ctx context.Context, host string) ([]string, error) {
		addresses, err := lookup(ctx, host)
		for _, a := range addresses {
			l.names[a] = host
		}
		return addresses, err
	}
	cfg.OnNotice = l.notice
	cfg.ValidateConnect = func(ctx context.Context, c *pgconn.PgConn) error {
		if asked != nil {
			if err := asked(ctx, c); err != nil {
				return err
			}
		}
		return l.vet(ctx, c)
	}
	s.prefer(cfg)
	return nil
}

func (s *servers) prefer(cfg *pgx.ConnConfig) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cfg.Host == s.host && cfg.Port == s.port {
		return
	}
	for _, f := range cfg.Fallbacks {
		if f.Host == s.host && f.Port == s.port {
			cfg.Host, f.Host = f.Host, cfg.Host
			cfg.Port, f.Port = f.Port, cfg.Port
			cfg.TLSConfig, f.TLSConfig = f.TLSConfig, cfg.TLSConfig
			return
		}
	}
}

// errLeftAlone keeps the driver from calling a commit off.
var errLeftAlone = errors.New("a commit that was sent is not called off")

// reach is the line's way to the server, for itself and for the driver's requests to
// call a statement off. A commit that waits for a replica must not be called off:
// the server would then show the change to everybody, and the next request would
// acknowledge what only one disk has.
func (l *line) reach(ctx context.Context, network, address string) (net.Conn, error) {
	if l.committing.Load() {
		return nil, errLeftAlone
	}
	if l.life == nil {
		l.aim(address)
	}
	return l.dial(ctx, network, address)
}

// aim remembers which host of the connection string an address is of.
func (l *line) aim(address string) {
	if dir, number, unix := strings.Cut(address, "/.s.PGSQL."); unix {
		l.host, l.port = dir, portOf(number)
		return
	}
	host, number, err := net.SplitHostPort(address)
	if err != nil {
		return
	}
	if name := l.names[host]; name != "" {
		host = name
	}
	l.host, l.port = host, portOf(number)
}

// portOf is 0 for what is no port; no host is preferred then.
func portOf(number string) uint16 {
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

// notice hears what a server says beside its answers. Whoever calls a commit's
// waiting off at the server, by hand, has it say so here and then that it is done.
func (l *line) notice(_ *pgconn.PgConn, n *pgconn.Notice) {
	if l.committing.Load() && n.SeverityUnlocalized == "WARNING" {
		l.warned.Store(true)
	}
}
