package config

import (
	"crypto/sha3"
	"encoding/base32"
	"net/url"
	"slices"
	"strings"
)

// isOnion accepts the address of an onion service of version 3, with names before it
// or not: its public key, a checksum of it and the version
// (https://spec.torproject.org/rend-spec/encoding-onion-addresses.html). A letter
// copied wrongly would be an address at which nobody can sign in, and which somebody
// else could look for.
func isOnion(host string) bool {
	name := strings.TrimSuffix(host, ".onion")
	_, last, _ := cut(name)
	b, err := base32.StdEncoding.DecodeString(strings.ToUpper(last))
	if err != nil || len(b) != 35 || b[34] != 3 {
		return false
	}
	sum := sha3.Sum256(append([]byte(".onion checksum"), append(b[:32:32], b[34])...))
	return b[32] == sum[0] && b[33] == sum[1]
}

// checkOnion keeps an onion service from giving away where it is, and from being named
// where it is not.
func (c Config) checkOnion(f *Faults, host string) {
	onions := 0
	for _, origin := range c.Origins {
		if u, err := url.Parse(origin); err == nil && strings.HasSuffix(u.Hostname(), ".onion") {
			onions++
		}
	}
	if onions > 0 && onions == len(c.Origins) && !isLoopback(host) && !c.IKnowTheOnionServiceIsElsewhere {
		f.add("listen", "people come by onion addresses alone, and other machines can reach it: whoever finds it knows where the vault is",
			"listen on 127.0.0.1, where tor finds it, or set i_know_the_onion_service_is_elsewhere: true if tor runs on another machine")
	}
	if c.Onion == "" {
		return
	}
	u, err := url.Parse(c.Onion)
	if err != nil || !strings.HasSuffix(u.Hostname(), ".onion") {
		f.add("onion", "is no onion address", "write it like http://….onion, as in origins")
	} else if !slices.Contains(c.Origins, c.Onion) {
		f.add("onion", "is not among origins, so nobody could sign in there", "add it to origins, spelled the same")
	}
}
