package webhook

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Rules say where requests may go.
type Rules struct {
	Ports  []int          // of https
	Refuse []netip.Prefix // beside those that are refused always, such as an operator's own
	Local  bool           // to this machine as well, also without TLS: for receivers under test
}

// longestName is of a name in the DNS, in characters.
const longestName = 253

var (
	// hostname is a name in the DNS with a dot in it, in the one spelling. An address
	// is none: the last label begins with a letter, so neither 127.0.0.1 nor 0x7f.1 is.
	hostname = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)
	// written is what an address is written with; anything else is percent-encoded.
	written = regexp.MustCompile(`^[!-~]+$`)
)

// inner are names that mean something on a network of its own only.
func inner() []string {
	return []string{"localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "onion", "alt", "invalid", "arpa"}
}

// ParseTarget reads the address of an endpoint: https, a name and not a number, a port
// of the rules, no credentials, no fragment, in its one spelling. What it refuses is
// ErrTarget. That the name leads to a public address is checked with each connection.
func (r Rules) ParseTarget(text string) (*url.URL, error) {
	u, err := r.parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTarget, err)
	}
	return u, nil
}

func (r Rules) parse(text string) (*url.URL, error) {
	if len(text) > targetSize || !written.MatchString(text) || strings.ContainsAny(text, `\#`) {
		return nil, fmt.Errorf("write an address of %d characters at most, without blanks, backslashes and #", targetSize)
	}
	u, err := url.Parse(text)
	if err != nil { // its message would repeat the address
		return nil, fmt.Errorf("this is no address")
	}
	if u.User != nil || u.Opaque != "" || u.String() != text {
		return nil, fmt.Errorf("write it without a name and password, as in https://hooks.example.org/vault")
	}
	if r.Local && loopbackName(u.Hostname()) {
		return u, schemeOf(u, "https", "http")
	}
	if err := schemeOf(u, "https"); err != nil {
		return nil, err
	}
	return u, r.public(u)
}

func schemeOf(u *url.URL, allowed ...string) error {
	if !slices.Contains(allowed, u.Scheme) || u.Host == "" {
		return fmt.Errorf("begin it with https://")
	}
	return nil
}

// public checks the name and the port.
func (r Rules) public(u *url.URL) error {
	host := u.Hostname()
	last := host[strings.LastIndexByte(host, '.')+1:]
	if len(host) > longestName || !hostname.MatchString(host) || slices.Contains(inner(), last) {
		return fmt.Errorf("name a host that is known publicly, in small letters")
	}
	port := 443
	if strings.Contains(u.Host, ":") {
		n, err := strconv.Atoi(u.Port())
		if err != nil || n == 443 || strconv.Itoa(n) != u.Port() {
			return fmt.Errorf("leave the port out, or name one that is not 443")
		}
		port = n
	}
	if !slices.Contains(r.Ports, port) {
		return fmt.Errorf("this port is not among those that this vault allows")
	}
	return nil
}

// loopbackName tells whether a host is this machine by its very name.
func loopbackName(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.Zone() == "" && a.Unmap().IsLoopback()
}
