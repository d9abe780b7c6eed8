// Package testimonytest is a vault with women, researchers and real sealed
// testimonies in it, for tests of what is stored and granted.
//
// It signs and seals the way a client does, with the product's own envelope, so
// that what a test stores is what a person would send. It hides nothing: its
// fields are the parts that the product wires.
package testimonytest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"log/slog"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/fsblob"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/pause"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/trust"
)

// InlineMax is the threshold of the worlds: low, so that small payloads already
// lie in the object store.
const InlineMax = 40 << 10

// AnswerWithin is how long readers have to answer to the end of a grant.
const AnswerWithin = 14 * 24 * time.Hour

// World is an accounttest.World with testimonies and grants.
type World struct {
	*accounttest.World
	Blobs    blob.Store
	Payloads *payload.Payloads
	Vault    *testimony.Vault
	Grants   *grant.Grants
	Trust    *trust.Policies
	Feed     custody.Feed
	Denied   *custody.Denials
	Pauses   *pause.Pauses
	Her      *accounttest.Person
	Reader   *accounttest.Person
	// Accreditation is the one Reader's access rests on.
	Accreditation string
}

// New makes a vault of one steward with an enrolled participant and an
// accredited researcher.
func New(t testing.TB, db *store.DB) *World {
	t.Helper()
	w := &World{World: accounttest.New(t, db, 1, 1)}
	log := slog.New(slog.DiscardHandler)
	blobs, err := fsblob.Open(t.TempDir(), w.Clock.Now)
	w.must(err)
	w.Blobs = blobs
	w.Payloads = &payload.Payloads{DB: db, Blobs: blobs, Now: w.Clock.Now, Log: log}
	keys := shred.Keys{Rand: rand.Reader}
	w.Grants = &grant.Grants{DB: db, Payloads: w.Payloads, Ledger: w.Ledger, Keys: keys, Reader: grant.Reader{Live: w.Accreditations.Live},
		PerTestimony: 100, AsksPerMonth: 2, AnswerWithin: AnswerWithin, Now: w.Clock.Now, Tick: time.Now, Rand: rand.Reader, Log: log}
	w.Trust = &trust.Policies{DB: db, Ledger: w.Ledger, Keys: keys,
		Reading: trust.Reading{State: w.Grants.State, SettleSilence: w.Grants.SettleSilence}, Now: w.Clock.Now}
	w.Grants.Policy, w.Grants.Rely = w.Trust.Standing, w.Trust.Rely
	w.Vault = &testimony.Vault{DB: db, Payloads: w.Payloads, Ledger: w.Ledger, Keys: keys, Grants: w.Grants, Forget: []testimony.Forget{w.Trust.Forget},
		Limits:    testimony.Limits{Testimonies: 10, Parts: 20, Bytes: 64 << 20, PartSize: 32 << 20, InlineMax: InlineMax},
		OnArrival: true, Crew: envelope.NewCrew(2), Now: w.Clock.Now, Rand: rand.Reader, Log: log}
	w.Pauses = pause.New(pause.Deps{DB: db, Ledger: w.Ledger, Keys: keys, Grants: w.Grants, Now: w.Clock.Now, Tick: time.Now, Log: log})
	w.Feed = custody.Feed{DB: db, Keys: keys}
	w.Denied = custody.NewDenials(db, keys, w.Clock.Now, log)
	w.Her = w.Enrolled(statement.Participant)
	w.Reader, w.Accreditation = w.Researcher()
	return w
}

func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// ID draws an identifier.
func (w *World) ID() id.ID {
	w.T.Helper()
	i, err := id.New(rand.Reader)
	w.must(err)
	return i
}

// Sum spells a SHA-256.
func Sum(b []byte) string {
	s := sha256.Sum256(b)
	return statement.B64(s[:])
}

// Sealed is a part as a client holds it before sending.
type Sealed struct {
	Key     envelope.FileKey
	Nonce   [envelope.NonceSize]byte
	Header  []byte
	Payload []byte
	Plain   []byte // the container
}

// Binding is what she signs.
func (s Sealed) Binding() statement.Binding {
	sum := sha256.Sum256(s.Payload)
	commit := envelope.Commit(s.Key, sum)
	return statement.Binding{Length: int64(len(s.Payload)), PayloadSHA256: statement.B64(sum[:]), Commit: statement.B64(commit[:]), HeaderSHA256: Sum(s.Header)}
}

// Seal makes a part of content for a recipient.
func (w *World) Seal(content []byte, recipient string) Sealed {
	w.T.Helper()
	var plain bytes.Buffer
	info := envelope.PartInfo{MediaType: "text/plain", Kind: envelope.Original, Name: "شهادة.txt"}
	w.must(envelope.WriteContainer(&plain, info, bytes.NewReader(content), int64(len(content))))
	key, err := envelope.NewFileKey(rand.Reader)
	w.must(err)
	return w.SealUnder(key, plain.Bytes(), recipient)
}

// SealUnder seals a container under a given file key.
func (w *World) SealUnder(key envelope.FileKey, plain []byte, recipient string) Sealed {
	w.T.Helper()
	nonce, err := envelope.NewNonce(rand.Reader)
	w.must(err)
	var payload bytes.Buffer
	_, err = envelope.Seal(&payload, bytes.NewReader(plain), key, nonce, 2)
	w.must(err)
	return Sealed{Key: key, Nonce: nonce, Header: w.Head(key, recipient), Payload: payload.Bytes(), Plain: plain}
}

// Head wraps a file key to a recipient.
func (w *World) Head(key envelope.FileKey, recipient string) []byte {
	w.T.Helper()
	to, _, err := envelope.ParseRecipient(recipient)
	w.must(err)
	header, err := envelope.ComposeHeader(key, to)
	w.must(err)
	return header
}

// Card seals a card to a person.
func (w *World) Card(p *accounttest.Person, title string) []byte {
	w.T.Helper()
	to, _, err := envelope.ParseRecipient(p.Recipient)
	w.must(err)
	card, err := envelope.SealCard(envelope.Card{Title: title, Language: "ar"}, to, rand.Reader)
	w.must(err)
	return card
}

// Create stores an empty testimony of a person's.
func (w *World) Create(p *accounttest.Person) id.ID {
	w.T.Helper()
	t := w.ID()
	card := w.Card(p, "شهادتي")
	s := p.Sign(statement.Card{Testimony: t, CardSHA256: Sum(card)})
	_, err := w.Vault.Create(w.T.Context(), p.Caller, testimony.New{Testimony: t, Statement: s.Compact(), Card: card}, nil)
	w.must(err)
	return t
}

// AddStatement is what she signs for a sealed part.
func AddStatement(t id.ID, n int64, b statement.Binding) statement.Add {
	return statement.Add{Testimony: t, N: n, Length: b.Length, PayloadSHA256: b.PayloadSHA256, Commit: b.Commit, HeaderSHA256: b.HeaderSHA256}
}

// BeginStatement is what she signs before a large upload.
func BeginStatement(t id.ID, n int64, s Sealed) statement.Begin {
	return statement.Begin{Testimony: t, N: n, HeaderSHA256: Sum(s.Header), Nonce: statement.B64(s.Nonce[:]), Length: int64(len(s.Payload))}
}

// Upload begins and fills the slot n with a sealed part.
func (w *World) Upload(p *accounttest.Person, t id.ID, n int64, s Sealed) {
	w.T.Helper()
	begin := p.Sign(BeginStatement(t, n, s))
	_, err := w.Vault.Put(w.T.Context(), p.Caller, t, testimony.NewPart{Statement: begin.Compact(), Header: s.Header}, nil)
	w.must(err)
	w.must(w.Vault.Receive(w.T.Context(), p.Caller, t, n, testimony.Incoming{Body: bytes.NewReader(s.Payload)}))
	now, err := w.Vault.Progress(w.T.Context(), p.Caller, t, n)
	w.must(err)
	if statement.B64(now.PayloadSHA256) != s.Binding().PayloadSHA256 {
		w.T.Fatal("the vault hashed another payload")
	}
}

// Add stores content as part n, by the way its size asks for.
func (w *World) Add(p *accounttest.Person, t id.ID, n int64, content []byte) Sealed {
	w.T.Helper()
	s := w.Seal(content, p.Recipient)
	if len(s.Payload) <= InlineMax {
		add := p.Sign(AddStatement(t, n, s.Binding()))
		_, err := w.Vault.Put(w.T.Context(), p.Caller, t, testimony.NewPart{Statement: add.Compact(), Header: s.Header, Payload: s.Payload}, nil)
		w.must(err)
		return s
	}
	w.Upload(p, t, n, s)
	_, err := w.Vault.Add(w.T.Context(), p.Caller, t, n, p.Sign(AddStatement(t, n, s.Binding())).Compact(), nil)
	w.must(err)
	return s
}

// Relock swaps part n for the sealed one that was uploaded, without readers.
func (w *World) Relock(t id.ID, n int64, old, anew Sealed) {
	w.T.Helper()
	b := anew.Binding()
	said := w.Her.Sign(statement.Relock{Testimony: t, N: n, OldPayloadSHA256: old.Binding().PayloadSHA256, Length: b.Length, PayloadSHA256: b.PayloadSHA256,
		Commit: b.Commit, HeaderSHA256: b.HeaderSHA256, Grants: []statement.RelockedGrant{}})
	_, err := w.Vault.Relock(w.T.Context(), w.Her.Caller, testimony.Relocking{Testimony: t, Statement: said.Compact(), Header: anew.Header}, nil)
	w.must(err)
}

// Researcher is an enrolled and accredited researcher, and the accreditation.
func (w *World) Researcher() (*accounttest.Person, string) {
	w.T.Helper()
	p := w.Enrolled(statement.Researcher)
	key := p.Statement(1).Hash()
	apply := p.Sign(statement.Apply{KeySHA256: statement.B64(key[:]), Name: "Dr. Oksana", Institution: "Archive of Voices", Purpose: "listening"})
	_, err := w.Accreditations.Apply(w.T.Context(), p.Caller, apply.Compact(), nil)
	w.must(err)
	sum := apply.Hash()
	now := w.Clock.Now().Unix()
	accredit := w.Stewards[0].Sign(statement.Accredit{Account: p.ID, KeySHA256: statement.B64(key[:]), ApplySHA256: statement.B64(sum[:]),
		Name: "Dr. Oksana", Institution: "Archive of Voices", Purpose: "listening", From: now - 60, Until: now + 300*statement.Day})
	_, err = w.Accreditations.Accredit(w.T.Context(), w.Stewards[0].Caller, accredit.Compact(), nil)
	w.must(err)
	body := accredit.BodyHash()
	return p, statement.B64(body[:])
}

// GrantBody is a year's grant of parts to the reader, with the headers for it.
func (w *World) GrantBody(t id.ID, parts map[int64]Sealed) (statement.Grant, [][]byte) {
	w.T.Helper()
	now := w.Clock.Now().Unix()
	g := statement.Grant{Testimony: t, Grantee: w.Reader.ID, RecipientSHA256: Sum([]byte(w.Reader.Recipient)), Accreditation: w.Accreditation,
		Terms: statement.Terms{Purposes: []statement.Purpose{"Research"}, Prohibited: statement.Prohibitions(), Media: []statement.Medium{}, Place: statement.PlaceNone, Attribution: statement.ChathamHouse,
			Access: statement.Download, From: now, Until: now + statement.DefaultTerm}}
	var headers [][]byte
	for n := int64(1); n <= 20; n++ {
		s, ok := parts[n]
		if !ok {
			continue
		}
		h := w.Head(s.Key, w.Reader.Recipient)
		b := s.Binding()
		g.Parts = append(g.Parts, statement.GrantedPart{N: n, PayloadSHA256: b.PayloadSHA256, Commit: b.Commit, HeaderSHA256: Sum(h)})
		headers = append(headers, h)
	}
	return g, headers
}

// Grant gives the reader parts and returns the grant.
func (w *World) Grant(t id.ID, parts map[int64]Sealed) id.ID {
	w.T.Helper()
	body, headers := w.GrantBody(t, parts)
	g, _, err := w.Grants.Grant(w.T.Context(), w.Her.Caller, t, w.Her.Sign(body).Compact(), headers, nil)
	w.must(err)
	return g
}

// Revoke ends a grant.
func (w *World) Revoke(t, grant id.ID) {
	w.T.Helper()
	_, err := w.Grants.Revoke(w.T.Context(), w.Her.Caller, t, w.Her.Sign(statement.Revoke{Testimony: t, Grant: grant}).Compact(), nil)
	w.must(err)
}

// Erase destroys a testimony of hers.
func (w *World) Erase(t id.ID) {
	w.T.Helper()
	all := statement.ErasedHash(w.Chain(w.Her).About(t))
	said := w.Her.Sign(statement.Erase{Testimony: t, StatementsSHA256: statement.B64(all[:])})
	_, err := w.Vault.Erase(w.T.Context(), w.Her.Caller, t, said.Compact(), nil)
	w.must(err)
}

// Withdraw ends what the statement means.
func (w *World) Withdraw(body statement.Withdraw) int64 {
	w.T.Helper()
	out, err := w.Grants.Withdraw(w.T.Context(), w.Her.Caller, w.Her.Sign(body).Compact(), nil)
	w.must(err)
	return out.Grants
}

// Reply is a reader's answer to the end of a grant.
func (w *World) Reply(p *accounttest.Person, g id.ID, said, reason string) error {
	w.T.Helper()
	_, err := w.Grants.Reply(w.T.Context(), p.Caller, g, p.Sign(statement.Reply{Grant: g, Reply: said, Reason: reason}).Compact(), nil)
	return err
}

// Whole picks all of a file.
func Whole(size int64, _ string, _ bool) (from, to int64, err error) { return 0, size, nil }

// Line is a connection that never blocks; its Cut counts.
func Line() (grant.Line, *int) {
	cuts := 0
	return grant.Line{
		Deadline: func(time.Time) error { return nil },
		Flush:    func() error { return nil },
		Unsent:   func() (int, error) { return 0, nil },
		Cut:      func() { cuts++ },
	}, &cuts
}

// Read opens and receives a part the way a reader's client does.
func (w *World) Read(p *accounttest.Person, g id.ID, n int64) ([]byte, error) {
	w.T.Helper()
	o, err := w.Grants.Open(w.T.Context(), p.Caller, g, n, Whole)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	line, _ := Line()
	err = o.Send(w.T.Context(), &out, line)
	return out.Bytes(), err
}

// Decrypt opens an age file with the age library.
func (w *World) Decrypt(p *accounttest.Person, file []byte) []byte {
	w.T.Helper()
	r, err := age.Decrypt(bytes.NewReader(file), p.Identity)
	w.must(err)
	plain, err := io.ReadAll(r)
	w.must(err)
	return plain
}

// Content takes the content out of a container.
func (w *World) Content(container []byte) []byte {
	w.T.Helper()
	c, err := envelope.ReadContainer(bytes.NewReader(container))
	w.must(err)
	var out bytes.Buffer
	_, err = io.Copy(&out, c)
	w.must(err)
	return out.Bytes()
}

// Chain reads and verifies a person's chain.
func (w *World) Chain(p *accounttest.Person) *statement.Chain {
	w.T.Helper()
	var entries []statement.Entry
	w.View(func(ctx context.Context, tx store.Tx) (err error) {
		entries, err = w.Ledger.Entries(ctx, tx, p.ID, 0, 1000)
		return err
	})
	c, err := statement.VerifyChain(p.ID, w.Ledger.Vault, entries)
	w.must(err)
	return c
}

// ChainHead reads a person's chain head from the vault.
func (w *World) ChainHead(p *accounttest.Person) statement.Head {
	w.T.Helper()
	var h statement.Head
	w.View(func(ctx context.Context, tx store.Tx) (err error) {
		h, err = w.Ledger.Head(ctx, tx, p.ID)
		return err
	})
	return h
}
