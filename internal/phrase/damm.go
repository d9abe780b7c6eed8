package phrase

// damm runs Damm's algorithm over ASCII digits. Over a number it gives the
// check digit to append; over a number with its check digit it gives 0.
//
// The table is the totally anti-symmetric quasigroup of order 10 from Damm's
// thesis, p. 111: every wrong digit and every swap of two neighbours is found.
// Its diagonal is zero, which is why the check digit is the state itself, and
// row 0 keeps state 0 on digit 0, so leading zeros change nothing: the length
// is checked apart.
func damm(digits string) byte {
	table := [10][10]byte{
		{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
		{7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
		{4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
		{1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
		{6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
		{3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
		{5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
		{8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
		{9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
		{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
	}
	state := byte(0)
	for i := range len(digits) {
		state = table[state][digits[i]-'0']
	}
	return state
}
