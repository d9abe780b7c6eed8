package trust_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/internal/trust"
)

const day = statement.Day

// scene is a testimony of one part and three people she trusts.
type scene struct {
	*testimonytest.World
	t        *testing.T
	tid      id.ID
	parts    map[int64]testimonytest.Sealed
	trustees []*accounttest.Person
}

func each(t *testing.T, f func(t *testing.T, s *scene)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, newScene(t, db)) })
}

func newScene(t *testing.T, db *store.DB) *scene {
	w := testimonytest.New(t, db)
	s := &scene{World: w, t: t, tid: w.Create(w.Her)}
	s.parts = map[int64]testimonytest.Sealed{1: w.Add(w.Her, s.tid, 1, []byte("if I am not there"))}
	for range 3 {
		s.trustees = append(s.trustees, w.Enrolled(statement.Participant))
	}
	return s
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) refused(what string, err, want error) {
	s.t.Helper()
	if !errors.Is(err, want) {
		s.t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// at moves the clock to a second.
func (s *scene) at(second int64) {
	s.t.Helper()
	s.Clock.Forward(time.Duration(second-s.Clock.Now().Unix()) * time.Second)
}

// closed wants that neither header nor shares leave.
func (s *scene) closed(what string, g id.ID) {
	s.t.Helper()
	_, err := s.Read(s.Reader, g, 1)
	s.refused(what+": opening", err, grant.ErrNotFound)
	_, err = s.Trust.Shares(s.t.Context(), s.Reader.Caller, g)
	s.refused(what+": shares", err, trust.ErrNotFound)
}

func (s *scene) kinds() map[custody.Kind]int {
	s.t.Helper()
	events, _, err := s.Feed.Read(s.t.Context(), s.Her.ID, s.tid, 0, 100)
	s.must(err)
	out := map[custody.Kind]int{}
	for _, e := range events {
		out[e.Kind]++
	}
	return out
}

// Two of three trustees let the reader in, one does not; the reader opens the part
// with the key that their shares make and with nothing else, and she sees it all.
func TestTwoOfThreeTrusteesLetTheReaderIn(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		p := s.Set(s.tid, testimonytest.Terms{Threshold: 2}, s.trustees...)
		g := s.GrantUnder(p, s.parts)
		s.closed("nobody has voted", g)
		s.must(s.Answer(p, p.Trustees[0], statement.Agreed))
		s.must(s.Vote(p, 0))
		s.closed("one has voted", g)
		s.must(s.Vote(p, 2))

		file, err := s.Read(s.Reader, g, 1)
		s.must(err)
		if _, err := age.Decrypt(bytes.NewReader(file), s.Reader.Identity); err == nil {
			t.Error("the reader's own key opens the part")
		}
		given, err := s.Trust.Shares(t.Context(), s.Reader.Caller, g)
		s.must(err)
		if len(given.Shares) != 2 || given.Statement != p.Statement.Compact() {
			t.Fatalf("%d shares", len(given.Shares))
		}
		r, err := age.Decrypt(bytes.NewReader(file), s.Combine(p, given))
		s.must(err)
		plain, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(plain, s.parts[1].Plain) {
			t.Errorf("%d bytes, %v", len(plain), err)
		}
		if k := s.kinds(); k[custody.PolicySet] != 1 || k[custody.Agreed] != 1 || k[custody.Voted] != 2 || k[custody.Released] != 1 || k[custody.Opened] != 1 {
			t.Errorf("her feed: %v", k)
		}
	})
}

// Shares leave once for her feed however often they are asked for, and only for
// the reader.
func TestSharesAreForTheReaderAlone(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		p := s.Set(s.tid, testimonytest.Terms{Threshold: 2}, s.trustees...)
		g := s.GrantUnder(p, s.parts)
		s.must(s.Vote(p, 0))
		s.must(s.Vote(p, 1))
		for range 2 {
			_, err := s.Trust.Shares(t.Context(), s.Reader.Caller, g)
			s.must(err)
		}
		if k := s.kinds(); k[custody.Released] != 1 {
			t.Errorf("her feed: %v", k)
		}
		other, _ := s.Researcher()
		for name, who := range map[string]account.Caller{"another reader": other.Caller, "a trustee": p.Trustees[0].Caller, "she": s.Her.Caller} {
			_, err := s.Trust.Shares(t.Context(), who, g)
			s.refused(name, err, trust.ErrNotFound)
		}
		_, err := s.Trust.Shares(t.Context(), s.Reader.Caller, s.Grant(s.tid, s.parts))
		s.refused("a grant without a policy", err, trust.ErrNotFound)
		s.Revoke(s.tid, g)
		s.closed("revoked", g)
	})
}

// A trustee who declines takes the vote back, and may come back to it.
func TestDecliningTakesTheVoteBack(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		p := s.Set(s.tid, testimonytest.Terms{Threshold: 2}, s.trustees...)
		g := s.GrantUnder(p, s.parts)
		s.must(s.Vote(p, 0))
		s.must(s.Vote(p, 1))
		_, err := s.Read(s.Reader, g, 1)
		s.must(err)
		s.must(s.Answer(p, p.Trustees[1], statement.Declined))
		s.closed("declined", g)
		s.refused("a vote after declining", s.Vote(p, 1), trust.ErrNotNow)
		list, err := s.Trust.List(t.Context(), s.Her.Caller, s.tid, 0, 10)
		s.must(err)
		want := []trust.Response{trust.Released, trust.Declined, trust.NoAnswer}
		for i, one := range list[0].Trustees {
			if one.Account != p.Trustees[i].ID || one.Response != want[i] || (one.At > 0) != (want[i] == trust.Released) {
				t.Errorf("trustee %d: %+v, want %s", i, one, want[i])
			}
		}
		if list[0].ID != p.ID || list[0].Recipient != p.Recipient || list[0].Statement != p.Statement.Compact() || list[0].Silence != (trust.Silence{}) {
			t.Errorf("%+v", list[0])
		}
		s.must(s.Answer(p, p.Trustees[1], statement.Agreed))
		s.closed("agreed again, and has not voted", g)
		s.must(s.Vote(p, 1))
		_, err = s.Read(s.Reader, g, 1)
		s.must(err)
	})
}

// A trustee sees the policy, the own share and nobody else's, and who is not named
// sees nothing.
func TestATrusteeSeesTheOwnShareAlone(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		p := s.Set(s.tid, testimonytest.Terms{Threshold: 2}, s.trustees...)
		for i, who := range p.Trustees {
			list, err := s.Trust.Trusts(t.Context(), who.Caller, "", 10)
			s.must(err)
			if len(list) != 1 || list[0].ID != p.ID || !bytes.Equal(list[0].Share, p.Shares[i]) || list[0].Response != trust.NoAnswer || !list[0].Open {
				t.Errorf("trustee %d: %+v", i, list)
			}
			if list, err := s.Trust.Trusts(t.Context(), who.Caller, p.ID, 10); err != nil || len(list) != 0 {
				t.Errorf("behind the last: %d, %v", len(list), err)
			}
		}
		if list, err := s.Trust.Trusts(t.Context(), s.Reader.Caller, "", 10); err != nil || len(list) != 0 {
			t.Errorf("somebody else: %d, %v", len(list), err)
		}
		s.refused("an answer of somebody else", s.Answer(p, s.Reader, statement.Agreed), trust.ErrNotFound)
		_, err := s.Trust.List(t.Context(), p.Trustees[0].Caller, s.tid, 0, 10)
		s.refused("her list, for a trustee", err, trust.ErrNotFound)
		q := *p
		q.ID = s.ID()
		s.refused("no such policy", s.Answer(&q, p.Trustees[0], statement.Agreed), trust.ErrNotFound)
	})
}

// Nothing is set unless every file, key and account is the one she signed for.
func TestAPolicyIsRefusedUnlessEverythingFits(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		terms := testimonytest.Terms{Threshold: 2}
		for name, c := range map[string]struct {
			spoil func(p *testimonytest.Policy)
			want  error
		}{
			"another file":           {func(p *testimonytest.Policy) { p.Shares[0] = p.Shares[1] }, trust.ErrDigest},
			"no age file":            {func(p *testimonytest.Policy) { p.Shares[0] = []byte("x") }, trust.ErrSealed},
			"a file too few":         {func(p *testimonytest.Policy) { p.Shares = p.Shares[1:] }, statement.ErrRefused},
			"another shared key":     {func(p *testimonytest.Policy) { p.Recipient = s.Reader.Recipient }, trust.ErrDigest},
			"no shared key":          {func(p *testimonytest.Policy) { p.Recipient = "" }, trust.ErrSealed},
			"another trustee's key":  {func(p *testimonytest.Policy) { p.Body.Trustees[0].RecipientSHA256 = testimonytest.Sum(nil) }, trust.ErrTrustee},
			"nobody's testimony":     {func(p *testimonytest.Policy) { p.Body.Testimony = s.ID() }, statement.ErrRefused},
			"a reader who is nobody": {func(p *testimonytest.Policy) { p.Body.Grantee = s.Stranger().ID }, trust.ErrTrustee},
		} {
			p := s.MakePolicy(s.tid, terms, s.trustees...)
			c.spoil(p)
			_, err := s.Trust.Set(t.Context(), s.Her.Caller, s.tid, trust.New{Statement: s.Her.Sign(p.Body).Compact(), Recipient: p.Recipient, Shares: p.Shares}, nil)
			s.refused(name, err, c.want)
		}
		p := s.MakePolicy(s.tid, terms, s.trustees[0], s.trustees[1], s.Stranger())
		in := trust.New{Statement: s.Her.Sign(p.Body).Compact(), Recipient: p.Recipient, Shares: p.Shares}
		_, err := s.Trust.Set(t.Context(), s.Her.Caller, s.tid, in, nil)
		s.refused("a trustee who is nobody", err, trust.ErrTrustee)
		p = s.MakePolicy(s.tid, terms, s.trustees...)
		in = trust.New{Statement: s.Reader.Sign(p.Body).Compact(), Recipient: p.Recipient, Shares: p.Shares}
		_, err = s.Trust.Set(t.Context(), s.Reader.Caller, s.tid, in, nil)
		s.refused("by somebody else", err, trust.ErrNotFound)
		if list, err := s.Trust.List(t.Context(), s.Her.Caller, s.tid, 0, 10); err != nil || len(list) != 0 {
			t.Errorf("%d policies, %v", len(list), err)
		}
	})
}

// A vote is refused when its file, hash or shape is not the signed one.
func TestAVoteIsRefusedUnlessItFits(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		p := s.Set(s.tid, testimonytest.Terms{Threshold: 2}, s.trustees...)
		who, sum := p.Trustees[0], p.Statement.Hash()
		good := statement.Release{Of: p.ID, OfSHA256: statement.B64(sum[:]), SealedSHA256: testimonytest.Sum(p.Shares[1])}
		for name, c := range map[string]struct {
			body statement.Release
			file []byte
			want error
		}{
			"another file":   {good, p.Shares[0], trust.ErrDigest},
			"no age file":    {statement.Release{Of: p.ID, OfSHA256: good.OfSHA256, SealedSHA256: testimonytest.Sum(nil)}, nil, trust.ErrSealed},
			"another policy": {statement.Release{Of: s.ID(), OfSHA256: good.OfSHA256, SealedSHA256: good.SealedSHA256}, p.Shares[1], statement.ErrRefused},
			"another hash":   {statement.Release{Of: p.ID, OfSHA256: testimonytest.Sum(nil), SealedSHA256: good.SealedSHA256}, p.Shares[1], statement.ErrRefused},
		} {
			_, err := s.Trust.Release(t.Context(), who.Caller, p.ID, who.Sign(c.body).Compact(), c.file, nil)
			s.refused(name, err, c.want)
		}
		if k := s.kinds(); k[custody.Voted] != 0 {
			t.Errorf("her feed: %v", k)
		}
	})
}

// A grant names only a policy of the same testimony, owner and reader, and is
// sealed to its shared key.
func TestAGrantFitsItsPolicy(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		p := s.Set(s.tid, testimonytest.Terms{Threshold: 2}, s.trustees...)
		elsewhere := s.Create(s.Her)
		theirs := s.Set(elsewhere, testimonytest.Terms{Threshold: 2}, s.trustees...)
		for name, c := range map[string]struct {
			change func(g *statement.Grant)
			want   error
		}{
			"sealed to the reader":     {func(g *statement.Grant) { g.RecipientSHA256 = testimonytest.Sum([]byte(s.Reader.Recipient)) }, grant.ErrDigest},
			"no such policy":           {func(g *statement.Grant) { g.Conditions.Policy = s.ID() }, grant.ErrNotFound},
			"of another testimony":     {func(g *statement.Grant) { g.Conditions.Policy = theirs.ID }, grant.ErrNotFound},
			"shared key and no policy": {func(g *statement.Grant) { g.Conditions.Policy = "" }, grant.ErrDigest},
		} {
			body, headers := s.UnderBody(p, s.parts)
			c.change(&body)
			_, _, err := s.Grants.Grant(t.Context(), s.Her.Caller, s.tid, s.Her.Sign(body).Compact(), headers, nil)
			s.refused(name, err, c.want)
		}
		other, accreditation := s.Researcher()
		body, headers := s.UnderBody(p, s.parts)
		body.Grantee, body.Accreditation = other.ID, accreditation
		_, _, err := s.Grants.Grant(t.Context(), s.Her.Caller, s.tid, s.Her.Sign(body).Compact(), headers, nil)
		s.refused("of another reader", err, grant.ErrNotFound)
	})
}

// A pause closes the vote and what it has opened.
func TestAPauseClosesTheVote(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		p := s.Set(s.tid, testimonytest.Terms{Threshold: 2}, s.trustees...)
		g := s.GrantUnder(p, s.parts)
		s.must(s.Vote(p, 0))
		s.must(s.Vote(p, 1))
		s.pause()
		s.closed("paused", g)
		s.refused("a vote", s.Vote(p, 2), trust.ErrNotNow)
		list, err := s.Trust.Trusts(t.Context(), p.Trustees[2].Caller, "", 10)
		if err != nil || list[0].Open {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func (s *scene) pause() {
	s.t.Helper()
	s.must(s.DB.Update(s.t.Context(), func(ctx context.Context, tx store.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO pauses (account, testimony) VALUES ($1, $2)", string(s.Her.ID), string(s.tid))
		return err
	}))
}

// Erasing the testimony leaves nothing of its policies.
func TestErasingForgetsThePolicies(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		p := s.Set(s.tid, testimonytest.Terms{Threshold: 2}, s.trustees...)
		s.GrantUnder(p, s.parts)
		s.must(s.Answer(p, p.Trustees[0], statement.Agreed))
		covered := statement.ErasedHash(s.Chain(s.Her).About(s.tid))
		erase := s.Her.Sign(statement.Erase{Testimony: s.tid, StatementsSHA256: statement.B64(covered[:])})
		_, err := s.Vault.Erase(t.Context(), s.Her.Caller, s.tid, erase.Compact(), nil)
		s.must(err)
		list, err := s.Trust.Trusts(t.Context(), p.Trustees[0].Caller, "", 10)
		if err != nil || len(list) != 0 {
			t.Errorf("a trustee still sees %d policies, %v", len(list), err)
		}
		s.refused("an answer", s.Answer(p, p.Trustees[0], statement.Declined), trust.ErrNotFound)
		for _, table := range []string{"policies", "policy_trustees"} {
			var n int
			s.View(func(ctx context.Context, tx store.Tx) error {
				return tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table).Scan(&n)
			})
			if n != 0 {
				t.Errorf("%d rows in %s", n, table)
			}
		}
	})
}

// A testimony has so many policies and no more.
func TestATestimonyHasALimitOfPolicies(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		terms := testimonytest.Terms{Silence: day, Wait: day}
		for range trust.PerTestimony {
			s.Set(s.tid, terms)
		}
		p := s.MakePolicy(s.tid, terms)
		_, err := s.Trust.Set(t.Context(), s.Her.Caller, s.tid, trust.New{Statement: s.Her.Sign(p.Body).Compact()}, nil)
		s.refused("one more", err, trust.ErrLimit)
	})
}

// What trustees and silence say is also how her list and the inbox say it.
func TestAWithheldGrantIsCalledWithheld(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.GrantUnder(s.Set(s.tid, testimonytest.Terms{Threshold: 2}, s.trustees...), s.parts)
		hers, err := s.Grants.List(t.Context(), s.Her.Caller, s.tid, 0, 10)
		s.must(err)
		inbox, err := s.Grants.Inbox(t.Context(), s.Reader.Caller, "", 10)
		s.must(err)
		if hers[0].State != release.Withheld || inbox[0].State != release.Withheld {
			t.Errorf("%s, %s", hers[0].State, inbox[0].State)
		}
	})
}

// A check-in of a key that has no account is refused as everything of it is.
func TestOnlyAnAccountChecksIn(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		nobody := s.Stranger()
		check := nobody.SignAt(statement.Head{Seq: 1}, statement.CheckIn{})
		_, err := s.Trust.CheckIn(t.Context(), nobody.Caller, check.Compact(), nil)
		s.refused("a stranger", err, ledger.ErrNotEnrolled)
		if list, err := s.Trust.Notices(t.Context(), nobody.Caller); err != nil || len(list) != 0 {
			t.Errorf("a stranger's notices: %v, %v", list, err)
		}
	})
}
