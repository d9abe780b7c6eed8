package vectors_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/serverkeys"
)

type receiptKeys struct {
	Case     string            `json:"case"`
	Kept     api.Bytes         `json:"kept"` // empty: none
	Keys     []api.Bytes       `json:"receipt_keys"`
	Chain    []api.ReceiptLink `json:"receipt_chain"`
	Believed []api.Bytes       `json:"believed"` // empty: refused
}

func receiptKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(append(make([]byte, ed25519.SeedSize-1), n))
}

func shown(n byte) api.Bytes { return api.Bytes(receiptKey(n).Public().(ed25519.PublicKey)) }

// linked is the word of the key before for the one after it, by whom.
func linked(by, before, key byte) api.ReceiptLink {
	const week = 7 * 86_400
	from := int64(1_800_000_000) + int64(key)*week
	text := serverkeys.ReceiptKeyText(ed25519.PublicKey(shown(before)), ed25519.PublicKey(shown(key)), from)
	return api.ReceiptLink{Key: shown(key), From: from, Before: shown(before), Signature: ed25519.Sign(receiptKey(by), text)}
}

func some(keys ...byte) (out []api.Bytes) {
	for _, k := range keys {
		out = append(out, shown(k))
	}
	return out
}

// receiptKeyCases are chains that a vault shows to people who kept a key, or none.
func receiptKeyCases() []receiptKeys {
	good := []api.ReceiptLink{linked(2, 2, 3), linked(1, 1, 2)}
	spoiled := linked(1, 1, 2)
	spoiled.Signature[3] ^= 1
	later := linked(1, 1, 2)
	later.From++
	far := linked(1, 1, 2)
	far.From = 1 << 52
	return []receiptKeys{
		{Case: "one key, none kept", Keys: some(1), Believed: some(1)},
		{Case: "three keys, none kept", Keys: some(3, 2, 1), Chain: good, Believed: some(3, 2, 1)},
		{Case: "three keys, the first kept", Kept: shown(1), Keys: some(3, 2, 1), Chain: good, Believed: some(3, 2, 1)},
		{Case: "three keys, the second kept", Kept: shown(2), Keys: some(3, 2, 1), Chain: good, Believed: some(3, 2)},
		{Case: "three keys, the last kept", Kept: shown(3), Keys: some(3, 2, 1), Chain: good, Believed: some(3)},
		{Case: "a key that is not in the chain, none kept", Keys: some(9, 2, 1), Chain: good[1:], Believed: some(9, 2, 1)},
		{Case: "a key that is not in the chain is not believed beside a kept one", Kept: shown(1), Keys: some(9, 2, 1), Chain: good[1:], Believed: some(2, 1)},
		{Case: "a chain that begins elsewhere than with the kept key", Kept: shown(9), Keys: some(3, 2, 1), Chain: good},
		{Case: "another vault's key in place of all", Kept: shown(1), Keys: some(9)},
		{Case: "a kept key that is none", Kept: shown(1)[:31], Keys: some(3, 2, 1), Chain: good},
		{Case: "a link signed by another key", Keys: some(2, 1), Chain: []api.ReceiptLink{linked(9, 1, 2)}},
		{Case: "a link whose signature is spoiled", Keys: some(2, 1), Chain: []api.ReceiptLink{spoiled}},
		{Case: "a link whose time was changed", Kept: shown(1), Keys: some(2, 1), Chain: []api.ReceiptLink{later}},
		{Case: "a link with a time that no calendar has", Keys: some(2, 1), Chain: []api.ReceiptLink{far}},
		{Case: "a link to a key that is not listed", Keys: some(1), Chain: good[1:]},
		{Case: "a link from a key that is not listed", Keys: some(2), Chain: good[1:]},
		{Case: "two keys after one", Keys: some(3, 2, 1), Chain: []api.ReceiptLink{linked(1, 1, 2), linked(1, 1, 3)}},
		{Case: "one key after two", Keys: some(3, 2, 1), Chain: []api.ReceiptLink{linked(1, 1, 3), linked(2, 2, 3)}},
		{Case: "a circle", Keys: some(2, 1), Chain: []api.ReceiptLink{linked(1, 1, 2), linked(2, 2, 1)}},
		{Case: "a circle beside a good chain", Kept: shown(1), Keys: some(5, 4, 2, 1), Chain: []api.ReceiptLink{linked(1, 1, 2), linked(4, 4, 5), linked(5, 5, 4)}},
		{Case: "a key after itself", Keys: some(1), Chain: []api.ReceiptLink{linked(1, 1, 1)}},
	}
}

// What the client believes of a vault's receipt keys is what receiptkeys.json says.
func TestReceiptKeysAreBelievedAsTheFileSays(t *testing.T) {
	cases := receiptKeyCases()
	for _, c := range cases {
		got, err := client.BelieveReceiptKeys(c.Kept, &api.Vault{ReceiptKeys: c.Keys, ReceiptChain: c.Chain})
		if (err != nil) != (len(c.Believed) == 0) || len(got) != len(c.Believed) {
			t.Errorf("%s: %d keys, %v", c.Case, len(got), err)
			continue
		}
		for i := range got {
			if string(got[i]) != string(c.Believed[i]) {
				t.Errorf("%s: key %d is another", c.Case, i)
			}
		}
	}
	file(t, "receiptkeys.json", cases)
}
