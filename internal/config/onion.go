package config

import (
	"crypto/sha3"
	"encoding/base32"
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
