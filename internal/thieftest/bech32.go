package thieftest

import "strings"

// bech32 spells an identity as age does (BIP-173, in capitals).
func bech32(prefix string, b []byte) string {
	lower := strings.ToLower(prefix)
	values := fives(b)
	var all []byte
	for i := range len(lower) {
		all = append(all, lower[i]>>5)
	}
	all = append(all, 0)
	for i := range len(lower) {
		all = append(all, lower[i]&31)
	}
	sum := polymod(append(append(all, values...), 0, 0, 0, 0, 0, 0)) ^ 1
	for shift := 25; shift >= 0; shift -= 5 {
		values = append(values, byte(sum>>shift)&31)
	}
	var text strings.Builder
	text.WriteString(lower + "1")
	for _, v := range values {
		text.WriteByte("qpzry9x8gf2tvdw0s3jn54khce6mua7l"[v])
	}
	return strings.ToUpper(text.String())
}

// fives regroups bytes into numbers of five bits.
func fives(b []byte) (out []byte) {
	var held, bits uint
	for _, v := range b {
		held, bits = held<<8|uint(v), bits+8
		for ; bits >= 5; bits -= 5 {
			out = append(out, byte(held>>(bits-5))&31)
		}
	}
	if bits > 0 {
		out = append(out, byte(held<<(5-bits))&31)
	}
	return out
}

func polymod(values []byte) uint {
	sum := uint(1)
	for _, v := range values {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ uint(v)
		for i, g := range []uint{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	return sum
}
