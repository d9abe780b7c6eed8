package envelope_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"reflect"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/relatingfield/vault/internal/envelope"
)

func card() envelope.Card {
	return envelope.Card{
		Title: "ما حدث في آذار", Language: "ar",
		Labels:   []envelope.Label{{Part: 1, Text: "الرسالة"}, {Part: 3, Text: "صورة"}},
		Warnings: []string{"violence"},
	}
}

// A card opens for her as it was sealed, all cards are equally long, and the
// vault can check their shape without keys.
func TestACardOpensForItsOwnerAndLooksLikeAnyOther(t *testing.T) {
	pq, old := hybrid(t), classic(t)
	for _, c := range []struct {
		to   age.Recipient
		id   age.Identity
		size int
	}{{pq.Recipient(), pq, envelope.HybridHeaderSize + 1056}, {old.Recipient(), old, envelope.X25519HeaderSize + 1056}} {
		for _, content := range []envelope.Card{card(), {Labels: []envelope.Label{}, Warnings: []string{}}} {
			file, err := envelope.SealCard(content, c.to, rand.Reader)
			if err != nil || len(file) != c.size {
				t.Fatalf("%d bytes, %v", len(file), err)
			}
			info, err := envelope.CheckCard(file)
			if err != nil || info.PQ != (c.id == pq) {
				t.Errorf("check: %+v, %v", info, err)
			}
			if got, err := envelope.OpenCard(file, c.id); err != nil || !reflect.DeepEqual(got, content) {
				t.Errorf("opened as %+v, %v", got, err)
			}
			if _, err := envelope.OpenCard(file, hybrid(t)); err == nil {
				t.Error("a stranger opened it")
			}
		}
	}
}

// A card that does not fit says so, with the limit, before it is sealed.
func TestACardThatIsTooLongSaysTheLimit(t *testing.T) {
	c := card()
	c.Title = strings.Repeat("x", envelope.CardSize)
	_, err := envelope.SealCard(c, hybrid(t).Recipient(), rand.Reader)
	if !errors.Is(err, envelope.ErrCard) || !strings.Contains(err.Error(), "1023") {
		t.Fatalf("got %v, want ErrCard with the limit", err)
	}
	c.Title = ""
	empty, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	c.Title = strings.Repeat("x", envelope.CardSize-1-len(bytes.TrimRight(empty, " \n")))
	if full, err := c.Encode(); err != nil || len(full) != envelope.CardSize {
		t.Fatalf("the longest title: %d bytes, %v", len(full), err)
	}
	c.Title += "x"
	if _, err := c.Encode(); !errors.Is(err, envelope.ErrCard) {
		t.Fatalf("one byte more: %v", err)
	}
}

// What could be read in two ways is not a card.
func TestCardsHaveOneEncoding(t *testing.T) {
	good, err := card().Encode()
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, new string) []byte {
		b := bytes.Replace(good, []byte(old), []byte(new), 1)
		return append(bytes.TrimRight(b, " \n"), good[len(bytes.TrimRight(b, " \n")):]...)
	}
	for name, b := range map[string][]byte{
		"empty": nil, "short": good[:1023], "long": append(bytes.Clone(good), '\n'),
		"no newline":    append(bytes.Clone(good[:1023]), ' '),
		"newline early": bytes.Replace(good, []byte("  "), []byte("\n "), 1),
		"hidden word":   append(bytes.Clone(good[:1020]), "abc\n"...),
		"other case":    replace(`"title"`, `"Title"`),
		"null list":     replace(`["violence"]`, `null`),
		"order":         replace(`"n":1`, `"n":4`),
		"part zero":     replace(`"n":1`, `"n":0`),
		"unknown field": replace(`{"title"`, `{"x":1,"title"`),
	} {
		if _, err := envelope.ParseCard(b); !errors.Is(err, envelope.ErrCard) {
			t.Errorf("%s: got %v, want ErrCard", name, err)
		}
	}
	if _, err := envelope.ParseCard(good); err != nil {
		t.Errorf("the good one: %v", err)
	}
	for name, c := range map[string]envelope.Card{
		"line break": {Title: "a\nb"}, "two labels for one part": {Labels: []envelope.Label{{Part: 1}, {Part: 1}}},
	} {
		if _, err := c.Encode(); !errors.Is(err, envelope.ErrCard) {
			t.Errorf("%s: got %v, want ErrCard", name, err)
		}
	}
}

// Without keys: a wrong length or a foreign header is refused; a bent payload
// is refused when it is opened.
func TestCardsThatAreNotCardsAreRefused(t *testing.T) {
	id := hybrid(t)
	file, err := envelope.SealCard(card(), id.Recipient(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"empty": nil, "cut": file[:len(file)-1], "longer": append(bytes.Clone(file), 0), "no header": file[len(file)-1056:], "short": file[:100],
	} {
		if _, err := envelope.CheckCard(b); !errors.Is(err, envelope.ErrCard) {
			t.Errorf("%s: got %v, want ErrCard", name, err)
		}
		if _, err := envelope.OpenCard(b, id); !errors.Is(err, envelope.ErrCard) {
			t.Errorf("%s: opened, %v", name, err)
		}
	}
	file[len(file)-1] ^= 1
	if _, err := envelope.OpenCard(file, id); !errors.Is(err, envelope.ErrPayload) {
		t.Errorf("bent: got %v, want ErrPayload", err)
	}
	if _, err := envelope.SealCard(card(), id.Recipient(), strings.NewReader("few")); err == nil {
		t.Error("sealed without randomness")
	}
}

func FuzzACardHasOneEncoding(f *testing.F) {
	good, err := card().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := envelope.ParseCard(b)
		if err != nil {
			return
		}
		if again, err := c.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("accepted %q, writes %q, %v", b, again, err)
		}
	})
}
