package statement

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/id"
)

// ErrOtherKey reports a chain that is whole and does not go on with the key it
// was asked for: the statement that handed it over is withheld, or it was handed
// over to yet another key.
var ErrOtherKey = errors.New("the chain does not go on with this key")

// errSuccession reports a rekey statement that hands nothing over.
var errSuccession = errors.New("the new key did not sign for taking over this chain, or was used in it before")

// NewKey is the thumbprint of the key that a rekey statement names.
func (r Rekey) NewKey() (id.Thumbprint, error) {
	key, err := Hash32(r.Key)
	if err != nil {
		return "", fmt.Errorf("rekey: key: %w", err)
	}
	return id.Of(ed25519.PublicKey(key[:])), nil
}

// Successor is the key that signs what follows s in the chain of account: the
// same as before, or the one that s hands over to. It is the only place where a
// chain changes hands, for servers and clients alike: the old key signed s, and
// here the new one is held to its proof.
func (s *Statement) Successor(account id.Thumbprint) (id.Thumbprint, error) {
	rekey, ok := s.Body.(*Rekey)
	if !ok {
		return s.Issuer, nil
	}
	next, err := rekey.NewKey()
	if err != nil {
		return "", err
	}
	if next == s.Issuer || next == account || !rekey.Proven(s.Vault, account, s.Prev) {
		return "", errSuccession
	}
	return next, nil
}

// Prove makes the body by which key takes over the chain of account behind head,
// with its proof. The key that is good until then signs the statement.
func Prove(key crypto.Signer, recipient, vault string, account id.Thumbprint, head Head) (Rekey, error) {
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return Rekey{}, errors.New("prove the new key: it is not an Ed25519 key")
	}
	r := Rekey{Key: b64(public), Recipient: recipient}
	proof, err := key.Sign(nil, RekeyText(vault, account, head.Hash[:], r.Key, recipient), crypto.Hash(0))
	if err != nil {
		return Rekey{}, fmt.Errorf("prove the new key: %w", err)
	}
	r.Proof = b64(proof)
	return r, nil
}

// Lineage is the keys that one account has had, in order. The zero Lineage is
// that of an account whose key never changed.
//
// A reader sees only single statements of somebody's chain. The lineage says
// whether two of them are of one person: each hand-over is signed by the key
// before and proved by the key after, from the first key on.
type Lineage struct {
	keys  []id.Thumbprint
	until []int64 // place of the last statement of each key but the newest
}

// ReadLineage verifies an account's rekey statements, all there are, in order.
func ReadLineage(vault string, rekeys []string) (*Lineage, error) {
	l := new(Lineage)
	for _, compact := range rekeys {
		s, err := Parse(compact)
		if err != nil {
			return nil, err
		}
		if err := l.take(vault, s); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *Lineage) take(vault string, s *Statement) error {
	if s.Act() != ActRekey || s.Vault != vault {
		return ErrForeign
	}
	if len(l.keys) == 0 {
		l.keys = []id.Thumbprint{s.Issuer}
	}
	if n := len(l.until); l.keys[len(l.keys)-1] != s.Issuer || n > 0 && s.Seq <= l.until[n-1] {
		return ErrForeign
	}
	next, err := s.Successor(l.keys[0])
	if err != nil || slices.Contains(l.keys, next) {
		return errors.Join(ErrForeign, err)
	}
	l.keys, l.until = append(l.keys, next), append(l.until, s.Seq)
	return nil
}

// Newest is the key that signs now, of the account whose first key is first.
func (l *Lineage) Newest(first id.Thumbprint) id.Thumbprint {
	if len(l.keys) == 0 || l.keys[0] != first {
		return first
	}
	return l.keys[len(l.keys)-1]
}

// Author is the account that signed s, if s stands where its key was good. A key
// that was given up says nothing any more, whoever has it.
func (l *Lineage) Author(s *Statement) (id.Thumbprint, error) {
	if len(l.keys) == 0 {
		return s.Issuer, nil
	}
	i := slices.Index(l.keys, s.Issuer)
	if i < 0 || i > 0 && s.Seq <= l.until[i-1] || i < len(l.until) && s.Seq > l.until[i] {
		return "", ErrForeign
	}
	return l.keys[0], nil
}

// Same says whether two statements are of one author.
func (l *Lineage) Same(a, b *Statement) bool {
	one, err := l.Author(a)
	other, errOther := l.Author(b)
	return err == nil && errOther == nil && one == other
}
