package envelope_test

import (
	"bytes"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/relatingfield/vault/internal/envelope"
)

// Each allowed kind of header has one length, is told apart, and gives the key
// back to its owner and to nobody else.
func TestAComposedHeaderOpensForItsRecipientOnly(t *testing.T) {
	key, pq, old := newKey(t), hybrid(t), classic(t)
	for _, c := range []struct {
		name string
		to   age.Recipient
		id   age.Identity
		size int
		pq   bool
	}{
		{"hybrid", pq.Recipient(), pq, envelope.HybridHeaderSize, true},
		{"X25519", old.Recipient(), old, envelope.X25519HeaderSize, false},
	} {
		header := compose(t, key, c.to)
		info, err := envelope.ParseHeader(header)
		if err != nil || info.PQ != c.pq || len(header) != c.size {
			t.Errorf("%s: %d bytes, %+v, %v", c.name, len(header), info, err)
		}
		if got, err := envelope.OpenHeader(header, c.id); err != nil || !got.Equal(key) {
			t.Errorf("%s: did not give the key back, %v", c.name, err)
		}
		_, err = envelope.OpenHeader(header, hybrid(t), classic(t))
		if noMatch := (*age.NoIdentityMatchError)(nil); !errors.As(err, &noMatch) {
			t.Errorf("%s: a stranger got %v, want a NoIdentityMatchError", c.name, err)
		}
	}
}

// What we compose has the shape that age.Encrypt gives a header, and stock age
// accepts the MAC (DecryptHeader checks it).
func TestAComposedHeaderIsWhatAgeWrites(t *testing.T) {
	for _, to := range []age.Recipient{hybrid(t).Recipient(), classic(t).Recipient()} {
		var file bytes.Buffer
		if _, err := age.Encrypt(&file, to); err != nil {
			t.Fatal(err)
		}
		theirs, err := age.ExtractHeader(&file)
		if err != nil {
			t.Fatal(err)
		}
		ours := compose(t, newKey(t), to)
		if shape(ours) != shape(theirs) {
			t.Errorf("ours is\n%s\ntheirs is\n%s", shape(ours), shape(theirs))
		}
		if _, err := envelope.ParseHeader(theirs); err != nil {
			t.Errorf("age's own header: %v", err)
		}
	}
}

// shape keeps the words of a header and the lengths of what is random.
func shape(header []byte) string {
	words := strings.FieldsFunc(string(header), func(r rune) bool { return r == ' ' || r == '\n' })
	for i, w := range words {
		if len(w) >= 43 {
			words[i] = strings.Repeat("x", len(w))
		}
	}
	return strings.Join(words, " ")
}

// One header, one spelling, one recipient: all that could carry a second
// meaning is refused without any key.
func TestParseHeaderRefusesAllButOneSpelling(t *testing.T) {
	good := string(compose(t, newKey(t), classic(t).Recipient()))
	pq := string(compose(t, newKey(t), hybrid(t).Recipient()))
	lines := strings.SplitAfter(good, "\n")
	args := strings.Fields(lines[1])
	stanza := lines[1] + lines[2]
	spare := func(s string) string { // sets an unused bit of the last base64 character
		return s[:42] + string(s[42]+1) + s[43:]
	}
	for name, b := range map[string]string{
		"empty":               "",
		"payload follows":     good + "x",
		"newline follows":     good + "\n",
		"no closing newline":  strings.TrimSuffix(good, "\n"),
		"carriage returns":    strings.ReplaceAll(good, "\n", "\r\n"),
		"one in the MAC":      strings.Replace(good, "--- ", "--- \r", 1),
		"other version":       strings.Replace(good, "/v1", "/v2", 1),
		"two stanzas":         lines[0] + stanza + stanza + lines[3],
		"mixed stanzas":       lines[0] + stanza + strings.Join(strings.SplitAfter(pq, "\n")[1:], ""),
		"no stanza":           lines[0] + lines[3],
		"unknown type":        strings.Replace(good, "X25519", "x25519", 1),
		"scrypt":              strings.Replace(good, "X25519", "scrypt", 1),
		"two arguments":       strings.Replace(good, lines[1], "-> X25519 "+args[2]+" a\n", 1),
		"two spaces":          strings.Replace(good, "-> ", "->  ", 1),
		"share of hybrid":     strings.Replace(pq, "mlkem768x25519", "X25519", 1),
		"share too short":     strings.Replace(good, args[2], args[2][:42], 1),
		"padding":             strings.Replace(good, args[2], args[2]+"=", 1),
		"long body":           strings.Replace(good, lines[2], strings.TrimSpace(lines[2])+"AAAA\n", 1),
		"empty body line":     strings.Replace(good, lines[2], lines[2]+"\n", 1),
		"spare bit in MAC":    strings.Replace(good, lines[3], "--- "+spare(lines[3][4:]), 1),
		"spare bit in body":   strings.Replace(good, lines[2], spare(lines[2]), 1),
		"commitment":          "age-encryption.org/v1\n-> testimony-vault/v1/commit " + args[2] + "\n\n" + lines[3],
		"longer than allowed": good + strings.Repeat("x", envelope.MaxHeader),
	} {
		if _, err := envelope.ParseHeader([]byte(b)); !errors.Is(err, envelope.ErrHeader) {
			t.Errorf("%s: got %v, want ErrHeader", name, err)
		}
	}
}

// Points of low order, for which the multiplication of the standard library
// gives zero, are refused as the share of a classic and of a hybrid stanza, and
// no others are. Tried are all encodings around 0 and p, the two of order 8 with
// their neighbours, each with the top bit both ways.
func TestLowOrderSharesAreRefused(t *testing.T) {
	old := compose(t, newKey(t), classic(t).Recipient())
	pq := compose(t, newKey(t), hybrid(t).Recipient())
	refused := 0
	for _, point := range suspects(t) {
		low := isLowOrder(t, point)
		for _, header := range [][]byte{old, pq} {
			_, err := envelope.ParseHeader(withPoint(header, point))
			if got := errors.Is(err, envelope.ErrHeader); got != low {
				t.Errorf("%x: low order is %v, ParseHeader says %v", point, low, err)
			}
		}
		if low {
			refused++
		}
	}
	if refused != 14 {
		t.Errorf("%d encodings are of low order, want 14", refused)
	}
}

func suspects(t *testing.T) (points [][]byte) {
	t.Helper()
	for _, s := range []string{
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"00", "80ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		base, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		base = append(base, make([]byte, 32-len(base))...)
		for low := range 128 {
			p := bytes.Clone(base)
			p[0] ^= byte(low)
			top := bytes.Clone(p)
			top[31] ^= 0x80
			points = append(points, p, top)
		}
	}
	return points
}

func isLowOrder(t *testing.T, point []byte) bool {
	t.Helper()
	scalar, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	public, err := ecdh.X25519().NewPublicKey(point)
	if err != nil {
		t.Fatal(err)
	}
	_, err = scalar.ECDH(public)
	return err != nil
}

// withPoint puts another X25519 point at the end of the share.
func withPoint(header, point []byte) []byte {
	lines := strings.Split(string(header), "\n")
	args := strings.Fields(lines[1])
	share, _ := base64.RawStdEncoding.DecodeString(args[2])
	share = append(share[:len(share)-32], point...)
	args[2] = base64.RawStdEncoding.EncodeToString(share)
	lines[1] = strings.Join(args, " ")
	return []byte(strings.Join(lines, "\n"))
}

// The recipients we wrap to are the two kinds of native key and nothing else.
func TestOnlyNativeRecipientsAreWrappedTo(t *testing.T) {
	passphrase, err := age.NewScryptRecipient("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []age.Recipient{passphrase, nil, wrapper{hybrid(t).Recipient()}} {
		if _, err := envelope.ComposeHeader(newKey(t), to); !errors.Is(err, envelope.ErrRecipient) {
			t.Errorf("%T: got %v, want ErrRecipient", to, err)
		}
	}
}

type wrapper struct{ age.Recipient }

// A header that is not ours is not even tried: no passphrase, no second stanza.
func TestOpenHeaderTriesNoForeignStanza(t *testing.T) {
	id := hybrid(t)
	var file bytes.Buffer
	if _, err := age.Encrypt(&file, id.Recipient(), hybrid(t).Recipient()); err != nil {
		t.Fatal(err)
	}
	header, err := age.ExtractHeader(&file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := envelope.OpenHeader(header, id); !errors.Is(err, envelope.ErrHeader) {
		t.Fatalf("got %v, want ErrHeader", err)
	}
}

// A header whose MAC was made with another key is refused although its key
// unwraps.
func TestAHeaderWithAForgedMACIsRefused(t *testing.T) {
	id := hybrid(t)
	a, b := compose(t, newKey(t), id.Recipient()), compose(t, newKey(t), id.Recipient())
	at := bytes.Index(a, []byte("\n--- "))
	forged := append(bytes.Clone(a[:at]), b[at:]...)
	if _, err := envelope.ParseHeader(forged); err != nil {
		t.Fatalf("a MAC cannot be checked without key: %v", err)
	}
	if _, err := envelope.OpenHeader(forged, id); err == nil {
		t.Fatal("a forged MAC was accepted")
	}
}

func FuzzAParsedHeaderIsCanonicalForAgeToo(f *testing.F) {
	key := newKey(f)
	f.Add(compose(f, key, classic(f).Recipient()))
	f.Add(compose(f, key, hybrid(f).Recipient()))
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := envelope.ParseHeader(b)
		if err != nil {
			return
		}
		theirs, err := age.ExtractHeader(bytes.NewReader(b))
		if err != nil || !bytes.Equal(theirs, b) {
			t.Fatalf("accepted %q, age reads %q, %v", b, theirs, err)
		}
		size := map[bool]int{true: envelope.HybridHeaderSize, false: envelope.X25519HeaderSize}[info.PQ]
		if len(b) != size {
			t.Fatalf("%+v with %d bytes", info, len(b))
		}
	})
}
