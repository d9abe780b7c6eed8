package httpapi_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/proofofwork"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/migrations"
)

// The way into the vault, as a client walks it: work, enrolment, her own chain
// with a receipt; and once more with the same key, which changes nothing.
func TestEnrollingOverHTTP(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newGathering(t, db, 1, 1)
		her := g.Stranger()
		if chain := get[api.Chain](g, her, "/v1/statements"); len(chain.Statements) != 0 || chain.Head.Seq != 0 {
			t.Errorf("before enrolling her chain is %+v", chain)
		}
		e := get[api.Enrolment](g, nil, "/v1/enrolment")
		solution, err := proofofwork.Solve(t.Context(), e.Challenge, string(her.ID))
		must(t, err)
		key, body := g.key(), api.Enrol{Statement: her.Key(statement.Participant).Compact(), Challenge: e.Challenge, Solution: solution}
		if e.Mode != api.ModeOpen || e.Bits != 4 {
			t.Errorf("enrolment: %+v", e)
		}
		first := g.by(nil, "POST", "/v1/accounts", key, body)
		got := read[api.Accepted](g, first, 201)
		if got.Seq != 1 || got.Receipt == "" {
			t.Errorf("answered %+v", got)
		}
		for name, again := range map[string]answer{
			"the same request":       g.by(nil, "POST", "/v1/accounts", key, body),
			"with another key":       g.by(nil, "POST", "/v1/accounts", g.key(), body),
			"with nothing but words": g.by(nil, "POST", "/v1/accounts", g.key(), api.Enrol{Statement: body.Statement}),
		} {
			if again.StatusCode != 201 || again.body != first.body {
				t.Errorf("%s: %d %s, want %s", name, again.StatusCode, again.body, first.body)
			}
		}
		chain := get[api.Chain](g, her, "/v1/statements")
		if len(chain.Statements) != 1 || chain.Statements[0].Statement != body.Statement || chain.Head.SHA256 != got.StatementSHA256 {
			t.Errorf("afterwards her chain is %+v", chain)
		}
		if rest := get[api.Chain](g, her, "/v1/statements?after=1"); len(rest.Statements) != 0 || rest.Head != chain.Head {
			t.Errorf("behind its head her chain is %+v", rest)
		}
	})
}

// A researcher is invited, applies, is accredited by two stewards, is found by a
// participant and suspended by one steward.
func TestVettingOverHTTP(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newGathering(t, db, 2, 2)
		one, two, her, researcher := g.Stewards[0], g.Stewards[1], g.Enrolled(statement.Participant), g.Stranger()
		inv := post[api.Invitation](g, one, "/v1/invitations", 201, api.Invite{Role: statement.Researcher})
		post[api.Accepted](g, nil, "/v1/accounts", 201, api.Enrol{Statement: researcher.Key(statement.Researcher).Compact(), Invitation: inv.Invitation})
		post[api.Accepted](g, researcher, "/v1/applications", 201, signed(researcher, g.application(researcher, "Dr. Salma")))
		waiting := get[api.Applications](g, two, "/v1/applications").Applications
		if len(waiting) != 1 || waiting[0].Key != researcher.Statement(1).Compact() || len(waiting[0].Accredit) != 0 {
			t.Fatalf("%+v waits", waiting)
		}
		body := g.accreditation(researcher, waiting[0].Apply)
		for i, s := range []*accounttest.Person{one, two} {
			a := post[api.Accreditation](g, s, "/v1/accreditations", 201, signed(s, body))
			if a.Approvals != i+1 || a.Threshold != 2 || a.Effective != (i == 1) {
				t.Errorf("voice %d: %+v", i+1, a)
			}
		}
		list, found := get[api.Researchers](g, her, "/v1/researchers").Researchers, get[api.Researcher](g, her, "/v1/researchers/"+string(researcher.ID))
		if len(list) != 1 || len(list[0].Accredit) != 2 || list[0].Apply != found.Apply || len(found.Suspend) != 0 {
			t.Errorf("she sees %+v and %+v", list, found)
		}
		s, err := statement.Parse(found.Accredit[0])
		must(t, err)
		hash := s.BodyHash()
		ended := post[api.Accreditation](g, two, "/v1/suspensions", 201, signed(two, statement.Suspend{Account: researcher.ID, Accreditation: statement.B64(hash[:])}))
		if ended.Effective || ended.Accreditation != hash {
			t.Errorf("suspended: %+v", ended)
		}
		if list := get[api.Researchers](g, her, "/v1/researchers").Researchers; len(list) != 0 {
			t.Errorf("after the suspension she sees %+v", list)
		}
		if found := get[api.Researcher](g, her, "/v1/researchers/"+string(researcher.ID)); len(found.Suspend) != 1 {
			t.Errorf("after the suspension she finds %+v", found)
		}
	})
}

// The roster is there for everybody, and stewards change it together.
func TestChangingTheRosterOverHTTP(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newGathering(t, db, 2, 2)
		document := g.Change(1, g.Stewards...)
		for i, s := range g.Stewards {
			in := api.ProposeRoster{Document: document, Statement: s.Sign(change(document, 1)).Compact()}
			if a := post[api.RosterProposed](g, s, "/v1/roster", 200, in); a.Approvals != i+1 || a.Threshold != 2 || a.Effective != (i == 1) {
				t.Errorf("voice %d: %+v", i+1, a)
			}
		}
		links := get[api.Roster](g, nil, "/v1/roster").Links
		if len(links) != 2 || api.HashOf(links[0].Document).String() != g.Vault || string(links[1].Document) != string(document) || len(links[1].Approvals) != 2 {
			t.Errorf("the roster is %+v", links)
		}
	})
}

// A room that is not for the caller looks like one that does not exist: the very
// same bytes.
func TestWhatIsNotForTheCallerIsNotThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newGathering(t, db, 1, 1)
		her, researcher := g.Enrolled(statement.Participant), g.Enrolled(statement.Researcher)
		post[api.Accepted](g, researcher, "/v1/applications", 201, signed(researcher, g.application(researcher, "Dr. Salma")))
		document := g.Change(1, g.Stewards[0])
		voice := g.accreditation(researcher, researcher.Statement(2).Compact())
		want := g.by(her, "GET", "/v1/nothing", "", nil)
		if want.problem(t).Name() != api.ProblemNotFound {
			t.Fatalf("%d %s", want.StatusCode, want.body)
		}
		for name, a := range map[string]answer{
			"applications":          g.by(her, "GET", "/v1/applications", "", nil),
			"an applicant":          g.by(her, "GET", "/v1/researchers/"+string(researcher.ID), "", nil),
			"no researcher":         g.by(her, "GET", "/v1/researchers/"+string(her.ID), "", nil),
			"no account":            g.by(her, "GET", "/v1/researchers/x", "", nil),
			"inviting":              g.by(her, "POST", "/v1/invitations", g.key(), api.Invite{Role: statement.Participant}),
			"accrediting":           g.by(her, "POST", "/v1/accreditations", g.key(), signed(her, voice)),
			"suspending":            g.by(her, "POST", "/v1/suspensions", g.key(), signed(her, statement.Suspend{Account: researcher.ID, Accreditation: g.Vault})),
			"changing the roster":   g.by(her, "POST", "/v1/roster", g.key(), api.ProposeRoster{Document: document, Statement: her.Sign(change(document, 1)).Compact()}),
			"suspending what isn't": g.by(g.Stewards[0], "POST", "/v1/suspensions", g.key(), signed(g.Stewards[0], statement.Suspend{Account: her.ID, Accreditation: g.Vault})),
		} {
			if a.StatusCode != 404 || a.body != want.body {
				t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
			}
		}
	})
}

// Each refusal of a domain has its problem, and a client can act on it.
func TestRefusalsAboutPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newGathering(t, db, 1, 1)
		steward, researcher, stranger := g.Stewards[0], g.Enrolled(statement.Researcher), g.Stranger()
		partner := g.Enrolled(statement.Partner)
		apply := g.application(researcher, "Dr. Salma")
		early := researcher.SignAt(statement.Head{Seq: 5, Hash: api.HashOf(nil)}, apply)
		enrol := func(s *statement.Statement) answer {
			return g.by(nil, "POST", "/v1/accounts", g.key(), api.Enrol{Statement: s.Compact()})
		}
		head := researcher.Statement(1).Hash()
		for name, c := range map[string]struct {
			a    answer
			want api.ProblemName
		}{
			"nothing that admits":        {enrol(stranger.Key(statement.Participant)), api.ProblemEnrolmentRefused},
			"another key statement":      {enrol(researcher.Key(statement.Researcher)), api.ProblemConflict},
			"another vault":              {enrol(stranger.For(api.HashOf(nil).String()).Key(statement.Participant)), api.ProblemStatementRefused},
			"a partner's researcher":     {g.by(partner, "POST", "/v1/invitations", g.key(), api.Invite{Role: statement.Researcher}), api.ProblemEnrolmentRefused},
			"applying before enrolling":  {g.by(stranger, "POST", "/v1/applications", g.key(), api.Signed{Statement: stranger.SignAt(statement.Head{Seq: 1, Hash: head}, apply).Compact()}), api.ProblemEnrolFirst},
			"applying with another key":  {g.by(researcher, "POST", "/v1/applications", g.key(), signed(steward, apply)), api.ProblemStatementRefused},
			"out of order":               {g.by(researcher, "POST", "/v1/applications", g.key(), api.Signed{Statement: early.Compact()}), api.ProblemChainConflict},
			"no idempotency key":         {g.web.do("POST", "/v1/accounts", `{"statement":"x"}`, "Content-Type", api.MediaJSON), api.ProblemIdempotencyKeyMissing},
			"not signed in":              {g.by(nil, "GET", "/v1/statements", "", nil), api.ProblemUnauthorized},
			"a page behind no account":   {g.by(researcher, "GET", "/v1/researchers?after=x", "", nil), api.ProblemBadRequest},
			"statements behind no place": {g.by(researcher, "GET", "/v1/statements?after=-1", "", nil), api.ProblemBadRequest},
		} {
			p := c.a.problem(t)
			if p.Name() != c.want {
				t.Errorf("%s: %d %s, want %s", name, c.a.StatusCode, p.Name(), c.want)
			}
			if c.want == api.ProblemChainConflict && (p.Head == nil || p.Head.Seq != 1 || p.Head.SHA256 != head) {
				t.Errorf("%s: the head is told as %+v", name, p.Head)
			}
		}
	})
}

// One invitation is made however often the request is sent, and its key is good
// for that request only.
func TestARepeatedInvitationIsTheSame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newGathering(t, db, 1, 1)
		key := g.key()
		first := g.by(g.Stewards[0], "POST", "/v1/invitations", key, api.Invite{Role: statement.Participant})
		again := g.by(g.Stewards[0], "POST", "/v1/invitations", key, api.Invite{Role: statement.Participant})
		if first.StatusCode != 201 || again.StatusCode != 201 || again.body != first.body {
			t.Errorf("%d %s, again %d %s", first.StatusCode, first.body, again.StatusCode, again.body)
		}
		other := g.by(g.Stewards[0], "POST", "/v1/invitations", key, api.Invite{Role: statement.Partner})
		if p := other.problem(t); p.Name() != api.ProblemIdempotencyKeyReused {
			t.Errorf("the key with another request: %s", p.Name())
		}
	})
}

// What a researcher may say of herself at most fits into a request, and so does a
// steward's word on it.
func TestTheLongestApplicationFits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newGathering(t, db, 1, 1)
		researcher := g.Enrolled(statement.Researcher)
		said := g.application(researcher, strings.Repeat("𐎀", 200))
		said.Institution, said.Purpose = strings.Repeat("𐎀", 300), strings.Repeat("𐎀", 2000)
		post[api.Accepted](g, researcher, "/v1/applications", 201, signed(researcher, said))
		body := g.accreditation(researcher, researcher.Statement(2).Compact())
		post[api.Accreditation](g, g.Stewards[0], "/v1/accreditations", 201, signed(g.Stewards[0], body))
	})
}

// A list that is longer than one answer goes on behind its Link.
func TestLongListsGoOn(t *testing.T) {
	db := storetest.Open(t, storetest.Fresh(t, store.SQLite, migrations.Files))
	g := newGathering(t, db, 1, 1)
	const applicants = 201
	for range applicants {
		p := g.Enrolled(statement.Researcher)
		_, err := g.Accreditations.Apply(t.Context(), p.Caller, p.Sign(g.application(p, "R")).Compact(), nil)
		must(t, err)
	}
	path, seen := "/v1/applications", map[string]bool{}
	for pages := 1; path != ""; pages++ {
		a := g.by(g.Stewards[0], "GET", path, "", nil)
		for _, one := range read[api.Applications](g, a, 200).Applications {
			seen[one.Key] = true
		}
		path = next(t, a)
		if (path == "") != (pages == 2) {
			t.Fatalf("after page %d it goes on at %q", pages, path)
		}
	}
	if len(seen) != applicants {
		t.Errorf("saw %d of %d", len(seen), applicants)
	}
}

func next(t *testing.T, a answer) string {
	t.Helper()
	link := a.Header.Get("Link")
	if link == "" {
		return ""
	}
	target, params, ok := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	if _, err := url.Parse(target); err != nil || !ok || params != `; rel="next"` {
		t.Fatalf("Link: %s, %v", link, err)
	}
	return target
}
