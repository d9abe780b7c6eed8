package flood

import (
	"crypto/hmac"
	"crypto/sha256"
	"io"
	"net"
	"net/netip"
	"slices"
	"time"
)

const (
	// mostNetworks is how many buckets of networks there are at a time, about a
	// hundred bytes each. Networks beyond share the shared bucket alone.
	mostNetworks = 1 << 16
	// mostNames is how many names are known to be good at a time.
	mostNames = 1 << 16

	v4Bits, v6Bits = 24, 48
)

// mark is what is remembered in place of a network or a name.
type mark [16]byte

// networks are told apart until they are forgotten.
type networks struct {
	secret [32]byte
	since  time.Time
	all    map[mark]*bucket
}

// names were good lately: in this span between forgettings, or the one before.
type names struct {
	secret      [32]byte // of now
	now, before map[mark]struct{}
	old         [32]byte // of before
}

// forget throws the secret away, and with it what it marks. Names are remembered for
// one span longer, or all phones would be strangers in the same moment.
func (g *Guard) forget(now time.Time) error {
	var fresh [32]byte
	if _, err := io.ReadFull(g.cfg.Rand, fresh[:]); err != nil {
		return err
	}
	g.networks = networks{secret: fresh, since: now, all: map[mark]*bucket{}}
	g.known = names{secret: fresh, now: map[mark]struct{}{}, before: g.known.now, old: g.known.secret}
	return nil
}

// own is the bucket of the network that an address is of. Nil: the address tells
// nobody apart, or there are too many.
func (g *Guard) own(kind Kind, from netip.Addr, now time.Time) *bucket {
	if now.Sub(g.networks.since) >= g.cfg.Forget && g.forget(now) != nil {
		return nil // without randomness nobody is told apart
	}
	prefix, tells := g.network(from)
	if !tells {
		return nil
	}
	m := g.mark(g.networks.secret[:], string(kind)+"\x00"+prefix.String())
	b, there := g.networks.all[m]
	if !there && len(g.networks.all) < mostNetworks {
		b = newBucket(now, g.cfg.Rates[kind].PerSecond/max(1, g.cfg.Share))
		g.networks.all[m] = b
	}
	return b
}

// network is what of an address tells strangers apart. The addresses of machines that
// stand before the vault, of this machine and of private networks do not.
func (g *Guard) network(from netip.Addr) (netip.Prefix, bool) {
	from = from.Unmap().WithZone("")
	if !from.IsGlobalUnicast() || from.IsPrivate() || slices.ContainsFunc(g.cfg.Proxies, func(p netip.Prefix) bool { return p.Contains(from) }) {
		return netip.Prefix{}, false
	}
	bits := v6Bits
	if from.Is4() {
		bits = v4Bits
	}
	p, err := from.Prefix(bits)
	return p, err == nil
}

func (g *Guard) mark(secret []byte, text string) (m mark) {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(text))
	copy(m[:], h.Sum(nil))
	return m
}

// Good notes that a name, as of a phone or a program, was good: it is let in without
// taking from what strangers share, for a while. Whoever does not know a good name
// can keep nobody out who has one.
func (g *Guard) Good(kind Kind, name string) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.known.now) < mostNames {
		g.known.now[g.mark(g.known.secret[:], string(kind)+"\x00"+name)] = struct{}{}
	}
}

// TakeAs is Take for somebody who comes with a name.
func (g *Guard) TakeAs(kind Kind, name string, from netip.Addr) bool {
	return g.isGood(kind, name) || g.Take(kind, from)
}

func (g *Guard) isGood(kind Kind, name string) bool {
	if g == nil || name == "" {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := g.cfg.Tick(); now.Sub(g.networks.since) >= g.cfg.Forget && g.forget(now) != nil {
		return false
	}
	text := string(kind) + "\x00" + name
	_, now := g.known.now[g.mark(g.known.secret[:], text)]
	_, before := g.known.before[g.mark(g.known.old[:], text)]
	return now || before
}

// From is the address of a connection's other end; the zero Addr tells nobody apart.
// It is asked for here and nowhere else, and goes into marks only.
func From(c net.Conn) netip.Addr {
	if c == nil {
		return netip.Addr{}
	}
	if t, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return t.AddrPort().Addr()
	}
	return netip.Addr{}
}

// NetworkOf is how connections are counted by network while they are open: a mark under
// a secret of this process, or "" for an address that tells nobody apart.
func (g *Guard) NetworkOf(c net.Conn) string {
	if g == nil {
		return ""
	}
	p, tells := g.network(From(c))
	if !tells {
		return ""
	}
	m := g.mark(g.open[:], p.String())
	return string(m[:])
}
