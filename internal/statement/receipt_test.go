package statement_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/statement"
)

// A receipt verifies offline for its own statement and key, and nothing else;
// made twice it is the same.
func TestAReceiptProvesOneStatement(t *testing.T) {
	g := signer(t)
	tid := newID(t)
	list := chainOf(t, g, add(tid, 1), add(tid, 2))
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := statement.SignReceipt(key, list[1], statement.DayOf(day))
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := statement.SignReceipt(key, list[1], statement.DayOf(day)); again != r {
		t.Error("a repeated receipt differs")
	}
	if got, err := statement.CheckReceipt(r, pub, list[1]); err != nil || got.Seq != 2 || got.Day != statement.DayOf(day) {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := statement.CheckReceipt(r, pub, list[2]); !errors.Is(err, statement.ErrReceipt) {
		t.Errorf("another statement: %v", err)
	}
	if _, err := statement.CheckReceipt(r, list[1].Key(), list[1]); !errors.Is(err, statement.ErrReceipt) {
		t.Errorf("another key: %v", err)
	}
	if _, err := statement.CheckReceipt(list[1].Compact(), pub, list[1]); !errors.Is(err, statement.ErrReceipt) {
		t.Errorf("a statement as receipt: %v", err)
	}
	if _, err := statement.CheckReceipt(r[:len(r)-4]+"AAAA", pub, list[1]); !errors.Is(err, statement.ErrReceipt) {
		t.Errorf("a changed signature: %v", err)
	}
}

func FuzzCheckReceipt(f *testing.F) {
	g := signer(f)
	s := chainOf(f, g)[0]
	r, err := statement.SignReceipt(g.Key, s, statement.DayOf(day))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(r)
	f.Fuzz(func(t *testing.T, compact string) {
		if got, err := statement.CheckReceipt(compact, s.Key(), s); err == nil && (compact != r || got.Seq != 1) {
			t.Fatalf("accepted %q", compact)
		}
	})
}
