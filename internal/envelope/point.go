package envelope

import (
	"encoding/hex"
	"errors"
)

// checkPoint refuses X25519 points of low order, in each of their encodings.
// With those the shared secret is the same for everybody, which would leave a
// classic file key open to all and rob a hybrid one of its classic half.
//
// The curve and its twist have five u-coordinates of order 1, 2, 4 and 8. Field
// elements are read modulo p = 2^255 - 19 with the top bit ignored (RFC 7748,
// section 5), so 0 and 1 have a second encoding each and all have a twin with
// the top bit set. A list costs nothing beside the multiplication that would
// find out the same; a test holds the two against each other.
func checkPoint(point []byte) error {
	masked := [pointSize]byte(point)
	masked[pointSize-1] &= 0x7f
	switch hex.EncodeToString(masked[:]) {
	case "0000000000000000000000000000000000000000000000000000000000000000", // 0
		"0100000000000000000000000000000000000000000000000000000000000000", // 1
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800", // of order 8
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157", // of order 8
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p - 1
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p, that is 0
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f": // p + 1, that is 1
		return errors.New("the X25519 share is a point of low order")
	}
	return nil
}
