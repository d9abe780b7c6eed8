package accreditation_test

import (
	"context"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/accreditation"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

const year = 365 * 24 * time.Hour

// desk is a vault with a researcher who has applied.
type desk struct {
	*accounttest.World
	researcher *accounttest.Person
}

func newDesk(t *testing.T, db *store.DB, stewards, threshold int) *desk {
	t.Helper()
	d := &desk{World: accounttest.New(t, db, stewards, threshold)}
	d.researcher = d.applicant("Dr. Salma")
	return d
}

// applicant is a further researcher who has applied.
func (d *desk) applicant(name string) *accounttest.Person {
	d.T.Helper()
	p := d.Enrolled(statement.Researcher)
	d.apply(p, d.application(p, name))
	return p
}

func (d *desk) application(p *accounttest.Person, name string) statement.Apply {
	d.T.Helper()
	key := p.Statement(1).Hash()
	return statement.Apply{KeySHA256: statement.B64(key[:]), Name: name, Institution: "University of Sanaa", Purpose: "How women speak of safety"}
}

func (d *desk) apply(p *accounttest.Person, body statement.Apply) {
	d.T.Helper()
	if _, err := d.Accreditations.Apply(d.T.Context(), p.Caller, p.Sign(body).Compact(), nil); err != nil {
		d.T.Fatal(err)
	}
}

// body is what stewards sign for somebody, for a year from now.
func (d *desk) body(p *accounttest.Person) statement.Accredit {
	d.T.Helper()
	all, err := d.Accreditations.Researcher(d.T.Context(), p.Caller, p.ID)
	if err != nil {
		d.T.Fatal(err)
	}
	apply, err := statement.Parse(all.Apply)
	if err != nil {
		d.T.Fatal(err)
	}
	said, hash := apply.Body.(*statement.Apply), apply.Hash()
	return statement.Accredit{
		Account: p.ID, KeySHA256: said.KeySHA256, ApplySHA256: statement.B64(hash[:]),
		Name: said.Name, Institution: said.Institution, Purpose: said.Purpose,
		From: d.Clock.Now().Unix(), Until: d.Clock.Now().Add(year).Unix(),
	}
}

func (d *desk) accredit(steward *accounttest.Person, body statement.Accredit) (accreditation.Outcome, error) {
	d.T.Helper()
	return d.Accreditations.Accredit(d.T.Context(), steward.Caller, steward.Sign(body).Compact(), nil)
}

// effective accredits by some stewards, the last of whom makes it count.
func (d *desk) effective(body statement.Accredit, stewards ...*accounttest.Person) accreditation.ID {
	d.T.Helper()
	var out accreditation.Outcome
	for _, s := range stewards {
		var err error
		if out, err = d.accredit(s, body); err != nil {
			d.T.Fatal(err)
		}
	}
	if !out.Effective {
		d.T.Fatalf("not effective: %+v", out)
	}
	return out.Accreditation
}

func (d *desk) suspend(steward *accounttest.Person, of *accounttest.Person, name accreditation.ID) (accreditation.Outcome, error) {
	d.T.Helper()
	s := steward.Sign(statement.Suspend{Account: of.ID, Accreditation: statement.B64(name[:])})
	return d.Accreditations.Suspend(d.T.Context(), steward.Caller, s.Compact(), nil)
}

func (d *desk) live(of *accounttest.Person, name accreditation.ID) bool {
	d.T.Helper()
	var live bool
	d.View(func(ctx context.Context, tx store.Tx) (err error) {
		live, err = d.Accreditations.Live(ctx, tx, name[:], of.ID, d.Clock.Now().Unix())
		return err
	})
	return live
}

// listed are the names of the accredited researchers as a participant sees them.
func (d *desk) listed(by *accounttest.Person) (names []string) {
	d.T.Helper()
	list, err := d.Accreditations.Researchers(d.T.Context(), by.Caller, "", 100)
	if err != nil {
		d.T.Fatal(err)
	}
	return named(d.T, list)
}

func named(t testing.TB, list []accreditation.Dossier) (names []string) {
	t.Helper()
	for _, l := range list {
		s, err := statement.Parse(l.Apply)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, s.Body.(*statement.Apply).Name)
	}
	return names
}
