package client_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
)

const (
	headerRoute  = "GET /v1/testimonies/{t}/parts/{n}/header"
	contentRoute = "GET /v1/testimonies/{t}/parts/{n}/content"
	partsRoute   = "GET /v1/testimonies/{t}"
	cardsRoute   = "GET /v1/testimonies"
)

// file is header ‖ payload of one of her parts, as the vault has it.
func file(t *testing.T, s *scene, n int64) (whole []byte) {
	t.Helper()
	clienttest.Lie(s.Vault, contentRoute, func(b *[]byte) { whole = slices.Clone(*b) })
	if err := s.salma.OpenOwn(context.Background(), s.tid, n, &buffer{}); err != nil {
		t.Fatal(err)
	}
	s.Vault.Honest(contentRoute)
	return whole
}

const headerSize = 1627

// Whatever the vault answers in the place of a part, she neither shares nor
// believes anything but what she signed for.
func TestHerPartsCannotBeSwapped(t *testing.T) {
	refuses(t, []attack{
		{"part 1's header for part 2", func(t *testing.T, s *scene) {
			other := file(t, s, 1)[:headerSize]
			clienttest.Lie(s.Vault, headerRoute, func(b *[]byte) { *b = other })
		}, share, client.ErrPartSwapped},
		{"part 1's header and digest for part 2", func(t *testing.T, s *scene) {
			clienttest.Lie(s.Vault, partsRoute, func(a *api.Testimony) {
				n := a.Parts[1].N
				a.Parts[1] = a.Parts[0]
				a.Parts[1].N = n
			})
		}, show, client.ErrPartSwapped},
		{"part 1's file for part 3", func(t *testing.T, s *scene) {
			other := file(t, s, 1)
			clienttest.Lie(s.Vault, contentRoute, func(b *[]byte) { *b = other })
		}, openOwn, client.ErrPartSwapped},
		{"part 1's payload under part 3's header", func(t *testing.T, s *scene) {
			other, own := file(t, s, 1), file(t, s, 3)
			clienttest.Lie(s.Vault, contentRoute, func(b *[]byte) { *b = slices.Concat(own[:headerSize], other[headerSize:]) })
		}, openOwn, client.ErrPayloadSwapped},
		{"one bit of the last chunk", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, contentRoute, func(b *[]byte) { (*b)[len(*b)-1] ^= 1 })
		}, openOwn, client.ErrPayloadSwapped},
		{"a payload cut at a chunk", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, contentRoute, func(b *[]byte) { *b = (*b)[:headerSize+16+2*(64<<10+16)] })
		}, openOwn, client.ErrPayloadSwapped},
		{"no age file", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, contentRoute, func(b *[]byte) { *b = []byte("nothing here") })
		}, openOwn, client.ErrPartSwapped},
		{"a part she never added", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, partsRoute, func(a *api.Testimony) {
				planted := a.Parts[0]
				planted.N = 4
				a.Parts = append(a.Parts, planted)
			})
		}, show, client.ErrPlanted},
		{"a part left out", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, partsRoute, func(a *api.Testimony) { a.Parts = a.Parts[1:] })
		}, show, client.ErrWithheld},
	})
}

// A re-lock reads the old payload; if it is not hers, nothing is signed.
func TestARelockDoesNotLaunderASwappedPayload(t *testing.T) {
	s := newScene(t)
	other, own := file(t, s, 1), file(t, s, 3)
	clienttest.Lie(s.Vault, contentRoute, func(b *[]byte) { *b = slices.Concat(own[:headerSize], other[headerSize:]) })
	if _, err := fresh(s).Relock(context.Background(), s.tid, 3); !errors.Is(err, client.ErrPayloadSwapped) {
		t.Error(err)
	}
	s.Vault.Honest(contentRoute)
	if err := openOwn(s); err != nil {
		t.Errorf("the part is not what it was: %v", err)
	}
}

// Titles and labels are hers too: another card, an older one, a foreign
// testimony and a missing one are all noticed.
func TestHerCardsCannotBeSwapped(t *testing.T) {
	old := func(t *testing.T, s *scene) (card api.Bytes) {
		t.Helper()
		clienttest.Lie(s.Vault, cardsRoute, func(a *api.Testimonies) { card = a.Testimonies[0].Card })
		if _, err := s.salma.List(context.Background()); err != nil {
			t.Fatal(err)
		}
		return card
	}
	refuses(t, []attack{
		{"rolled back", func(t *testing.T, s *scene) {
			before := old(t, s)
			if err := s.salma.SetCard(context.Background(), s.tid, client.Card{Title: "new"}); err != nil {
				t.Fatal(err)
			}
			clienttest.Lie(s.Vault, cardsRoute, func(a *api.Testimonies) { a.Testimonies[0].Card = before })
		}, list, client.ErrCardSwapped},
		{"of another testimony", func(t *testing.T, s *scene) {
			told(t, s.salma)
			clienttest.Lie(s.Vault, cardsRoute, func(a *api.Testimonies) { a.Testimonies[0].Card = a.Testimonies[1].Card })
		}, list, client.ErrCardSwapped},
		{"of a testimony that is not hers", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, cardsRoute, func(a *api.Testimonies) {
				planted := a.Testimonies[0]
				planted.Testimony = "aaaaaaaaaaaaaaaaaaaaaaaaaa"
				a.Testimonies = append(a.Testimonies, planted)
			})
		}, list, client.ErrPlanted},
		{"left out", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, cardsRoute, func(a *api.Testimonies) { a.Testimonies = []api.Listed{} })
		}, list, client.ErrWithheld},
	})
}

// Grants are hers: none is added, hidden or revived.
func TestHerGrantsCannotBeInvented(t *testing.T) {
	grants := func(s *scene) error {
		_, err := fresh(s).Grants(context.Background(), s.tid)
		return err
	}
	refuses(t, []attack{
		{"one more", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, grantsRoute, func(a *api.Grants) {
				planted := a.Grants[0]
				planted.Grant = "aaaaaaaaaaaaaaaaaaaaaaaaaa"
				a.Grants = append(a.Grants, planted)
			})
		}, grants, client.ErrPlanted},
		{"one fewer", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, grantsRoute, func(a *api.Grants) { a.Grants = nil })
		}, grants, client.ErrWithheld},
		{"live after she revoked", func(t *testing.T, s *scene) {
			if _, err := s.salma.Revoke(context.Background(), s.tid, s.grant); err != nil {
				t.Fatal(err)
			}
			clienttest.Lie(s.Vault, grantsRoute, func(a *api.Grants) { a.Grants[0].State = api.GrantLive })
		}, grants, client.ErrRevoked},
	})
}
