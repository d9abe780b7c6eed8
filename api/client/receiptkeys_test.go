package client_test

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/serverkeys"
)

// keysOf makes keys of receipts, the oldest first, and a vault that names them.
func keysOf(n int) (keys []ed25519.PrivateKey, v *api.Vault) {
	v = new(api.Vault)
	for i := range n {
		k := ed25519.NewKeyFromSeed(append(make([]byte, 31), byte(i)))
		if i > 0 {
			v.ReceiptChain = append(v.ReceiptChain, link(keys[i-1], k, int64(i)*1000))
		}
		keys = append(keys, k)
		v.ReceiptKeys = append([]api.Bytes{public(k)}, v.ReceiptKeys...)
	}
	slices.Reverse(v.ReceiptChain)
	return keys, v
}

func public(k ed25519.PrivateKey) api.Bytes { return api.Bytes(k.Public().(ed25519.PublicKey)) }

func link(before, key ed25519.PrivateKey, from int64) api.ReceiptLink {
	text := serverkeys.ReceiptKeyText(ed25519.PublicKey(public(before)), ed25519.PublicKey(public(key)), from)
	return api.ReceiptLink{Key: public(key), From: time.Unix(from, 0).Unix(), Before: public(before), Signature: ed25519.Sign(before, text)}
}

// From a kept key a client believes those that follow from it, and no others.
func TestAKeptReceiptKeyLeadsToTheNewest(t *testing.T) {
	keys, v := keysOf(3)
	for i, k := range keys {
		got, err := client.FollowReceiptKeys(public(k), v)
		if err != nil || len(got) != 3-i || !slices.Equal(got[0], public(keys[2])) {
			t.Errorf("from key %d: %d keys, %v", i, len(got), err)
		}
	}
}

// A server that was replaced, or does not say what it should, is not believed.
func TestForgedChainsOfReceiptKeysAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(keys []ed25519.PrivateKey, v *api.Vault){
		"another vault's keys":     func(_ []ed25519.PrivateKey, v *api.Vault) { v.ReceiptKeys, v.ReceiptChain = v.ReceiptKeys[:1], nil },
		"a key that is not listed": func(keys []ed25519.PrivateKey, v *api.Vault) { v.ReceiptKeys = v.ReceiptKeys[2:] },
		"a circle": func(keys []ed25519.PrivateKey, v *api.Vault) {
			v.ReceiptChain = append(v.ReceiptChain, link(keys[2], keys[0], 1))
		},
	} {
		keys, v := keysOf(3)
		spoil(keys, v)
		if got, err := client.FollowReceiptKeys(public(keys[0]), v); !errors.Is(err, client.ErrReceiptKey) {
			t.Errorf("%s: %d keys, %v", name, len(got), err)
		}
	}
	keys, v := keysOf(2)
	v.ReceiptChain[0].Signature[3] ^= 1
	if got, err := client.FollowReceiptKeys(public(keys[0]), v); err != nil || len(got) != 1 {
		t.Errorf("a forged link: %d keys, %v", len(got), err)
	}
}
