package shamir

// Arithmetic in GF(2^8) with the polynomial x⁸ + x⁴ + x³ + x + 1 (0x11b, FIPS 197
// section 4). Adding and subtracting are both XOR.
//
// # Why it takes the same time for every secret
//
// There is no table, so no address depends on a value: a table of logarithms
// would tell its index to everybody who shares a cache. There is no branch on a
// value either: a bit is spread to a mask, and both cases are computed. The loops
// run a fixed number of times. What is left are shifts, AND and XOR of single
// bytes, which take the same time whatever the bytes on every processor that Go
// runs on; the compiler does not turn masks of this shape into branches.

// multiply is a·b.
func multiply(a, b byte) byte {
	var product byte
	for range 8 {
		product ^= a & -(b & 1) // add a where this bit of b is set
		a = a<<1 ^ 0x1b&-(a>>7) // a·x, reduced where it overflowed
		b >>= 1
	}
	return product
}

// invert is 1/a as a²⁵⁴, since a²⁵⁵ is 1 for all a but 0. The exponent is the same
// for every a, so the steps are too. Of 0, which has no inverse, it makes 0.
func invert(a byte) byte {
	power, inverse := a, byte(1)
	for range 7 { // 254 is 2 + 4 + … + 128
		power = multiply(power, power)
		inverse = multiply(inverse, power)
	}
	return inverse
}

// evaluate is the polynomial at x, by Horner's rule. The coefficients stand in
// ascending order of their powers.
func evaluate(coefficients []byte, x byte) byte {
	var y byte
	for i := len(coefficients) - 1; i >= 0; i-- {
		y = multiply(y, x) ^ coefficients[i]
	}
	return y
}

// weights are what each share's bytes are multiplied with to give the polynomials
// at 0, by Lagrange: w_i = ∏ x_j / (x_j − x_i) over the others. They depend on the
// positions alone, which are no secret.
func weights(xs []byte) []byte {
	out := make([]byte, len(xs))
	for i, xi := range xs {
		over, under := byte(1), byte(1)
		for j, xj := range xs {
			if j != i {
				over, under = multiply(over, xj), multiply(under, xj^xi)
			}
		}
		out[i] = multiply(over, invert(under))
	}
	return out
}
