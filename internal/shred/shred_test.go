package shred_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

const testimony = id.ID("aaaaaaaaaaaaaaaaaaaaaaaaaa")

// A key that was destroyed is gone, and what it sealed with it.
func TestDestroyingTheKeyIsTheEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		keys := shred.Keys{Rand: rand.Reader}
		var sealed []byte
		run(t, db, func(ctx context.Context, tx store.Tx) error {
			k, err := keys.Create(ctx, tx, testimony)
			if err == nil {
				sealed, err = k.Seal("card", []byte("text"))
			}
			return err
		})
		run(t, db, func(ctx context.Context, tx store.Tx) error {
			k, err := keys.Load(ctx, tx, testimony)
			if err != nil {
				return err
			}
			if plain, err := k.Open("card", sealed); err != nil || string(plain) != "text" {
				t.Errorf("opened %q, %v", plain, err)
			}
			return keys.Destroy(ctx, tx, testimony)
		})
		err := db.View(t.Context(), func(ctx context.Context, tx store.Tx) error {
			_, err := keys.Load(ctx, tx, testimony)
			return err
		})
		if !errors.Is(err, shred.ErrShredded) {
			t.Errorf("load after destroying: %v, want ErrShredded", err)
		}
		err = db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return keys.Destroy(ctx, tx, testimony) })
		if !errors.Is(err, shred.ErrShredded) {
			t.Errorf("destroying twice: %v, want ErrShredded", err)
		}
	})
}

func run(t *testing.T, db *store.DB, f store.Work) {
	t.Helper()
	if err := db.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func key(t *testing.T, fill byte) *shred.Key {
	t.Helper()
	k, err := shred.Keys{Rand: rand.Reader}.Of(bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A sealed value opens in its own place, unaltered, under its own key, only.
func TestASealedValueOpensInItsPlaceOnly(t *testing.T) {
	k := key(t, 1)
	sealed, err := k.Seal("part 1", []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	again, _ := k.Seal("part 1", []byte("text"))
	if bytes.Equal(sealed, again) {
		t.Error("the same text sealed twice is the same")
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for name, c := range map[string]struct {
		key    *shred.Key
		label  string
		sealed []byte
	}{
		"moved":       {k, "part 2", sealed},
		"altered":     {k, "part 1", flipped},
		"cut":         {k, "part 1", sealed[:len(sealed)-1]},
		"nonce only":  {k, "part 1", sealed[:24]},
		"nothing":     {k, "part 1", nil},
		"another key": {key(t, 2), "part 1", sealed},
	} {
		if _, err := c.key.Open(c.label, c.sealed); !errors.Is(err, shred.ErrSealed) {
			t.Errorf("%s: %v, want ErrSealed", name, err)
		}
	}
	if plain, err := k.Open("part 1", sealed); err != nil || string(plain) != "text" {
		t.Errorf("in place: %q, %v", plain, err)
	}
}

// Names are equal for equal text under one key and label, and differ otherwise.
func TestNamesAreKeyed(t *testing.T) {
	a := key(t, 1).Name("x", "text")
	if !bytes.Equal(a, key(t, 1).Name("x", "text")) {
		t.Error("the same name differs")
	}
	for _, b := range [][]byte{key(t, 2).Name("x", "text"), key(t, 1).Name("y", "text"), key(t, 1).Name("x", "other")} {
		if bytes.Equal(a, b) {
			t.Error("different names are equal")
		}
	}
}

func FuzzOpen(f *testing.F) {
	// Each worker is a process of its own, and must seal the same.
	k, err := shred.Keys{Rand: bytes.NewReader(make([]byte, 64))}.Of(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := k.Seal("x", []byte("text"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Fuzz(func(t *testing.T, b []byte) {
		if plain, err := k.Open("x", b); err == nil && !bytes.Equal(b, sealed) {
			t.Fatalf("forged %q", plain)
		}
	})
}
