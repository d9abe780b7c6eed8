package roster_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/roster"
)

func closing(stops, last string) *roster.Farewell {
	return &roster.Farewell{Kind: roster.Closing, Stops: stops, Last: last}
}

// say writes the document that follows r with a farewell, on a day that many after the
// founding.
func say(t testing.TB, r *roster.Roster, f *roster.Farewell, days int) []byte {
	t.Helper()
	terms := r.Terms()
	terms.Farewell = f
	b, err := r.Change(rand.Reader, today().AddDate(0, 0, days), terms)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A farewell counts with the threshold behind it, stays through other changes, and is
// taken back by a roster without it.
func TestAFarewellIsTheStewardsWord(t *testing.T) {
	a, b := person(t, "A"), person(t, "B")
	founding := roster.Link{Document: found(t, false, 2, []roster.Steward{a, b})}
	r := verify(t, founding)
	said := say(t, r, closing("2026-12-20", "2027-01-31"), 0)
	if _, err := r.Follow(roster.Link{Document: said, Approvers: accounts(a)}); !errors.Is(err, roster.ErrApprovals) {
		t.Errorf("one voice: %v", err)
	}
	r, err := r.Follow(roster.Link{Document: said, Approvers: accounts(a, b)})
	if err != nil || *r.Farewell() != *closing("2026-12-20", "2027-01-31") {
		t.Fatalf("%v %v", r.Farewell(), err)
	}
	// In the last days a steward leaves: the word stays as it was given.
	terms := r.Terms()
	terms.Threshold = 1
	late, err := r.Change(rand.Reader, today().AddDate(0, 0, 60), terms)
	if err != nil {
		t.Fatal(err)
	}
	r, err = r.Follow(roster.Link{Document: late, Approvers: accounts(a, b)})
	if err != nil || r.Farewell() == nil {
		t.Fatalf("%v", err)
	}
	if r, err = r.Follow(roster.Link{Document: say(t, r, nil, 61), Approvers: accounts(a)}); err != nil || r.Farewell() != nil {
		t.Errorf("taken back: %v", err)
	}
}

// Nobody is hurried: a new or shorter word leaves thirty days, whoever signs it.
func TestAFarewellLeavesThirtyDays(t *testing.T) {
	a := person(t, "A")
	r := verify(t, roster.Link{Document: found(t, false, 1, []roster.Steward{a})})
	// hurry is a document that no honest program would write.
	hurry := func(r *roster.Roster, f *roster.Farewell, days int) error {
		later := *f
		later.Last = "2030-01-01"
		b := bytes.Replace(say(t, r, &later, days), []byte(later.Last), []byte(f.Last), 1)
		_, err := r.Follow(roster.Link{Document: b, Approvers: accounts(a)})
		return err
	}
	if err := hurry(r, closing("2026-11-24", "2026-12-22"), 0); !errors.Is(err, roster.ErrLink) || !strings.Contains(err.Error(), "2026-12-23 is the earliest") {
		t.Errorf("29 days: %v", err)
	}
	terms := r.Terms()
	terms.Farewell = closing("2026-11-24", "2026-12-22")
	if _, err := r.Change(rand.Reader, today(), terms); !errors.Is(err, roster.ErrLink) {
		t.Errorf("29 days are written: %v", err)
	}
	r, err := r.Follow(roster.Link{Document: say(t, r, closing("2026-11-24", "2026-12-23"), 0), Approvers: accounts(a)})
	if err != nil {
		t.Fatalf("30 days: %v", err)
	}
	if err := hurry(r, closing("2026-11-24", "2026-12-24"), 20); !errors.Is(err, roster.ErrLink) {
		t.Errorf("changed to a nearer day than 30: %v", err)
	}
}

// The days mean whole days of UTC, and a vault that has moved serves where it went.
func TestTheStagesOfAFarewell(t *testing.T) {
	f := &roster.Farewell{Kind: roster.Moving, Stops: "2026-12-20", Last: "2027-01-31", Origin: "https://new.example"}
	for moment, want := range map[string]roster.Stage{
		"2026-12-19T23:59:59Z": roster.Serving, "2026-12-20T00:00:00Z": roster.Winding, "2027-01-31T23:59:59Z": roster.Winding,
		"2027-02-01T00:00:00Z": roster.Over, "2027-02-01T00:30:00+02:00": roster.Winding,
	} {
		at, err := time.Parse(time.RFC3339, moment)
		if err != nil || f.StageAt(at) != want {
			t.Errorf("%s: %v, %v", moment, f.StageAt(at), err)
		}
	}
	var none *roster.Farewell
	if none.StageAt(today()) != roster.Serving || none.Here([]string{""}) {
		t.Error("no farewell ends something")
	}
	if !f.Here([]string{"https://old.example", "https://new.example"}) || f.Here([]string{"https://new.example.evil"}) {
		t.Error("where it went")
	}
	f.Vault = roster.ID(nil).String()
	if f.Here([]string{"https://new.example"}) {
		t.Error("another vault is this one")
	}
}

// A farewell has one spelling, and sends people nowhere that is read on the line.
func TestAFarewellIsReadStrictly(t *testing.T) {
	r := verify(t, roster.Link{Document: found(t, false, 1, people(t, "A"))})
	good := string(say(t, r, &roster.Farewell{Kind: roster.Moving, Stops: "2026-12-20", Last: "2027-01-31", Origin: "https://new.example", Vault: roster.ID(nil).String()}, 0))
	for name, edit := range map[string][2]string{
		"another kind":      {`"kind":"moving"`, `"kind":"burning"`},
		"closing somewhere": {`"kind":"moving"`, `"kind":"closing"`},
		"no such day":       {`2027-01-31`, `2027-02-31`},
		"days backwards":    {`"last":"2027-01-31"`, `"last":"2026-12-19"`},
		"a plain line":      {`https://new`, `http://new`},
		"a path":            {`new.example`, `new.example/x`},
		"the usual port":    {`new.example`, `new.example:443`},
		"a user":            {`new.example`, `u@new.example`},
		"capitals":          {`new.example`, `New.example`},
		"a script":          {`https://new.example`, `javascript:alert`},
		"nowhere":           {`"origin":"https://new.example",`, ``},
		"an empty member":   {`"origin":"https://new.example"`, `"origin":""`},
		"a short id":        {roster.ID(nil).String(), roster.ID(nil).String()[1:]},
		"an unknown member": {`"kind"`, `"why":"x","kind"`},
		"nothing in it":     {good[strings.Index(good, `"farewell":`):], `"farewell":{}}`},
		"null":              {good[strings.Index(good, `"farewell":`):], `"farewell":null}`},
		"at the founding":   {`"seq":1,"prev":"` + prevOf(t, good) + `"`, `"seq":0,"prev":""`},
	} {
		bad := strings.Replace(good, edit[0], edit[1], 1)
		if bad == good {
			t.Errorf("%s: the edit changes nothing", name)
		}
		if _, err := roster.Parse([]byte(bad)); !errors.Is(err, roster.ErrDocument) {
			t.Errorf("%s is read: %v", name, err)
		}
	}
	if _, err := roster.Parse(bytes.TrimSpace([]byte(good))); err != nil {
		t.Error(err)
	}
}

func prevOf(t testing.TB, document string) string {
	t.Helper()
	d, err := roster.Parse([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return d.Prev
}
