package client_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"filippo.io/age"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/envelope/envelopetest"
	"github.com/relatingfield/vault/internal/statement"
)

const (
	grantRoute   = "GET /v1/inbox/{g}"
	openingRoute = "GET /v1/inbox/{g}/parts/{n}/content"
)

// served is header ‖ payload as the reader gets it.
func served(t *testing.T, s *scene) (whole []byte) {
	t.Helper()
	clienttest.Lie(s.Vault, openingRoute, func(b *[]byte) { whole = slices.Clone(*b) })
	if err := openGranted(s); err != nil {
		t.Fatal(err)
	}
	s.Vault.Honest(openingRoute)
	return whole
}

// A reader believes only what the giver signed for this reader.
func TestAReaderCannotBeGivenWhatSheDidNotGrant(t *testing.T) {
	refuses(t, []attack{
		{"another reader's grant", func(t *testing.T, s *scene) {
			other := s.Researcher(t, "Dr. Other")
			id := granted(t, s.salma, offer(s.tid, other, 2))
			text := grantText(t, s, other, id)
			clienttest.Lie(s.Vault, grantRoute, func(g *api.InboxGrant) { g.Statement, g.Grant = text, id })
		}, openGranted, client.ErrGrantForged},
		{"another grant of the same reader", func(t *testing.T, s *scene) {
			id := granted(t, s.salma, offer(s.tid, s.reader, 2))
			text := grantText(t, s, s.reader, id)
			clienttest.Lie(s.Vault, grantRoute, func(g *api.InboxGrant) { g.Statement, g.Grant = text, id })
		}, openGranted, client.ErrGrantForged},
		{"an altered statement", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, grantRoute, func(g *api.InboxGrant) { g.Statement = flip(g.Statement) })
		}, openGranted, client.ErrGrantForged},
		{"no grant at all", func(_ *testing.T, s *scene) {
			first := s.Vault.Chain(s.salma.Account())[1].Statement
			clienttest.Lie(s.Vault, grantRoute, func(g *api.InboxGrant) { g.Statement = first })
		}, openGranted, client.ErrGrantForged},
		{"a part more", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, grantRoute, func(g *api.InboxGrant) { g.Parts = append(g.Parts, api.InboxPart{N: 2, Length: 100}) })
		}, openGranted, client.ErrGrantForged},
		{"her own header in the reader's place", func(t *testing.T, s *scene) {
			own := file(t, s, 1)
			clienttest.Lie(s.Vault, openingRoute, func(b *[]byte) { *b = own })
		}, openGranted, client.ErrPartSwapped},
		{"another payload", func(t *testing.T, s *scene) {
			other := file(t, s, 2)
			clienttest.Lie(s.Vault, openingRoute, func(b *[]byte) { *b = slices.Concat((*b)[:headerSize], other[headerSize:]) })
		}, openGranted, client.ErrPayloadSwapped},
		{"a wrong length", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, grantRoute, func(g *api.InboxGrant) { g.Parts[0].Length += 16 })
		}, openGranted, client.ErrPayloadSwapped},
		{"something sealed by the vault to the reader", func(t *testing.T, s *scene) {
			planted := sealedTo(t, recipient(t, s), []byte("she never said this"))
			clienttest.Lie(s.Vault, openingRoute, func(b *[]byte) { *b = planted })
		}, openGranted, client.ErrPartSwapped},
	})
}

func grantText(t *testing.T, s *scene, reader *client.Client, id api.ID) string {
	t.Helper()
	inbox, err := reader.Inbox(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range inbox {
		if g.ID == id {
			return g.Statement
		}
	}
	t.Fatal("the grant is not in the inbox")
	return ""
}

func recipient(t *testing.T, s *scene) string {
	t.Helper()
	r, err := s.salma.Researcher(context.Background(), s.reader.Account())
	if err != nil {
		t.Fatal(err)
	}
	return r.Recipient
}

func sealedTo(t *testing.T, recipient string, text []byte) []byte {
	t.Helper()
	to, _, err := envelope.ParseRecipient(recipient)
	if err != nil {
		t.Fatal(err)
	}
	card, err := envelope.SealCard(envelope.Card{Title: string(text)}, to, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

// A re-lock that the giver did not sign, that is of another part, or that did
// not carry this reader over changes nothing for the reader.
func TestARelockMustBeTheGivers(t *testing.T) {
	relock := func(t *testing.T, s *scene, n int64) string {
		t.Helper()
		if _, err := s.salma.Relock(context.Background(), s.tid, n); err != nil {
			t.Fatal(err)
		}
		chain := s.Vault.Chain(s.salma.Account())
		return chain[len(chain)-1].Statement
	}
	refuses(t, []attack{
		{"of another part", func(t *testing.T, s *scene) {
			text := relock(t, s, 2)
			clienttest.Lie(s.Vault, grantRoute, func(g *api.InboxGrant) { g.Parts[0].Relock = text })
		}, openGranted, client.ErrGrantForged},
		{"without this reader", func(t *testing.T, s *scene) {
			if _, err := s.salma.Revoke(context.Background(), s.tid, s.grant); err != nil {
				t.Fatal(err)
			}
			text := relock(t, s, 1)
			s.grant = granted(t, s.salma, offer(s.tid, s.reader, 1))
			clienttest.Lie(s.Vault, grantRoute, func(g *api.InboxGrant) { g.Parts[0].Relock = text })
		}, openGranted, client.ErrGrantForged},
		{"somebody else's", func(t *testing.T, s *scene) {
			text := relock(t, s, 1)
			st, err := statement.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			forged := signed(t, s, s.Keys(t), st.Body)
			clienttest.Lie(s.Vault, grantRoute, func(g *api.InboxGrant) { g.Parts[0].Relock = forged })
		}, openGranted, client.ErrGrantForged},
	})
}

// A re-lock keeps the reader and shuts out whoever kept an old header.
func TestARelockCarriesReadersOver(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	before := served(t, s)
	carried, err := s.salma.Relock(ctx, s.tid, 1)
	if err != nil || len(carried) != 1 || carried[0] != s.grant {
		t.Fatalf("%v, %v", carried, err)
	}
	var b buffer
	if _, err := s.reader.Open(ctx, s.grant, 1, &b); err != nil || b.String() != story {
		t.Fatalf("%q, %v", b.String(), err)
	}
	after := served(t, s)
	clienttest.Lie(s.Vault, openingRoute, func(b *[]byte) { *b = slices.Concat(before[:headerSize], after[headerSize:]) })
	if err := openGranted(s); !errors.Is(err, client.ErrPartSwapped) {
		t.Errorf("the old header with the new payload: %v", err)
	}
	if err := openOwn(s); err != nil {
		t.Error(err)
	}
}

// One payload, two headers, two texts: whoever built it shows two readers two
// accounts under one digest, and stock age opens both. The commitment fits one
// key only: with that key the payload opens to what is no container, with the
// other the client refuses before it looks at a byte.
func TestASalamanderIsRefused(t *testing.T) {
	s := newScene(t)
	liar, reader := s.Keys(t), recipient(t, s)
	to, _, err := envelope.ParseRecipient(reader)
	if err != nil {
		t.Fatal(err)
	}
	keyA, keyB := fileKey(t), fileKey(t)
	payload := salamander(t, keyA, keyB)
	digest := api.HashOf(payload)
	commit := api.Hash(envelope.Commit(keyA, digest))
	for _, c := range []struct {
		name string
		key  envelope.FileKey
		want error
	}{{"the committed key", keyA, client.ErrPayloadSwapped}, {"the other key", keyB, client.ErrCommitment}} {
		header, err := envelope.ComposeHeader(c.key, to)
		if err != nil {
			t.Fatal(err)
		}
		tid := s.tid[:25] + "a"
		text := signed(t, s, liar, statement.Grant{Testimony: tid, Grantee: s.reader.Account(), RecipientSHA256: api.HashOf([]byte(reader)).String(),
			Accreditation: digest.String(), Terms: someTerms(s),
			Parts: []statement.GrantedPart{{N: 1, PayloadSHA256: digest.String(), Commit: commit.String(), HeaderSHA256: api.HashOf(header).String()}}})
		id, err := s.Vault.Plant(text, header, payload)
		if err != nil {
			t.Fatal(err)
		}
		var shown buffer
		if _, err := s.reader.Open(context.Background(), id, 1, &shown); !errors.Is(err, c.want) || shown.Len() != 0 {
			t.Errorf("%s: %v, shown %q", c.name, err, shown.String())
		}
		got, err := io.ReadAll(decrypt(t, c.key, payload))
		if err != nil || !bytes.Contains(got, []byte("there")) {
			t.Errorf("%s: stock age does not open it, so this proves nothing: %v", c.name, err)
		}
	}
}

func salamander(t *testing.T, a, b envelope.FileKey) []byte {
	t.Helper()
	nonce, err := envelope.NewNonce(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := envelopetest.Salamander(a, b, nonce, []byte("he was there"), []byte("he was not there"))
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// decrypt opens a payload with age itself, under a header made for the purpose.
func decrypt(t *testing.T, key envelope.FileKey, payload []byte) io.Reader {
	t.Helper()
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	header, err := envelope.ComposeHeader(key, identity.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(slices.Concat(header, payload)), identity)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func fileKey(t *testing.T) envelope.FileKey {
	t.Helper()
	key, err := envelope.NewFileKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func someTerms(s *scene) api.Terms {
	return api.Terms{Purposes: []statement.Purpose{"Research"}, Prohibited: statement.Prohibitions(), Media: []statement.Medium{}, Place: statement.PlaceNone, Attribution: statement.ChathamHouse,
		Access: statement.Download, From: s.Now().Unix() - 10, Until: s.Now().Unix() + statement.Day}
}

// What a reader keeps appears under its name only when everything has been found
// right; her terms lie beside it.
func TestAKeptPartIsWholeOrAbsent(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	dir := t.TempDir()
	clienttest.Lie(s.Vault, openingRoute, func(b *[]byte) { (*b)[len(*b)-1] ^= 1 })
	if _, err := s.reader.SaveGranted(ctx, s.grant, 1, filepath.Join(dir, "part"), nil); !errors.Is(err, client.ErrPayloadSwapped) {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("a failed opening left %v behind, %v", left, err)
	}
	s.Vault.Honest(openingRoute)
	var done, total int64
	r, err := s.reader.SaveGranted(ctx, s.grant, 1, filepath.Join(dir, "part"), func(d, of int64) { done, total = d, of })
	if err != nil || done != total || done < int64(len(story)) {
		t.Fatalf("%d of %d bytes, %v", done, total, err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "part", client.ContentFile))
	if err != nil || string(content) != story {
		t.Errorf("%q, %v", content, err)
	}
	terms, err := os.ReadFile(filepath.Join(dir, "part", client.TermsFile))
	if err != nil || !bytes.Contains(terms, []byte(r.Statement)) || !bytes.Contains(terms, []byte(`"listen-only"`)) {
		t.Errorf("%s, %v", terms, err)
	}
	if _, err := s.reader.SaveGranted(ctx, s.grant, 1, filepath.Join(dir, "part"), nil); err == nil {
		t.Error("an earlier copy was overwritten")
	}
}

// Terms that allow looking only are kept before the part is opened, not after.
func TestViewOnlyIsNotKept(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	o := offer(s.tid, s.reader, 2)
	o.Terms.Access = ""
	id := granted(t, s.salma, o)
	if _, err := s.reader.SaveGranted(ctx, id, 2, filepath.Join(t.TempDir(), "x"), nil); !errors.Is(err, client.ErrViewOnly) {
		t.Error(err)
	}
	grants, err := s.salma.Grants(ctx, s.tid)
	if err != nil || len(grants[1].Openings) != 0 {
		t.Errorf("%+v, %v", grants, err)
	}
}
