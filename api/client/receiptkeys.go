package client

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"github.com/relatingfield/vault/api"
)

// ErrReceiptKey reports a vault whose receipt keys do not follow from the one that was
// kept. A vault whose key was stolen says the same as a server that was replaced: ask
// the people who run it, on another way.
var ErrReceiptKey = errors.New("the vault's receipt keys do not follow from the one that was kept")

// FollowReceiptKeys gives the receipt keys of a vault that follow from the one that was
// kept, that one among them, the newest first: each was signed by the one before it.
// A key that is older than the kept one is not among them, for anybody can say that a
// key of his came before.
func FollowReceiptKeys(kept api.Bytes, v *api.Vault) ([]api.Bytes, error) {
	if len(kept) != ed25519.PublicKeySize || !listed(v, kept) {
		return nil, ErrReceiptKey
	}
	out, now := []api.Bytes{kept}, kept
	for range v.ReceiptChain { // no chain is longer than its links
		i := slices.IndexFunc(v.ReceiptChain, func(l api.ReceiptLink) bool { return bytes.Equal(l.Before, now) && vouchedLink(l) })
		if i < 0 {
			break
		}
		now = v.ReceiptChain[i].Key
		if !listed(v, now) || slices.ContainsFunc(out, func(o api.Bytes) bool { return bytes.Equal(o, now) }) {
			return nil, ErrReceiptKey
		}
		out = append(out, now)
	}
	slices.Reverse(out)
	return out, nil
}

// BelieveReceiptKeys gives the receipt keys of a vault that are to be believed: those
// that follow from the kept one, or all when none was kept. Either way every link must
// be good, and no key come before or after two others: what is shown has to hold
// together.
func BelieveReceiptKeys(kept api.Bytes, v *api.Vault) ([]api.Bytes, error) {
	before, after := map[string]bool{}, map[string]bool{}
	for _, l := range v.ReceiptChain {
		from, to := string(l.Before), string(l.Key)
		if before[from] || after[to] || !listed(v, l.Before) || !vouchedLink(l) {
			return nil, ErrReceiptKey
		}
		before[from], after[to] = true, true
	}
	reached := 0
	for _, k := range v.ReceiptKeys {
		if after[string(k)] {
			continue
		}
		run, err := FollowReceiptKeys(k, v)
		if err != nil {
			return nil, err
		}
		reached += len(run) - 1
	}
	if reached != len(v.ReceiptChain) { // the others go in a circle, or to a key that is not listed
		return nil, ErrReceiptKey
	}
	if len(kept) == 0 {
		return v.ReceiptKeys, nil
	}
	return FollowReceiptKeys(kept, v)
}

func listed(v *api.Vault, k api.Bytes) bool {
	return slices.ContainsFunc(v.ReceiptKeys, func(o api.Bytes) bool { return bytes.Equal(o, k) })
}

func vouchedLink(l api.ReceiptLink) bool {
	if len(l.Before) != ed25519.PublicKeySize || len(l.Key) != ed25519.PublicKeySize {
		return false
	}
	b64 := base64.RawURLEncoding.EncodeToString
	text := "testimony-vault/v1/receipt-key\n" + b64(l.Before) + "\n" + b64(l.Key) + "\n" + time.Unix(l.From, 0).UTC().Format(time.RFC3339) + "\n"
	return ed25519.Verify(ed25519.PublicKey(l.Before), []byte(text), l.Signature)
}
