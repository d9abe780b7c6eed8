package webhook

import (
	"bytes"
	"errors"
	"net/netip"
	"slices"
	"syscall"
)

// Why nothing inside can be reached. A partner chooses the name, and whoever answers
// for that name chooses the address, anew each time it is asked. So nothing is
// concluded from what a name led to before: the address is checked by the dialer after
// the name was resolved, on the very socket that is about to connect (net.Dialer's
// Control), for each address that is tried. Redirects are not followed, proxies of the
// environment are not used, and a connection that is kept open leads where it led.
//
// Allowed is what is globally reachable by the registries of IANA for special-purpose
// addresses; of IPv6 only 2000::/3 is given out at all, so the rest is refused whole:
// loopback, link-local, unique local, multicast, IPv4-mapped, NAT64 (64:ff9b::/96 and
// 64:ff9b:1::/48), discard. Tunnels in it carry IPv4 addresses and are refused, too.

var errRefused = errors.New("this address is not on the public network")

// never are the addresses that are not public.
var never = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"2001::/23",                  // of the IETF: Teredo, benchmarks, ORCHID
	"2001:db8::/32", "3fff::/20", // examples
	"2002::/16",         // 6to4
	"2620:4f:8000::/48", // AS112
)

var given = netip.MustParsePrefix("2000::/3")

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// Allows tells whether a request may go to an address.
func (r Rules) Allows(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" || a.Is4In6() || a.Is6() && (!given.Contains(a) || isatap(a)) {
		return false
	}
	in := func(p netip.Prefix) bool { return p.Contains(a) }
	return !slices.ContainsFunc(never, in) && !slices.ContainsFunc(r.Refuse, in)
}

// isatap tells an address that carries one of IPv4 in its last bytes (RFC 5214).
func isatap(a netip.Addr) bool {
	b := a.As16()
	return b[8]&^2 == 0 && bytes.Equal(b[9:12], []byte{0, 0x5e, 0xfe})
}

// control is the last word on a connection. local: the endpoint is this machine by name.
func (r Rules) control(local bool) func(network, address string, c syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || network != "tcp4" && network != "tcp6" {
			return errRefused
		}
		if local && at.Addr().Unmap().IsLoopback() || r.Allows(at.Addr()) {
			return nil
		}
		return errRefused
	}
}
