package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// minPublicPowBits is the least work that keeps a script from filling a vault
// that everybody can reach.
const minPublicPowBits = 16

// checkExposure is about who can reach the vault and who can listen on the line.
func (c Config) checkExposure(f *Faults) {
	host, port, err := net.SplitHostPort(c.Listen)
	if n, convErr := strconv.ParseUint(port, 10, 16); err != nil || convErr != nil || strconv.FormatUint(n, 10) != port {
		f.add("listen", fmt.Sprintf("%q is not an address and a port", c.Listen), "write it like 127.0.0.1:8080 or [::1]:8080")
		return
	}
	if !isLoopback(host) {
		c.checkPublic(f)
	}
	c.checkOnion(f, host)
	seen := map[string]bool{}
	for _, origin := range c.Origins {
		if err := checkOrigin(origin); err != nil {
			f.add("origins", fmt.Sprintf("%q %v", origin, err), "write it like https://vault.example or http://….onion")
		}
		if seen[origin] {
			f.add("origins", fmt.Sprintf("%q stands twice", origin), "keep one")
		}
		seen[origin] = true
	}
}

func (c Config) checkPublic(f *Faults) {
	if !c.IKnowThisIsPublic && c.TLS.Mode == NoTLS {
		f.add("listen", "other machines can reach it and it speaks no TLS",
			"listen on 127.0.0.1, or set tls.mode, or put a TLS proxy or an onion service before it and set i_know_this_is_public: true")
	}
	if len(c.Origins) == 0 {
		f.add("origins", "is empty, so nobody could sign in", "list the addresses that people type")
	}
	if c.Enrolment.Mode == Open && c.Enrolment.PowBits < minPublicPowBits {
		f.add("enrolment.pow_bits", "is too little for an open vault that other machines can reach",
			fmt.Sprintf("set it to %d or more, or enrolment.mode to code", minPublicPowBits))
	}
}

// isLoopback accepts what cannot be another machine. An empty host is all
// addresses of this one.
func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// checkOrigin accepts the one spelling of an origin that browsers send.
func checkOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin || strings.ToLower(origin) != origin || u.Hostname() == "" {
		return fmt.Errorf("is not an origin")
	}
	if port := u.Port(); port != "" && (port == "443" && u.Scheme == "https" || port == "80" && u.Scheme == "http") {
		return fmt.Errorf("names the port that browsers leave out")
	}
	if host := u.Hostname(); strings.HasSuffix(host, ".onion") && !isOnion(host) {
		return fmt.Errorf("has a slip of the pen: its checksum is wrong")
	}
	switch {
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http":
		return fmt.Errorf("is neither http nor https")
	case isLoopback(u.Hostname()), strings.HasSuffix(u.Hostname(), ".onion"):
		return nil
	}
	return fmt.Errorf("would be read on the line")
}

// OthersCome tells whether people of other machines come to the vault: at some origin
// that is not this machine's own.
func (c Config) OthersCome() bool {
	return slices.ContainsFunc(c.Origins, func(origin string) bool {
		u, err := url.Parse(origin)
		return err != nil || !isLoopback(u.Hostname())
	})
}
