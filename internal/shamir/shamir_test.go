package shamir_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"testing"

	"pgregory.net/rapid"

	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/shamir"
)

func split(t testing.TB, plain []byte, n, k int) []secret.Bytes {
	t.Helper()
	shares, err := shamir.Split(rand.Reader, secret.Copy(plain), n, k)
	if err != nil {
		t.Fatal(err)
	}
	return shares
}

// Any k or more shares, in any order, give the secret back; each is one byte
// longer than the secret and stands at a position of its own.
func TestAnyKSharesGiveTheSecretBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(rt, "secret")
		n := rapid.IntRange(2, 40).Draw(rt, "n")
		k := rapid.IntRange(2, n).Draw(rt, "k")
		shares := split(t, plain, n, k)
		seen := map[byte]bool{}
		for _, s := range shares {
			b := s.Reveal()
			if len(b) != len(plain)+1 || b[len(plain)] == 0 || seen[b[len(plain)]] {
				rt.Fatalf("share of %d bytes at %d", len(b), b[len(b)-1])
			}
			seen[b[len(plain)]] = true
		}
		some := rapid.Permutation(shares).Draw(rt, "order")[:rapid.IntRange(k, n).Draw(rt, "used")]
		got, err := shamir.Combine(some)
		if err != nil || !bytes.Equal(got.Reveal(), plain) {
			rt.Fatalf("%d of %d shares: %v", len(some), n, err)
		}
	})
}

// All 255 shares there can be still belong together.
func TestTheMostSharesThereCanBe(t *testing.T) {
	shares := split(t, []byte("heard"), 255, 255)
	if got, err := shamir.Combine(shares); err != nil || string(got.Reveal()) != "heard" {
		t.Errorf("255 of 255: %v", err)
	}
}

// Fewer than k shares say nothing: whatever k − 1 of them are, for every value
// that the secret byte could have there is exactly one share at any further
// position that gives it.
func TestFewerThanKSharesFitEverySecret(t *testing.T) {
	for k := 2; k <= 5; k++ {
		held := split(t, []byte{0x5a}, k+1, k)
		for other := byte(1); other != 0; other++ {
			if stands(held[:k-1], other) {
				continue
			}
			var fits [256]int
			for y := range 256 {
				got, err := shamir.Combine(append(held[:k-1:k-1], secret.Of([]byte{byte(y), other})))
				if err != nil {
					t.Fatal(err)
				}
				fits[got.Reveal()[0]]++
			}
			for s, n := range fits {
				if n != 1 {
					t.Fatalf("k = %d: %d shares at %d are consistent with the secret %#x, want 1", k, n, other, s)
				}
			}
		}
	}
}

func stands(shares []secret.Bytes, x byte) bool {
	for _, s := range shares {
		if s.Reveal()[s.Len()-1] == x {
			return true
		}
	}
	return false
}

// With a threshold of two and every coefficient there is, one share of any secret
// takes each value once: the distribution does not depend on the secret.
func TestOneShareIsDistributedAlikeForEverySecret(t *testing.T) {
	const position = 7
	for _, plain := range []byte{0, 1, 0xff} {
		var seen [256]bool
		for c := range 256 {
			shares, err := shamir.Split(bytes.NewReader([]byte{position, 9, byte(c)}), secret.Of([]byte{plain}), 2, 2)
			if err != nil {
				t.Fatal(err)
			}
			y := shares[0].Reveal()[0]
			if seen[y] {
				t.Fatalf("secret %#x: the share %#x comes twice", plain, y)
			}
			seen[y] = true
		}
	}
}

// A share that was altered, or too few of them, gives another secret: the caller
// is told to check.
func TestAFalseShareGivesAnotherSecret(t *testing.T) {
	plain := []byte("0123456789abcdef0123456789abcdef")
	shares := split(t, plain, 5, 3)
	for name, some := range map[string][]secret.Bytes{
		"altered": {shares[0], shares[1], altered(shares[2])},
		"too few": shares[:2],
	} {
		if got, err := shamir.Combine(some); err != nil || bytes.Equal(got.Reveal(), plain) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func altered(s secret.Bytes) secret.Bytes {
	c := secret.Copy(s.Reveal())
	c.Reveal()[0] ^= 1
	return c
}

// Shares that cannot be of one secret are refused, and so is a share at the place
// of the secret itself.
func TestSharesThatDoNotBelongTogetherAreRefused(t *testing.T) {
	of := func(list ...string) []secret.Bytes {
		var out []secret.Bytes
		for _, b := range list {
			out = append(out, secret.Of([]byte(b)))
		}
		return out
	}
	many := make([]secret.Bytes, 256)
	for i := range many {
		many[i] = secret.Of([]byte{1, byte(i)})
	}
	for name, shares := range map[string][]secret.Bytes{
		"none": nil, "one": of("a\x01"), "position twice": of("a\x01", "b\x01"), "position 0": of("a\x00", "b\x01"),
		"lengths": of("ab\x01", "b\x02"), "empty": of("\x01", "\x02"), "nothing": of("", ""), "too many": many,
	} {
		if _, err := shamir.Combine(shares); !errors.Is(err, shamir.ErrShares) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What cannot be shared is refused, and so is a random source that ends.
func TestSplitRefusesWhatCannotBeShared(t *testing.T) {
	for name, c := range map[string]struct {
		plain string
		n, k  int
		rand  io.Reader
	}{
		"no secret": {"", 3, 2, rand.Reader}, "one share": {"s", 1, 1, rand.Reader}, "threshold of one": {"s", 3, 1, rand.Reader},
		"threshold above n": {"s", 3, 4, rand.Reader}, "256 shares": {"s", 256, 2, rand.Reader},
		"no randomness": {"s", 3, 2, bytes.NewReader(nil)}, "little randomness": {"s", 3, 2, bytes.NewReader([]byte{1, 2, 3})},
	} {
		if _, err := shamir.Split(c.rand, secret.Of([]byte(c.plain)), c.n, c.k); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// The field is the one of the polynomial 0x11b: every product agrees with long
// multiplication and reduction, and every element but 0 has its inverse.
func TestTheFieldIsTheOneOfAES(t *testing.T) {
	for a := range 256 {
		for b := range 256 {
			if got, want := shamir.Multiply(byte(a), byte(b)), long(a, b); got != want {
				t.Fatalf("%#x · %#x is %#x, want %#x", a, b, got, want)
			}
		}
		if a > 0 && shamir.Multiply(byte(a), shamir.Invert(byte(a))) != 1 {
			t.Errorf("%#x has no inverse", a)
		}
	}
}

func long(a, b int) byte {
	product := 0
	for i := range 8 {
		if b>>i&1 == 1 {
			product ^= a << i
		}
	}
	for i := 15; i >= 8; i-- {
		if product>>i&1 == 1 {
			product ^= 0x11b << (i - 8)
		}
	}
	return byte(product)
}

// Combine answers every list of texts with a secret or ErrShares, and what it
// gives does not depend on the order.
func FuzzCombine(f *testing.F) {
	f.Add([]byte("ab\x01"), []byte("cd\x02"), []byte("ef\x03"))
	f.Add([]byte("a\x01"), []byte("a\x01"), []byte(""))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		forth, err := shamir.Combine([]secret.Bytes{secret.Copy(a), secret.Copy(b), secret.Copy(c)})
		back, errBack := shamir.Combine([]secret.Bytes{secret.Copy(c), secret.Copy(b), secret.Copy(a)})
		if errors.Is(err, shamir.ErrShares) != (err != nil) || (err == nil) != (errBack == nil) || !forth.Equal(back) {
			t.Errorf("%v, %v", err, errBack)
		}
	})
}

// Splitting and combining is the identity, for whatever secret and numbers.
func FuzzSplit(f *testing.F) {
	f.Add([]byte("secret"), byte(3), byte(2))
	f.Fuzz(func(t *testing.T, plain []byte, n, k byte) {
		shares, err := shamir.Split(rand.Reader, secret.Copy(plain), int(n), int(k))
		if err != nil {
			return
		}
		if got, err := shamir.Combine(shares[:k]); err != nil || !bytes.Equal(got.Reveal(), plain) {
			t.Errorf("%d of %d: %v", k, n, err)
		}
	})
}
