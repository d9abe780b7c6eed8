package account_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// Who may invite whom. To those who may invite nobody the room does not exist.
func TestWhoMayInvite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		unenrolled := w.Stranger()
		people := map[string]*accounttest.Person{
			"steward": w.Stewards[0], "partner": w.Enrolled(statement.Partner), "researcher": w.Enrolled(statement.Researcher),
			"participant": w.Enrolled(statement.Participant), "nobody": unenrolled,
		}
		all := []statement.Role{statement.Participant, statement.Researcher, statement.Partner, statement.Steward, "operator", ""}
		want := map[string][]error{
			"steward":     {nil, nil, nil, account.ErrRefused, account.ErrRefused, account.ErrRefused},
			"partner":     {nil, account.ErrRefused, account.ErrRefused, account.ErrRefused, account.ErrRefused, account.ErrRefused},
			"researcher":  {account.ErrNotFound, account.ErrNotFound, account.ErrNotFound, account.ErrNotFound, account.ErrNotFound, account.ErrNotFound},
			"participant": {account.ErrNotFound, account.ErrNotFound, account.ErrNotFound, account.ErrNotFound, account.ErrNotFound, account.ErrNotFound},
			"nobody":      {account.ErrNotFound, account.ErrNotFound, account.ErrNotFound, account.ErrNotFound, account.ErrNotFound, account.ErrNotFound},
		}
		for who, p := range people {
			for i, role := range all {
				if _, err := w.Accounts.Invite(t.Context(), p.Caller, role, nil); !errors.Is(err, want[who][i]) {
					t.Errorf("%s invites %q: %v, want %v", who, role, err, want[who][i])
				}
			}
		}
	})
}

// A steward named in the roster invites only once the key has enrolled, so that
// every inviter has a chain.
func TestAStewardInvitesAfterEnrolling(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		joining := w.Stranger()
		w.Approve(w.Change(1, w.Stewards[0], joining), w.Stewards[0])
		if _, err := w.Accounts.Invite(t.Context(), joining.Caller, statement.Participant, nil); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("before enrolling: %v, want ErrNotFound", err)
		}
		joining.Enrol(statement.Steward, account.Request{})
		w.Invite(joining, statement.Participant)
	})
}

// An invitation is worth something for seven days, once, and while its inviter
// could still give it.
func TestInvitationsEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 2, 1)
		use := func(code string) error {
			p := w.Stranger()
			_, err := w.Accounts.Enrol(t.Context(), account.Request{Statement: p.Key(statement.Participant).Compact(), Invitation: code}, nil)
			return err
		}
		inv, err := w.Accounts.Invite(t.Context(), w.Stewards[0].Caller, statement.Participant, nil)
		if err != nil || inv.Expires != w.Clock.Now().Add(7*24*time.Hour).Unix() {
			t.Fatalf("%+v, %v", inv, err)
		}
		if err := use(inv.Code); err != nil {
			t.Errorf("first use: %v", err)
		}
		if err := use(inv.Code); !errors.Is(err, account.ErrRefused) {
			t.Errorf("second use: %v, want ErrRefused", err)
		}
		lastSecond, tooLate := w.Invite(w.Stewards[0], statement.Participant), w.Invite(w.Stewards[0], statement.Participant)
		w.Clock.Forward(account.InvitationTerm - time.Second)
		if err := use(lastSecond); err != nil {
			t.Errorf("in the last second: %v", err)
		}
		w.Clock.Forward(time.Second)
		if err := use(tooLate); !errors.Is(err, account.ErrRefused) {
			t.Errorf("after the last second: %v, want ErrRefused", err)
		}
		removed := w.Invite(w.Stewards[1], statement.Participant)
		w.Approve(w.Change(1, w.Stewards[0]), w.Stewards[0])
		if err := use(removed); !errors.Is(err, account.ErrRefused) {
			t.Errorf("of a steward who was removed: %v, want ErrRefused", err)
		}
	})
}

// One inviter cannot fill the database; ended invitations make room.
func TestUnusedInvitationsAreBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 2, 1)
		for range account.MaxInvitations {
			w.Invite(w.Stewards[0], statement.Participant)
		}
		_, err := w.Accounts.Invite(t.Context(), w.Stewards[0].Caller, statement.Participant, nil)
		var quota *account.Quota
		if !errors.As(err, &quota) || !errors.Is(err, account.ErrQuota) || quota.Limit != account.MaxInvitations {
			t.Errorf("one more: %v, want a quota", err)
		}
		w.Invite(w.Stewards[1], statement.Participant)
		w.Clock.Forward(account.InvitationTerm)
		w.Invite(w.Stewards[0], statement.Participant)
	})
}

// The code that the caller remembers is the one that is stored.
func TestInvitationAndItsMemoryAreOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		var kept account.Invitation
		lost := errors.New("no memory")
		_, err := w.Accounts.Invite(t.Context(), w.Stewards[0].Caller, statement.Participant, func(_ context.Context, _ store.Tx, inv account.Invitation) error {
			kept = inv
			return lost
		})
		if !errors.Is(err, lost) {
			t.Fatalf("%v, want the hook's error", err)
		}
		p := w.Stranger()
		_, err = w.Accounts.Enrol(t.Context(), account.Request{Statement: p.Key(statement.Participant).Compact(), Invitation: kept.Code}, nil)
		if !errors.Is(err, account.ErrRefused) {
			t.Errorf("an invitation that was never given: %v, want ErrRefused", err)
		}
	})
}
