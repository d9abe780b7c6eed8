package client_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/statement"
)

// begin is the begin statement in a text, or nil.
func begin(t *testing.T, text string) *statement.Begin {
	t.Helper()
	s, err := statement.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := s.Body.(*statement.Begin)
	return b
}

// What the vault sealed on arrival is hers only after she has looked at it, and
// can be shared only then.
func TestAPartSealedOnArrivalIsAdoptedFirst(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	n, err := s.salma.AddOnArrival(ctx, s.tid, client.Bytes("call.ogg", "", []byte("a call from the field")))
	if err != nil || n != 4 {
		t.Fatalf("part %d, %v", n, err)
	}
	if _, err := s.salma.Grant(ctx, offer(s.tid, s.reader, n)); !errors.Is(err, client.ErrNotAdopted) {
		t.Errorf("sharing before adopting: %v", err)
	}
	refusal := errors.New("not what I sent")
	err = s.salma.Adopt(ctx, s.tid, n, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return nil, refusal }))
	if !errors.Is(err, refusal) {
		t.Errorf("adopted although she objected: %v", err)
	}
	var b buffer
	if err := s.salma.Adopt(ctx, s.tid, n, &b); err != nil || b.String() != "a call from the field" || b.info.Name != "call.ogg" {
		t.Fatalf("%q, %+v, %v", b.String(), b.info, err)
	}
	id := granted(t, s.salma, offer(s.tid, s.reader, n))
	var read buffer
	if _, err := s.reader.Open(ctx, id, n, &read); err != nil || read.String() != b.String() {
		t.Errorf("%q, %v", read.String(), err)
	}
}

// A vault that stores something else than it was handed cannot make her adopt it.
func TestAdoptingRefusesWhatSheDidNotHandOver(t *testing.T) {
	arrive := func(s *scene, text string) int64 {
		n, err := s.salma.AddOnArrival(context.Background(), s.tid, client.Bytes("a", "", []byte(text)))
		if err != nil {
			panic(err)
		}
		return n
	}
	adopt := func(s *scene) error {
		n := arrive(s, "thirteen byte")
		return s.salma.Adopt(context.Background(), s.tid, n, nil)
	}
	refuses(t, []attack{
		{"another arrival in its place", func(_ *testing.T, s *scene) {
			arrive(s, "longer than thirteen bytes")
			clienttest.Lie(s.Vault, partsRoute, func(a *api.Testimony) {
				other := a.Parts[3]
				other.N, other.Received = a.Parts[4].N, a.Parts[4].Received
				a.Parts[4] = other
			})
		}, adopt, client.ErrPartSwapped},
		{"another statement of receipt", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, partsRoute, func(a *api.Testimony) { a.Parts[3].Received = flip(a.Parts[3].Received) })
		}, adopt, client.ErrPlanted},
		{"another commitment", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, partsRoute, func(a *api.Testimony) { a.Parts[3].Commit[0] ^= 1 })
		}, adopt, client.ErrCommitment},
		{"another digest", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, partsRoute, func(a *api.Testimony) { a.Parts[3].PayloadSHA256[0] ^= 1 })
		}, adopt, client.ErrPartSwapped},
	})
}

// Erasing leaves a hole that her own signature explains; the rest of the chain
// stays verifiable, and nothing can be done to what is gone.
func TestErasureLeavesAnExplainedHole(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	other := told(t, s.salma)
	if err := s.salma.Erase(ctx, s.tid); err != nil {
		t.Fatal(err)
	}
	list, err := fresh(s).List(ctx)
	if err != nil || len(list) != 1 || list[0].ID != other {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := openGranted(s); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("the reader after erasure: %v", err)
	}
	if _, err := fresh(s).Grant(ctx, offer(s.tid, s.reader, 1)); err == nil {
		t.Error("granted what was erased")
	}
}

// Without an accreditation of today a reader is not carried over, and she is
// told which grant to revoke.
func TestARelockChecksItsReadersAgain(t *testing.T) {
	s := newScene(t)
	if err := s.Stewards[0].Suspend(context.Background(), s.reader.Account()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.salma.Relock(context.Background(), s.tid, 1); !errors.Is(err, client.ErrAccreditationStopped) {
		t.Error(err)
	}
}

// A grant whose term is over is not carried over; its reader has nothing.
func TestAnEndedGrantIsNotCarriedOver(t *testing.T) {
	s := newScene(t)
	o := offer(s.tid, s.reader, 3)
	o.Terms.From, o.Terms.Until = s.Now().Unix(), s.Now().Unix()+3600
	granted(t, s.salma, o)
	s.Pass(2 * time.Hour)
	if carried, err := s.salma.Relock(context.Background(), s.tid, 3); err != nil || len(carried) != 0 {
		t.Errorf("%v, %v", carried, err)
	}
}

// The feed is read to its end, and a missing event is noticed.
func TestTheFeedHasNoGaps(t *testing.T) {
	const route = "GET /v1/testimonies/{t}/feed"
	feed := func(s *scene) error {
		events, _, err := s.salma.Feed(context.Background(), s.tid)
		if err == nil && len(events) != 6 {
			return errors.New("the feed is not whole")
		}
		return err
	}
	refuses(t, []attack{
		{"one left out", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, route, func(f *api.Feed) { f.Events = f.Events[1:] })
		}, feed, client.ErrWithheld},
		{"the newest withheld", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, route, func(f *api.Feed) { f.Last++ })
		}, feed, client.ErrWithheld},
	})
}

// Verify finds nothing in an honest vault, and each lie in a lying one, without
// stopping at the first.
func TestVerifyGoesThroughEverything(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	for _, content := range []bool{false, true} {
		r, err := fresh(s).Verify(ctx, content)
		if err != nil || len(r.Findings) != 0 || r.Testimonies != 1 || r.Parts != 3 || r.Grants != 1 || r.Stewards != 2 || r.Compared {
			t.Errorf("%+v, %v", r, err)
		}
	}
	other := file(t, s, 1)[:headerSize]
	clienttest.Lie(s.Vault, headerRoute, func(b *[]byte) { *b = other })
	r, err := fresh(s).Verify(ctx, false)
	if err != nil || len(r.Findings) != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	clienttest.Lie(s.Vault, contentRoute, func(b *[]byte) { (*b)[len(*b)-1] ^= 1 })
	if r, err = fresh(s).Verify(ctx, true); err != nil || len(r.Findings) != 3 {
		t.Errorf("%+v, %v", r, err)
	}
}

// A statement and its receipt verify without the vault, and for no other key.
func TestReceiptsVerifyOffline(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	c, keys := w.Participant(t)
	var receipt string
	clienttest.Lie(w.Vault, "POST /v1/testimonies", func(a *api.Created) { receipt = a.Accepted[0].Receipt })
	if _, err := c.Create(ctx, client.Testimony{Title: "t"}); err != nil {
		t.Fatal(err)
	}
	signed := w.Vault.Chain(keys.ID)[1].Statement
	key := w.Vault.Info.ReceiptKeys[0]
	if day, err := client.VerifyReceipt(signed, receipt, key); err != nil || day != statement.DayOf(w.Now()) {
		t.Errorf("day %d, %v", day, err)
	}
	for name, bad := range map[string][2]string{"altered": {signed, flip(receipt)}, "another statement": {w.Vault.Chain(keys.ID)[0].Statement, receipt}} {
		if _, err := client.VerifyReceipt(bad[0], bad[1], key); !errors.Is(err, client.ErrReceipt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := client.VerifyReceipt(signed, receipt, key[1:]); !errors.Is(err, client.ErrReceipt) {
		t.Errorf("a key of 31 bytes: %v", err)
	}
}

// Enrolling twice is enrolling once; enrolling as something else is refused; a
// code works once.
func TestEnrollingTwiceIsEnrollingOnce(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	c, keys := w.Participant(t)
	if err := w.Client(t, keys).Enrol(ctx, statement.Participant, ""); err != nil {
		t.Error(err)
	}
	if err := w.Client(t, keys).Enrol(ctx, statement.Researcher, ""); err == nil {
		t.Error("a participant became a researcher")
	}
	if len(w.Vault.Chain(c.Account())) != 1 {
		t.Error("the chain has two beginnings")
	}
	w.Vault.Info.Enrolment = api.ModeCode
	if err := w.Client(t, w.Keys(t)).Enrol(ctx, statement.Participant, ""); err == nil {
		t.Error("enrolled without a code")
	}
	code, err := w.Stewards[0].Invite(ctx, statement.Participant)
	if err != nil {
		t.Fatal(err)
	}
	for i, good := range []bool{true, false} {
		if err := w.Client(t, w.Keys(t)).Enrol(ctx, statement.Participant, code.Invitation); (err == nil) != good {
			t.Errorf("use %d of a code: %v", i+1, err)
		}
	}
}

// Files keep their names without their folders, and their types are told.
func TestFilesAreTakenAsTheyAre(t *testing.T) {
	path := filepath.Join(t.TempDir(), "صورة.JPG")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := client.File(path)
	if err != nil || c.Info.Name != "صورة.JPG" || c.Info.MediaType != "image/jpeg" || c.Size != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := client.File(filepath.Dir(path)); err == nil {
		t.Error("a folder was taken for a file")
	}
	if m := client.Bytes("noname", "", []byte("%PDF-1.7")).Info.MediaType; m != "application/pdf" {
		t.Errorf("told %q", m)
	}
}

// Without keys, what needs an account says so and sends nothing.
func TestWithoutKeysOnlyThePublicIsThere(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	c := w.Client(t, nil)
	if _, err := c.Roster(ctx); err != nil {
		t.Error(err)
	}
	_, listErr := c.List(ctx)
	_, createErr := c.Create(ctx, client.Testimony{})
	_, inboxErr := c.Inbox(ctx)
	for _, err := range []error{listErr, createErr, inboxErr, c.Enrol(ctx, statement.Participant, ""), c.SetCard(ctx, "x", client.Card{})} {
		if !errors.Is(err, client.ErrNoKeys) {
			t.Error(err)
		}
	}
}

// A secret survives every spelling.
func TestSecretsReadBack(t *testing.T) {
	secret, err := client.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"en", "fr"} {
		words, err := client.Words(secret, language)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, w := range words {
			text += " " + w
		}
		if back, err := client.ParseSecret(text); err != nil || !back.Equal(secret) {
			t.Errorf("%s: %v", language, err)
		}
	}
	if back, err := client.ParseSecret(client.Digits(secret)); err != nil || !back.Equal(secret) {
		t.Error(err)
	}
	if _, err := client.Words(secret, "xx"); err == nil {
		t.Error("words in a language that has no list")
	}
}

// The terms in force say who is carried over, not those that she first signed: what
// she has renewed beyond its first end is, what she has narrowed to an end that is
// over is not.
func TestARelockGoesByTheTermsInForce(t *testing.T) {
	ctx := context.Background()
	s := newScene(t)
	o := offer(s.tid, s.reader, 3)
	o.Terms.From, o.Terms.Until = s.Now().Unix(), s.Now().Unix()+3600
	first := granted(t, s.salma, o)
	later := s.Now().Unix() + 10*statement.Day
	longer := func(t api.Terms) (api.Terms, error) { t.Until = later; return t, nil }
	if _, err := s.salma.Renew(ctx, client.Renewal{Testimony: s.tid, Grant: first, Terms: longer}); err != nil {
		t.Fatal(err)
	}
	s.Pass(2 * time.Hour)
	if carried, err := s.salma.Relock(ctx, s.tid, 3); err != nil || !slices.Equal(carried, []api.ID{first}) {
		t.Errorf("renewed: %v, %v", carried, err)
	}
	end := s.Now().Unix() + 60
	_, err := s.salma.Narrow(ctx, s.tid, first, func(t api.Terms) (api.Terms, error) { t.Until = end; return t, nil })
	if err != nil {
		t.Fatal(err)
	}
	s.Pass(2 * time.Minute)
	if carried, err := s.salma.Relock(ctx, s.tid, 3); err != nil || len(carried) != 0 {
		t.Errorf("narrowed: %v, %v", carried, err)
	}
}
