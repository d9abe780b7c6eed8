package oracletest_test

import (
	"crypto/rand"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// world is a vault with everything in it that could be guessed at.
type world struct {
	t         *testing.T
	vault     *vaulttest.Vault
	door      *peopletest.Door
	her       *peopletest.Person
	testimony api.ID            // parts 1 and 2, an upload under way as 3, a part that arrived as 4
	erased    api.ID            // what she has erased
	recovery  api.ID            // by which trustees give lost words back
	claim     api.ID            // on her account
	policy    api.ID            // by which trustees let a reader in
	paused    api.ID            // what she has paused
	grants    map[string]api.ID // on part 1, by what became of them
	people    []caller
	part      sealed // what anybody could send
	field     *field // what partners have
	doors     map[route]door
	refusals  map[by]answer // the one for everything
	counts    bool          // what questions cost
	work      int64         // statements that the last question cost
}

// caller is somebody who asks, and what they may see.
type caller struct {
	who string
	*peopletest.Person
	sees   api.ID               // a grant
	read   bool                 // something by that grant
	judges map[api.Account]bool // applications
	ended  api.ID               // a grant that was taken back, to whose end they may answer

	program *partnertest.Program // that asks; nil: a person
	narrow  bool                 // it has no scope that any of this takes
}

// by is a kind of caller at a kind of door.
type by struct {
	program bool
	door    door
}

// underWay and arrived are the numbers of the parts that are none yet.
const underWay, arrived = 3, 4

func newWorld(t *testing.T, option vaulttest.Option) *world {
	t.Helper()
	w := newField(t, option)
	w.store()
	w.share()
	w.joins()
	return w
}

// newField is a vault with her in it and what partners have.
func newField(t *testing.T, option vaulttest.Option) *world {
	t.Helper()
	// The clock stands still, so what a program may ask is for all its questions.
	v := vaulttest.New(t, option, vaulttest.With(func(c *config.Config) { c.Programs.Requests = 1_000_000 }))
	w := &world{t: t, vault: v, grants: map[string]api.ID{}, refusals: map[by]answer{}}
	w.door = &peopletest.Door{T: t, Origin: v.URL, Vault: v.ID, Steward: v.Steward, Now: v.Clock.Now}
	w.her = w.door.Participant()
	w.seal()
	w.bring()
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) store() {
	w.t.Helper()
	large := make([]byte, 100<<10)
	new := client.Testimony{Title: "سر", Parts: []client.Content{client.Bytes("a.txt", "", []byte("a")), client.Bytes("b.txt", "", large)}}
	var err error
	w.erased, err = w.her.Create(w.t.Context(), new)
	w.must(err)
	w.must(w.her.Erase(w.t.Context(), w.erased))
	w.paused, err = w.her.Create(w.t.Context(), new)
	w.must(err)
	w.testimony, err = w.her.Create(w.t.Context(), new)
	w.must(err)
	w.begin(underWay)
	n, err := w.her.AddOnArrival(w.t.Context(), w.testimony, client.Bytes("d.txt", "", []byte("d")))
	if err != nil || n != arrived {
		w.t.Fatalf("part %d arrived, want %d (%v)", n, arrived, err)
	}
}

// begin opens a slot for a large upload.
func (w *world) begin(n int64) {
	w.t.Helper()
	place := place{testimony: w.testimony, n: n}
	ask := question{caller{Person: w.her}, route{http.MethodPost, "/v1/testimonies/{testimony}/parts"}, place}
	if a := w.ask(ask, w.sent(ask)); a.status != http.StatusCreated {
		w.t.Fatalf("begin: %d %s", a.status, a.body)
	}
}

// share makes grants of every fate, and the people who ask.
func (w *world) share() {
	w.t.Helper()
	guard, day := w.door.Guard(), int64(statement.Day)
	now := w.vault.Clock.Now().Unix()
	lets := func(fate string, testimony api.ID, terms api.Terms) *peopletest.Person {
		p := w.door.Researcher(100)
		terms.Purposes, terms.Attribution, terms.Access = []statement.Purpose{"Research"}, statement.Background, statement.Download
		g, err := w.her.Grant(w.t.Context(), client.Offer{Testimony: testimony, Parts: []int64{1}, To: p.Account(), Terms: terms})
		w.must(err)
		w.grants[fate] = g.ID
		return p
	}
	reader := func(fate string, from, until int64) *peopletest.Person {
		return lets(fate, w.testimony, api.Terms{From: from, Until: until})
	}
	live, revoked, expired := reader("live", 0, 0), reader("revoked", 0, 0), reader("expired", 0, now+3600)
	waiting, suspended := reader("waiting", now+30*day, now+60*day), reader("suspended", 0, 0)
	paused, usedUp := lets("paused", w.paused, api.Terms{}), lets("used-up", w.testimony, api.Terms{MaxReads: 1})
	_, err := usedUp.Open(w.t.Context(), w.grants["used-up"], 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return io.Discard, nil }))
	w.must(err)
	w.must(w.her.Pause(w.t.Context(), w.paused))
	_, err = w.her.Revoke(w.t.Context(), w.testimony, w.grants["revoked"])
	w.must(err)
	w.must(guard.Suspend(w.t.Context(), suspended.Account()))
	w.vault.Clock.Forward(25 * time.Hour)
	withheld := w.entrust()
	applicant := w.door.Applicant("Institute")
	judges := map[api.Account]bool{applicant.Account(): true}
	w.people = []caller{
		{who: "an unknown key", Person: w.door.Stranger()}, {who: "another woman", Person: w.door.Participant()},
		{who: "the steward", Person: guard, judges: judges}, {who: "an applicant", Person: applicant, judges: judges},
		{who: "a researcher without grant", Person: w.door.Researcher(100)},
		{who: "a researcher whose grant is revoked", Person: revoked, ended: w.grants["revoked"]}, {who: "a researcher whose grant has expired", Person: expired},
		{who: "a researcher whose grant waits", Person: waiting, sees: w.grants["waiting"]},
		{who: "a researcher whose grant is paused", Person: paused, sees: w.grants["paused"]},
		{who: "a researcher who has read as often as allowed", Person: usedUp, sees: w.grants["used-up"], read: true},
		{who: "a researcher whose grant is withheld", Person: withheld, sees: w.grants["withheld"]},
		{who: "a suspended researcher", Person: suspended, sees: w.grants["suspended"]},
		{who: "a researcher who asks for more", Person: live, sees: w.grants["live"], read: true},
	}
}

// entrust has her name two trustees, and grant to a reader what they have not
// released.
func (w *world) entrust() (reader *peopletest.Person) {
	w.t.Helper()
	reader = w.door.Researcher(100)
	terms := client.PolicyTerms{Testimony: w.testimony, To: reader.Account(), Threshold: 2}
	for range 2 {
		trustee := w.door.Participant()
		w.must(trustee.Introduce(w.t.Context(), true))
		terms.Trustees = append(terms.Trustees, trustee.Account())
	}
	p, err := w.her.SetPolicy(w.t.Context(), terms)
	w.must(err)
	g, err := w.her.Grant(w.t.Context(), client.Offer{Testimony: w.testimony, Parts: []int64{1}, To: reader.Account(), Policy: p.ID})
	w.must(err)
	w.policy, w.grants["withheld"] = p.ID, g.ID
	w.must(w.her.SetRecovery(w.t.Context(), w.her.Secret, client.RecoveryTerms{Trustees: terms.Trustees, Threshold: 2, Wait: 1}))
	w.claim, err = w.door.Participant().Claim(w.t.Context(), w.her.Account())
	w.must(err)
	r, err := w.her.Recovery(w.t.Context())
	w.must(err)
	w.recovery = r.Recovery
	return reader
}

// draw is a name of nothing.
func (w *world) draw() api.ID {
	w.t.Helper()
	i, err := id.New(rand.Reader)
	w.must(err)
	return i
}

// says signs what somebody would say next. Who has not enrolled pretends to a
// place in a chain.
func (w *world) says(c caller, body statement.Body) *statement.Statement {
	w.t.Helper()
	head := statement.Head{Seq: 1}
	if h, err := c.Head(w.t.Context()); err == nil && h.Seq > 0 {
		head = statement.Head{Seq: h.Seq, Hash: h.SHA256}
	}
	signer := statement.Signer{Key: c.Keys, Vault: w.vault.ID.String(), Rand: rand.Reader, Now: w.vault.Clock.Now}
	s, _, err := signer.Sign(head, body)
	w.must(err)
	return s
}
