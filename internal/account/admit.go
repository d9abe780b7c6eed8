package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account/accountdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// admit decides whether a key that is new may enrol. It is the whole of the rule:
//
//	steward                  stands in the current roster
//	everybody else           an invitation for the role, or
//	participant, researcher  in Open mode a proof of work, within the day's quota
//
// It gives who invited, if somebody did: an account, or a partner.
func (a *Accounts) admit(ctx context.Context, tx store.Tx, who id.Thumbprint, role statement.Role, req Request) (by string, err error) {
	switch {
	case role == statement.Steward:
		return "", a.admitSteward(ctx, tx, who)
	case req.Invitation != "":
		return a.admitInvited(ctx, tx, role, req.Invitation)
	case a.Mode == Open && role != statement.Partner:
		return "", a.admitWorker(ctx, tx, who, req)
	}
	return "", fmt.Errorf("%w: an invitation is needed: ask a partner organisation or a steward for one", ErrRefused)
}

func (a *Accounts) admitSteward(ctx context.Context, tx store.Tx, who id.Thumbprint) error {
	current, err := a.Roster(ctx, tx)
	if err != nil {
		return err
	}
	if _, ok := current.Steward(who); !ok {
		return fmt.Errorf("%w: the roster does not name this key: the stewards must approve a roster that does", ErrRefused)
	}
	return nil
}

// admitWorker checks the work, which costs a hash, before it asks the database
// anything. The day's quota bounds what somebody with many machines can do; it
// does not touch those who were invited.
func (a *Accounts) admitWorker(ctx context.Context, tx store.Tx, who id.Thumbprint, req Request) error {
	if err := a.Work.Check(req.Challenge, string(who), req.Solution); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if a.Worked != nil {
		a.Worked()
	}
	n, err := accountdb.New(tx).EnrolledOn(ctx, statement.DayOf(a.Now()))
	if err != nil {
		return fmt.Errorf("count the day's accounts: %w", err)
	}
	if n >= a.PerDay {
		return fmt.Errorf("%w: as many as this vault takes in a day have enrolled today: come tomorrow, or with an invitation", ErrRefused)
	}
	return nil
}

// admitInvited uses an invitation up. Unknown, used, ended and meant for another
// role are one answer, so that a code cannot be explored.
func (a *Accounts) admitInvited(ctx context.Context, tx store.Tx, role statement.Role, code string) (by string, err error) {
	refused := fmt.Errorf("%w: the invitation is not good for this: ask whoever gave it for a new one", ErrRefused)
	inviter, err := accountdb.New(tx).UseInvitation(ctx, accountdb.UseInvitationParams{
		CodeSha256: codeHash(code), Role: string(role), Now: a.Now().Unix(),
	})
	if errors.Is(err, sql.ErrNoRows) {
		return "", refused
	}
	if err != nil {
		return "", fmt.Errorf("use invitation: %w", err)
	}
	// Whoever lost the power to invite since then has not left it behind in codes.
	may, err := a.power(ctx, tx, inviter)
	if err != nil {
		return "", err
	}
	if !may.includes(role) {
		return "", refused
	}
	return inviter, nil
}
