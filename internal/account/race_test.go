package account_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// atOnce runs n functions at the same time and gives their errors.
func atOnce(n int, f func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

func succeeded(errs []error) (n int) {
	for _, err := range errs {
		if err == nil {
			n++
		}
	}
	return n
}

// Eight keys bring one invitation at once: one enrols.
func TestOneInvitationAdmitsOneKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		code := w.Invite(w.Stewards[0], statement.Participant)
		var requests []account.Request
		for range 8 {
			requests = append(requests, account.Request{Statement: w.Stranger().Key(statement.Participant).Compact(), Invitation: code})
		}
		errs := atOnce(len(requests), func(i int) error {
			_, err := w.Accounts.Enrol(t.Context(), requests[i], nil)
			return err
		})
		if n := succeeded(errs); n != 1 {
			t.Errorf("%d keys enrolled: %v", n, errs)
		}
		for _, err := range errs {
			if err != nil && !errors.Is(err, account.ErrRefused) {
				t.Errorf("%v, want ErrRefused", err)
			}
		}
	})
}

// One key sends its statement eight times at once: one enrolment, one receipt.
func TestOneStatementSentAtOnceIsOneEnrolment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		p := w.Stranger()
		req := work(w, p)
		req.Statement = p.Key(statement.Participant).Compact()
		answers := make([]ledger.Accepted, 8)
		errs := atOnce(len(answers), func(i int) (err error) {
			answers[i], err = w.Accounts.Enrol(t.Context(), req, nil)
			return err
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if len(slices.Compact(answers)) != 1 {
			t.Error("the answers differ")
		}
	})
}

// One key sends four different key statements at once: one of them is its account.
func TestOneKeyEnrolsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		p := w.Stranger()
		req := work(w, p)
		var statements []string
		for range 4 {
			statements = append(statements, p.Key(statement.Participant).Compact())
		}
		errs := atOnce(len(statements), func(i int) error {
			r := req
			r.Statement = statements[i]
			_, err := w.Accounts.Enrol(t.Context(), r, nil)
			return err
		})
		if n := succeeded(errs); n != 1 {
			t.Fatalf("%d of the statements were accepted: %v", n, errs)
		}
		for i, err := range errs {
			if err == nil && p.Statement(1).Compact() != statements[i] {
				t.Errorf("statement %d was accepted, and the chain begins with another", i)
			}
			if err != nil && !errors.Is(err, account.ErrConflict) {
				t.Errorf("%v, want ErrConflict", err)
			}
		}
	})
}

// Charges at the same time do not pass the limit together, and what is given
// back can be used again.
func TestTheQuotaHoldsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		p := w.Enrolled(statement.Participant)
		charge := func(bytes, limit int64) error {
			return db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return account.Charge(ctx, tx, p.ID, bytes, limit) })
		}
		errs := atOnce(8, func(int) error { return charge(10, 35) })
		if n := succeeded(errs); n != 3 {
			t.Errorf("%d charges of 10 within 35: %v", n, errs)
		}
		for _, err := range errs {
			if err != nil && !errors.Is(err, account.ErrQuota) {
				t.Errorf("%v, want ErrQuota", err)
			}
		}
		if err := charge(5, 35); err != nil {
			t.Errorf("up to the limit: %v", err)
		}
		if err := charge(-10, 5); err != nil {
			t.Errorf("giving back under a limit that was lowered: %v", err)
		}
		if err := charge(10, 35); err != nil {
			t.Errorf("using again what was given back: %v", err)
		}
		if err := charge(1, 35); !errors.Is(err, account.ErrQuota) {
			t.Errorf("one byte more: %v, want ErrQuota", err)
		}
	})
}

// Every testimony gets a number of its own, without gaps, up to the limit.
func TestOrdinalsAreDistinct(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		p := w.Enrolled(statement.Participant)
		got := make([]int64, 6)
		errs := atOnce(len(got), func(i int) error {
			return db.Update(t.Context(), func(ctx context.Context, tx store.Tx) (err error) {
				got[i], err = account.NextOrdinal(ctx, tx, p.ID, 4)
				return err
			})
		})
		if n := succeeded(errs); n != 4 {
			t.Errorf("%d numbers within a limit of 4: %v", n, errs)
		}
		slices.Sort(got)
		if !slices.Equal(got, []int64{0, 0, 1, 2, 3, 4}) {
			t.Errorf("numbers %v", got)
		}
	})
}
