package client_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/statement"
)

func narrowed(t *testing.T, s *scene, change func(api.Terms) api.Terms) api.Terms {
	t.Helper()
	terms, err := s.salma.Narrow(context.Background(), s.tid, s.grant, func(t api.Terms) (api.Terms, error) { return change(t), nil })
	if err != nil {
		t.Fatal(err)
	}
	return terms
}

func lookOnly(t api.Terms) api.Terms {
	t.Access = statement.View
	return t
}

// theGrant is how the reader sees the grant of the scene.
func theGrant(t *testing.T, s *scene) *client.Received {
	t.Helper()
	list, err := s.reader.Inbox(context.Background())
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %d grants", err, len(list))
	}
	return list[0]
}

// Reader and giver see the terms in force, never the old ones, and what the reader
// keeps beside the content proves them offline.
func TestTheTermsInForceAreShownAndKept(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	listen := narrowed(t, s, func(t api.Terms) api.Terms {
		t.MaxReads = 5
		return t
	})
	if r := theGrant(t, s); r.Err != nil || !r.Terms.Equal(listen) {
		t.Errorf("%v, %+v", r.Err, r.Terms)
	}
	dir := filepath.Join(t.TempDir(), "part")
	if _, err := s.reader.SaveGranted(ctx, s.grant, 1, dir, nil); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, client.TermsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	kept, err := client.ReadTerms(f)
	if err != nil || !kept.Terms.Equal(listen) || kept.Changed == 0 {
		t.Errorf("%v, %+v", err, kept)
	}
	narrowed(t, s, lookOnly)
	if _, err := s.reader.SaveGranted(ctx, s.grant, 1, dir+"2", nil); !errors.Is(err, client.ErrViewOnly) {
		t.Errorf("a copy of what may only be looked at: %v", err)
	}
	list, err := s.salma.Grants(ctx, s.tid)
	if err != nil || len(list) != 1 || list[0].Terms.Access != statement.View || list[0].Terms.MaxReads != 5 {
		t.Errorf("%v, %+v", err, list)
	}
	if _, err := s.salma.Narrow(ctx, s.tid, s.grant, func(t api.Terms) (api.Terms, error) { t.Access = statement.Download; return t, nil }); !errors.Is(err, client.ErrRefused) {
		t.Errorf("wider terms: %v", err)
	}
}

// A grant is renewed for twelve months from the day, on the terms in force; one
// that is over is made anew, of the same parts.
func TestRenewingGoesOnOrBeginsAnew(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	narrowed(t, s, lookOnly)
	s.Pass(100 * 24 * time.Hour)
	shown := false
	g, err := s.salma.Renew(ctx, client.Renewal{Testimony: s.tid, Grant: s.grant, Agree: func(r *client.Researcher, before, after api.Terms) error {
		shown = r.Account == s.reader.Account() && before.Access == statement.View && after.Until > before.Until
		return nil
	}})
	day := statement.DayOf(s.Now())
	if err != nil || g.ID != s.grant || !shown || g.Terms.Until != day+statement.DefaultTerm || g.Terms.From < day || g.Terms.Access != statement.View {
		t.Fatalf("%v, %+v, shown %v", err, g, shown)
	}
	if r := theGrant(t, s); !r.Terms.Equal(g.Terms) {
		t.Errorf("the reader sees %+v", r.Terms)
	}
	far, err := s.salma.Renew(ctx, client.Renewal{Testimony: s.tid, Grant: s.grant, Terms: func(t api.Terms) (api.Terms, error) { t.Until = day + 1000*statement.Day; return t, nil }})
	if err != nil || far.Terms.Until != day+1000*statement.Day {
		t.Fatalf("%v, %+v", err, far)
	}
	if again, err := s.salma.Renew(ctx, client.Renewal{Testimony: s.tid, Grant: s.grant}); err != nil || again.Terms.Until != far.Terms.Until {
		t.Errorf("%v, renewing shortened the term to %+v", err, again)
	}
	narrowed(t, s, func(t api.Terms) api.Terms { t.Until = day + statement.Day; return t })
	s.Pass(24 * time.Hour)
	if err := openGranted(s); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("a grant that is over: %v", err)
	}
	again, err := s.salma.Renew(ctx, client.Renewal{Testimony: s.tid, Grant: s.grant})
	if err != nil || again.ID == s.grant {
		t.Fatalf("%v, %+v", err, again)
	}
	s.grant = again.ID
	if err := openGranted(s); err != nil {
		t.Error(err)
	}
	if _, err := s.salma.Revoke(ctx, s.tid, s.grant); err != nil {
		t.Fatal(err)
	}
	if _, err := s.salma.Renew(ctx, client.Renewal{Testimony: s.tid, Grant: s.grant}); !errors.Is(err, client.ErrRefused) {
		t.Errorf("a grant that she took back: %v", err)
	}
}

// What a reader asks reaches her as the reader signed it; what she answers reaches
// the reader; and what she has answered is not put to her again.
func TestARequestAndItsAnswer(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	asked := func() *client.Request {
		t.Helper()
		list, err := s.salma.Grants(ctx, s.tid)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v, %d grants", err, len(list))
		}
		return list[0].Asked
	}
	if err := s.reader.AskToRenew(ctx, s.grant, nil, 0); err != nil {
		t.Fatal(err)
	}
	if r := asked(); r == nil || len(r.Purposes) != 1 || r.Purposes[0] != "BeingHeard" || r.Until != statement.DayOf(s.Now())+statement.DefaultTerm {
		t.Errorf("she is asked %+v", r)
	}
	later := statement.DayOf(s.Now()) + 30*statement.Day
	if err := s.salma.NotNow(ctx, s.tid, s.grant, later+5); err != nil {
		t.Fatal(err)
	}
	// The double shows every request at once, as a vault that ignores her date.
	if err := s.reader.AskToRenew(ctx, s.grant, []statement.Purpose{"Research"}, 0); err != nil {
		t.Fatal(err)
	}
	if r := asked(); r != nil {
		t.Errorf("before her date she is asked %+v", r)
	}
	if a := theGrant(t, s).Answer; a == nil || a.Answer != statement.Deferred || a.Until != later {
		t.Errorf("the reader is answered %+v", a)
	}
	s.Pass(30 * 24 * time.Hour)
	if r := asked(); r == nil || r.Purposes[0] != "Research" {
		t.Errorf("at her date she is asked %+v", r)
	}
	if err := s.salma.Refuse(ctx, s.tid, s.grant); err != nil {
		t.Fatal(err)
	}
	if r := asked(); r != nil {
		t.Errorf("after her no she is asked %+v", r)
	}
	if err := s.salma.NotNow(ctx, s.tid, s.grant, s.Now().Unix()); !errors.Is(err, client.ErrRefused) {
		t.Errorf("not before today: %v", err)
	}
}

// No statement of another, about another grant or out of its order passes for the
// terms in force, and a reader who has seen newer ones is not shown older.
func TestAReaderIsNotShownTermsThatAreNotInForce(t *testing.T) {
	last := func(s *scene) string {
		chain := s.Vault.Chain(s.salma.Account())
		return chain[len(chain)-1].Statement
	}
	showing := func(text func(*testing.T, *scene) string) func(*testing.T, *scene) {
		return func(t *testing.T, s *scene) {
			terms := text(t, s)
			clienttest.Lie(s.Vault, grantRoute, func(g *api.InboxGrant) { g.Terms = terms })
		}
	}
	refuses(t, []attack{
		{"not signed", showing(func(t *testing.T, s *scene) string {
			narrowed(t, s, lookOnly)
			return flip(last(s))
		}), openGranted, client.ErrGrantForged},
		{"somebody else's", showing(func(t *testing.T, s *scene) string {
			narrowed(t, s, lookOnly)
			st, err := statement.Parse(last(s))
			if err != nil {
				t.Fatal(err)
			}
			return signed(t, s, s.Keys(t), st.Body)
		}), openGranted, client.ErrGrantForged},
		{"of another grant", showing(func(t *testing.T, s *scene) string {
			first := s.grant
			s.grant = granted(t, s.salma, offer(s.tid, s.reader, 2))
			narrowed(t, s, lookOnly)
			s.grant = first
			return last(s)
		}), openGranted, client.ErrGrantForged},
		{"of another act", showing(func(_ *testing.T, s *scene) string { return last(s) }), openGranted, client.ErrGrantForged},
		{"older than what the reader has seen", func(t *testing.T, s *scene) {
			narrowed(t, s, func(t api.Terms) api.Terms { t.MaxReads = 7; return t })
			older := last(s)
			narrowed(t, s, func(t api.Terms) api.Terms { t.MaxReads = 3; return t })
			theGrant(t, s)
			clienttest.Lie(s.Vault, grantRoute, func(g *api.InboxGrant) { g.Terms = older })
		}, openGranted, client.ErrTermsOld},
		{"none at all, after some", func(t *testing.T, s *scene) {
			narrowed(t, s, func(t api.Terms) api.Terms { t.MaxReads = 7; return t })
			theGrant(t, s)
			clienttest.Lie(s.Vault, grantRoute, func(g *api.InboxGrant) { g.Terms = "" })
		}, openGranted, client.ErrTermsOld},
		{"an answer to another", func(t *testing.T, s *scene) {
			first := s.grant
			s.grant = granted(t, s.salma, offer(s.tid, s.reader, 2))
			if err := s.salma.Refuse(context.Background(), s.tid, s.grant); err != nil {
				t.Fatal(err)
			}
			s.grant = first
			answer := last(s)
			clienttest.Lie(s.Vault, grantRoute, func(g *api.InboxGrant) { g.Answer = answer })
		}, openGranted, client.ErrGrantForged},
	})
}

// A vault that keeps to terms she has changed, or makes up a request, is found out
// by her client.
func TestHerClientFindsOutOldTermsAndForgedRequests(t *testing.T) {
	const route = "GET /v1/testimonies/{t}/grants"
	list := func(s *scene) error {
		_, err := s.salma.Grants(context.Background(), s.tid)
		return err
	}
	refuses(t, []attack{
		{"the old terms", func(t *testing.T, s *scene) {
			narrowed(t, s, lookOnly)
			clienttest.Lie(s.Vault, route, func(g *api.Grants) { g.Grants[0].Terms = "" })
		}, list, client.ErrTermsOld},
		{"a request of nobody's", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, route, func(g *api.Grants) { g.Grants[0].Ask = g.Grants[0].Statement })
		}, list, client.ErrRequestForged},
		{"a request of another's", func(t *testing.T, s *scene) {
			text := signed(t, s, s.Keys(t), statement.Ask{Grant: s.grant, Purposes: []statement.Purpose{"Research"}, Until: s.Now().Unix() + 1000})
			clienttest.Lie(s.Vault, route, func(g *api.Grants) { g.Grants[0].Ask = text })
		}, list, client.ErrRequestForged},
	})
}
