package api_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/keyring"
	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/statement"
)

// story is one vault from its founding to an erasure. What is told becomes the
// examples of the contract.
type story struct {
	t        *testing.T
	rand     io.Reader
	now      time.Time
	vault    roster.VaultID
	receipts ed25519.PrivateKey

	names []string
	told  map[string]tale
}

// tale is one example.
type tale struct {
	summary string
	value   any
}

func newStory(t *testing.T) *story {
	seed := sha256.Sum256([]byte("examples of the contract"))
	return &story{
		t: t, rand: rand.NewChaCha8(seed), now: time.Date(2026, 11, 23, 14, 15, 16, 0, time.UTC),
		receipts: ed25519.NewKeyFromSeed(seed[:]), told: map[string]tale{},
	}
}

func (s *story) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *story) tell(name, summary string, value any) {
	s.t.Helper()
	if _, twice := s.told[name]; twice {
		s.t.Fatalf("%s is told twice", name)
	}
	s.names = append(s.names, name)
	s.told[name] = tale{summary, value}
}

func (s *story) day() int64 { return statement.DayOf(s.now) }

// person is somebody with words.
type person struct {
	*keyring.Keys
	story  *story
	signer *statement.Signer
	head   statement.Head
	said   []*statement.Statement
	key    *statement.Statement
}

// words are secrets that nobody should use.
func (s *story) words(hexadecimal string) phrase.Secret {
	b, err := hex.DecodeString(hexadecimal)
	s.must(err)
	p, err := phrase.FromBytes(secret.Of(b))
	s.must(err)
	return p
}

func (s *story) person(words string) *person {
	keys, err := keyring.Derive(s.words(words), s.vault)
	s.must(err)
	return s.with(keys)
}

func (s *story) steward(words string) *person {
	keys, err := keyring.DeriveSteward(s.words(words))
	s.must(err)
	return s.with(keys)
}

func (s *story) with(keys *keyring.Keys) *person {
	now := func() time.Time { return s.now }
	return &person{Keys: keys, story: s, signer: &statement.Signer{Key: keys, Rand: s.rand, Now: now}}
}

// says signs the next statement of the person's chain.
func (p *person) says(body statement.Body) *statement.Statement {
	p.story.t.Helper()
	p.signer.Vault = p.story.vault.String()
	st, head, err := p.signer.Sign(p.head, body)
	p.story.must(err)
	p.head, p.said = head, append(p.said, st)
	return st
}

// enters signs the key statement.
func (p *person) enters(role statement.Role) *statement.Statement {
	p.key = p.says(statement.Key{Role: role, Recipient: p.Recipient})
	return p.key
}

func (s *story) accepted(st *statement.Statement) api.Accepted {
	s.t.Helper()
	receipt, err := statement.SignReceipt(s.receipts, st, s.day())
	s.must(err)
	return api.Accepted{StatementSHA256: st.Hash(), Seq: st.Seq, Receipt: receipt}
}

func (s *story) id() id.ID {
	v, err := id.New(s.rand)
	s.must(err)
	return v
}

// lock is a part under its key.
type lock struct {
	key     envelope.FileKey
	nonce   [envelope.NonceSize]byte
	header  []byte
	payload []byte
	statement.Binding
}

// seal seals a text to its owner. A real part is a container of 16 KiB and more.
func (s *story) seal(owner *person, text string) *lock {
	s.t.Helper()
	var err error
	l := &lock{header: nil}
	l.key, err = envelope.NewFileKey(s.rand)
	s.must(err)
	l.nonce, err = envelope.NewNonce(s.rand)
	s.must(err)
	l.header = s.keyhole(l, owner)
	var out bytes.Buffer
	sealed, err := envelope.Seal(&out, bytes.NewReader([]byte(text)), l.key, l.nonce, 1)
	s.must(err)
	l.payload = out.Bytes()
	commit := envelope.Commit(l.key, sealed.SHA256)
	l.Binding = statement.Binding{Length: sealed.Size, PayloadSHA256: statement.B64(sealed.SHA256[:]),
		Commit: statement.B64(commit[:]), HeaderSHA256: api.HashOf(l.header).String()}
	return l
}

// keyhole makes a header of the part for somebody.
func (s *story) keyhole(l *lock, to *person) []byte {
	s.t.Helper()
	header, err := envelope.ComposeHeader(l.key, s.recipient(to))
	s.must(err)
	return header
}

func (s *story) recipient(of *person) age.Recipient {
	r, _, err := envelope.ParseRecipient(of.Recipient)
	s.must(err)
	return r
}

func (s *story) card(owner *person, title string) []byte {
	s.t.Helper()
	card, err := envelope.SealCard(envelope.Card{Title: title, Language: "en"}, s.recipient(owner), s.rand)
	s.must(err)
	return card
}

func (l *lock) add(t id.ID, n int64) statement.Add {
	return statement.Add{Testimony: t, N: n, Length: l.Length, PayloadSHA256: l.PayloadSHA256, Commit: l.Commit, HeaderSHA256: l.HeaderSHA256}
}

func (l *lock) begin(t id.ID, n int64) statement.Begin {
	return statement.Begin{Testimony: t, N: n, HeaderSHA256: l.HeaderSHA256, Nonce: statement.B64(l.nonce[:]), Length: l.Length}
}

// part is how the vault lists it.
func (s *story) part(l *lock, n int64, state api.PartState, received string) api.Part {
	s.t.Helper()
	return api.Part{N: n, State: state, Arrived: received != "", Length: l.Length, PayloadSHA256: s.hash(l.PayloadSHA256),
		Commit: s.hash(l.Commit), HeaderSHA256: s.hash(l.HeaderSHA256), Received: received}
}

func (s *story) hash(text string) api.Hash {
	s.t.Helper()
	h, err := api.ParseHash(text)
	s.must(err)
	return h
}
