package keyring

import (
	"bytes"

	"github.com/relatingfield/vault/internal/secret"
)

const (
	identityPrefix = "age-secret-key-pq-"
	charset        = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	checksumLength = 6
)

// HybridIdentity is the text of the age identity that a seed of 32 bytes makes,
// AGE-SECRET-KEY-PQ-1…, for keys that are not an account's.
func HybridIdentity(seed secret.Bytes) secret.Bytes { return secret.Of(identityText(seed.Reveal())) }

// identityText is the Bech32 text of an age hybrid seed, in capitals as age
// writes it. It only encodes, and only this: reading is left to age, which
// thereby checks every text made here.
func identityText(seed []byte) []byte {
	values := quintets(seed)
	values = append(values, bech32Checksum(identityPrefix, values)...)
	text := []byte(identityPrefix + "1")
	for _, v := range values {
		text = append(text, charset[v])
	}
	return bytes.ToUpper(text)
}

// quintets regroups bytes into numbers of 5 bits, padding the last with zeros.
func quintets(b []byte) []byte {
	var out []byte
	for bit := 0; bit < 8*len(b); bit += 5 {
		window := uint16(b[bit/8]) << 8
		if bit/8+1 < len(b) {
			window |= uint16(b[bit/8+1])
		}
		out = append(out, byte(window>>(11-bit%8))&31)
	}
	return out
}

// bech32Checksum is the BCH code of BIP-173 over prefix and values.
func bech32Checksum(prefix string, values []byte) []byte {
	all := make([]byte, 0, 2*len(prefix)+1+len(values)+checksumLength)
	for i := range len(prefix) {
		all = append(all, prefix[i]>>5)
	}
	all = append(all, 0)
	for i := range len(prefix) {
		all = append(all, prefix[i]&31)
	}
	all = append(all, values...)
	all = append(all, make([]byte, checksumLength)...)
	code := polymod(all) ^ 1
	out := make([]byte, checksumLength)
	for i := range out {
		out[i] = byte(code>>(5*(checksumLength-1-i))) & 31
	}
	return out
}

// polymod is the remainder of the values, as a polynomial over GF(32), by the
// generator polynomial of BIP-173.
func polymod(values []byte) uint32 {
	generator := [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	code := uint32(1)
	for _, v := range values {
		top := code >> 25
		code = code&0x1ffffff<<5 ^ uint32(v)
		for i, g := range generator {
			if top>>i&1 == 1 {
				code ^= g
			}
		}
	}
	return code
}
