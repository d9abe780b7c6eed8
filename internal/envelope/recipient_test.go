package envelope_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"filippo.io/hpke"
	"github.com/relatingfield/vault/internal/envelope"
)

// Both kinds of public key are read as age-keygen prints them.
func TestRecipientsAreReadAndToldApart(t *testing.T) {
	for _, c := range []struct {
		id interface{ String() string }
		s  string
		pq bool
	}{{s: hybrid(t).Recipient().String(), pq: true}, {s: classic(t).Recipient().String()}} {
		to, pq, err := envelope.ParseRecipient(c.s)
		if err != nil || pq != c.pq || fmt.Sprint(to) != c.s {
			t.Errorf("%.20s…: %v, pq %v, %v", c.s, to, pq, err)
		}
	}
}

// A recipient has one spelling, so its SHA-256 names it; what nothing can be
// wrapped to is refused when it is handed in. A secret key typed by mistake is
// not repeated in the error.
func TestRecipientsThatCannotBeUsedAreRefused(t *testing.T) {
	pq, old := hybrid(t), classic(t)
	for _, s := range []string{
		"", "age1", "age1pq1", "age1tag1abc", strings.ToUpper(old.Recipient().String()), strings.ToUpper(pq.Recipient().String()),
		" " + old.Recipient().String(), old.Recipient().String() + "\n", pq.Recipient().String()[:100],
		pq.String(), old.String(), strings.Repeat("a", 1<<20),
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN",
		bech32("age", make([]byte, 32)), bech32("age1pq", lowOrderHybrid(t)),
	} {
		to, _, err := envelope.ParseRecipient(s)
		if !errors.Is(err, envelope.ErrRecipient) || to != nil {
			t.Errorf("%.30q: got %v, want ErrRecipient", s, err)
		}
		if len(s) > 20 && err != nil && strings.Contains(err.Error(), s[10:20]) {
			t.Errorf("the error repeats what was typed: %v", err)
		}
	}
}

// lowOrderHybrid is a good ML-KEM key beside the X25519 point zero.
func lowOrderHybrid(t *testing.T) []byte {
	t.Helper()
	key, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	public := key.PublicKey().Bytes()
	clear(public[len(public)-32:])
	return public
}

// bech32 encodes as BIP 173 says, whatever the length.
func bech32(hrp string, data []byte) string {
	const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	values := fiveBits(data)
	var s strings.Builder
	s.WriteString(hrp + "1")
	for _, v := range append(values, bech32Checksum(hrp, values)...) {
		s.WriteByte(alphabet[v])
	}
	return s.String()
}

func fiveBits(data []byte) (values []byte) {
	acc, bits := 0, 0
	for _, b := range data {
		acc, bits = acc<<8|int(b), bits+8
		for ; bits >= 5; bits -= 5 {
			values = append(values, byte(acc>>(bits-5)&31))
		}
		acc &= 1<<bits - 1
	}
	if bits > 0 {
		values = append(values, byte(acc<<(5-bits)&31))
	}
	return values
}

func bech32Checksum(hrp string, values []byte) []byte {
	var all []byte
	for _, c := range []byte(hrp) {
		all = append(all, c>>5)
	}
	all = append(all, 0)
	for _, c := range []byte(hrp) {
		all = append(all, c&31)
	}
	sum := 1
	for _, v := range append(append(all, values...), make([]byte, 6)...) {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ int(v)
		for i, g := range []int{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			sum ^= top >> i & 1 * g
		}
	}
	sum ^= 1
	check := make([]byte, 6)
	for i := range check {
		check[i] = byte(sum >> (5 * (5 - i)) & 31)
	}
	return check
}

// The encoder of this test is right: what it makes of a good key is read.
func TestTheTestsOwnBech32IsRight(t *testing.T) {
	key, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, pq, err := envelope.ParseRecipient(bech32("age1pq", key.PublicKey().Bytes())); err != nil || !pq {
		t.Fatalf("pq %v, %v", pq, err)
	}
}
