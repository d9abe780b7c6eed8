package statement

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/id"
)

// What can be wrong with a chain. A client shows each in its own words, because
// each means something else about the server.
var (
	ErrBroken  = errors.New("the chain of statements is broken: one is missing, altered, repeated or out of order")
	ErrForeign = errors.New("the chain holds a statement of another account or another vault")
	ErrHole    = errors.New("a statement is withheld although its testimony was not erased")
	ErrTailCut = errors.New("the chain is shorter than it was: the newest statements are missing")
	ErrForked  = errors.New("the chain is not the one that was kept: its history was replaced")
)

// Head is the end of a chain; the zero value is the head of an empty one.
type Head struct {
	Seq  int64
	Hash [sha256.Size]byte
}

func (h Head) prev() string {
	if h.Seq == 0 {
		return ""
	}
	return b64(h.Hash[:])
}

// Follows says whether s is the next statement after h.
func (h Head) Follows(s *Statement) bool {
	return s.Seq == h.Seq+1 && b64(s.Prev) == h.prev()
}

// Entry is one place of a chain as a server tells it. Compact is empty where the
// statement's testimony has been erased; Testimony is then the server's word for
// which one, checked against what she signed when she erased it.
type Entry struct {
	Seq       int64
	Hash      [sha256.Size]byte
	Compact   string
	Testimony id.ID
}

// Chain is a verified chain: whole, in order, of one account and one vault.
// That nothing follows its head is more than a chain can show; compare a head
// that was kept (Holds).
type Chain struct {
	Account    id.Thumbprint   // the thumbprint of its first key
	Keys       []id.Thumbprint // all it had, in order; the last one signs what follows
	Vault      string
	Statements []*Statement // in order, without the erased ones
	Head       Head
	hashes     [][sha256.Size]byte
}

// NewChain is the chain of an account that has said nothing yet.
func NewChain(account id.Thumbprint, vault string) *Chain {
	return &Chain{Account: account, Keys: []id.Thumbprint{account}, Vault: vault}
}

// Key is the one that signs what follows.
func (c *Chain) Key() id.Thumbprint { return c.Keys[len(c.Keys)-1] }

// VerifyChainOf checks the chain that a key goes on with. Whose it is, is for the
// chain to say: each hand-over from the first key on is signed by the key before
// and proved by the key after, so nobody can put a key at the end of a chain that
// its holder did not want to take over. With ErrOtherKey comes the chain as it is.
func VerifyChainOf(key id.Thumbprint, vault string, entries []Entry, erased ...string) (*Chain, error) {
	account := key
	if len(entries) > 0 {
		s, err := Parse(entries[0].Compact)
		if err != nil {
			return nil, fmt.Errorf("statement 1: %w", err)
		}
		account = s.Issuer
	}
	c, err := verifyChain(account, key, vault, entries, erased)
	if err != nil {
		return nil, err
	}
	if c.Key() != key {
		return c, ErrOtherKey
	}
	return c, nil
}

// VerifyChain checks every entry from the first. It trusts nothing but the
// account and vault it is given. erased are erase statements of hers that a restore
// of the vault has deprived of their place; each explains the holes of its
// testimony. They cannot say which of them: what followed in the chain is lost.
func VerifyChain(account id.Thumbprint, vault string, entries []Entry, erased ...string) (*Chain, error) {
	return verifyChain(account, account, vault, entries, erased)
}

// verifyChain believes key beside those of the chain: a restore may have lost the
// statement by which it took over.
func verifyChain(account, key id.Thumbprint, vault string, entries []Entry, erased []string) (*Chain, error) {
	v := verifier{chain: NewChain(account, vault), about: map[id.ID][][sha256.Size]byte{}, holes: map[id.ID]int64{}}
	for _, e := range entries {
		if _, err := v.take(e); err != nil {
			return nil, fmt.Errorf("statement %d: %w", v.chain.Head.Seq+1, err)
		}
	}
	if err := v.end(key, erased); err != nil {
		return nil, err
	}
	return v.chain, nil
}

// verifier remembers which hashes concern which testimony, and which testimonies
// have holes that no erase statement has explained yet.
type verifier struct {
	chain *Chain
	lean  bool // the chain keeps its head only
	about map[id.ID][][sha256.Size]byte
	holes map[id.ID]int64
}

// end makes sure that every hole has been explained.
func (v *verifier) end(key id.Thumbprint, erased []string) error {
	for _, compact := range erased {
		if err := v.displaced(compact, key); err != nil {
			return fmt.Errorf("an erase statement without a place: %w", err)
		}
	}
	for testimony, seq := range v.holes {
		return fmt.Errorf("statement %d, testimony %s: %w", seq, testimony, ErrHole)
	}
	return nil
}

// take verifies the next entry and gives its statement, nil for a hole.
func (v *verifier) take(e Entry) (*Statement, error) {
	if e.Seq != v.chain.Head.Seq+1 {
		return nil, ErrBroken
	}
	if e.Compact == "" {
		return nil, v.hole(e)
	}
	s, err := Parse(e.Compact)
	if err != nil {
		return nil, err
	}
	if s.Hash() != e.Hash {
		return nil, ErrBroken
	}
	if err := v.chain.admit(s); err != nil {
		return nil, err
	}
	if err := v.explain(s); err != nil {
		return nil, err
	}
	if !v.lean {
		v.chain.Statements = append(v.chain.Statements, s)
	}
	v.push(e)
	return s, nil
}

// explain lets an erase statement account for the holes of its testimony: its
// signed hash covers every statement that named the testimony, so neither more
// nor others can be missing.
func (v *verifier) explain(s *Statement) error {
	t, ok := SubjectOf(s.Body)
	if !ok {
		return nil
	}
	if erase, ok := s.Body.(*Erase); ok {
		sum := ErasedHash(v.about[t])
		if b64(sum[:]) != erase.StatementsSHA256 {
			return ErrHole
		}
		delete(v.holes, t)
	}
	v.about[t] = append(v.about[t], s.Hash())
	return nil
}

// displaced lets an erase statement without a place account for holes. That is no
// weaker than what a server could always do to a client that kept no head: cut the
// chain off before the erase statement. Nobody can hide what she did not erase.
func (v *verifier) displaced(compact string, key id.Thumbprint) error {
	s, err := Parse(compact)
	if err != nil {
		return err
	}
	erase, ok := s.Body.(*Erase)
	hers := s.Issuer == key || slices.Contains(v.chain.Keys, s.Issuer)
	if !ok || !hers || s.Vault != v.chain.Vault {
		return ErrForeign
	}
	delete(v.holes, erase.Testimony)
	return nil
}

func (v *verifier) hole(e Entry) error {
	if e.Testimony == "" {
		return ErrHole
	}
	if _, known := v.holes[e.Testimony]; !known {
		v.holes[e.Testimony] = e.Seq
	}
	v.about[e.Testimony] = append(v.about[e.Testimony], e.Hash)
	v.push(e)
	return nil
}

func (v *verifier) push(e Entry) {
	v.chain.Head = Head{e.Seq, e.Hash}
	if !v.lean {
		v.chain.hashes = append(v.chain.hashes, e.Hash)
	}
}

// Holds checks the chain against a head that was kept from an earlier day.
func (c *Chain) Holds(kept Head) error {
	if kept.Seq == 0 {
		return nil
	}
	if kept.Seq > c.Head.Seq {
		return ErrTailCut
	}
	if c.hashes[kept.Seq-1] != kept.Hash {
		return ErrForked
	}
	return nil
}

// Append verifies one more statement of the account and moves the head.
func (c *Chain) Append(s *Statement) error {
	if err := c.admit(s); err != nil {
		return err
	}
	c.Statements = append(c.Statements, s)
	c.Head = Head{s.Seq, s.Hash()}
	c.hashes = append(c.hashes, s.Hash())
	return nil
}

// admit checks that s is the next statement, by the key whose turn it is, and
// hands the chain over where s says so.
func (c *Chain) admit(s *Statement) error {
	if s.Issuer != c.Key() || s.Vault != c.Vault {
		return ErrForeign
	}
	if !c.Head.Follows(s) {
		return ErrBroken
	}
	next, err := s.Successor(c.Account)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForeign, err)
	}
	if next == c.Key() {
		return nil
	}
	if slices.Contains(c.Keys, next) {
		return fmt.Errorf("%w: %w", ErrForeign, errSuccession)
	}
	c.Keys = append(slices.Clone(c.Keys), next)
	return nil
}

// About lists the hashes of the statements that name a testimony and are still
// to be read, in chain order: what ErasedHash takes.
func (c *Chain) About(testimony id.ID) [][sha256.Size]byte {
	var out [][sha256.Size]byte
	for _, s := range c.Statements {
		if t, ok := SubjectOf(s.Body); ok && t == testimony {
			out = append(out, s.Hash())
		}
	}
	return out
}

// ErasedHash is the SHA-256 over 32-byte statement hashes in chain order.
func ErasedHash(hashes [][sha256.Size]byte) [sha256.Size]byte {
	h := sha256.New()
	for _, s := range hashes {
		h.Write(s[:])
	}
	return [sha256.Size]byte(h.Sum(nil))
}
