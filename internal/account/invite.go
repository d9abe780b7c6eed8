package account

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/relatingfield/vault/internal/account/accountdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// InvitationTerm is how long an invitation can be used.
const InvitationTerm = 7 * 24 * time.Hour

// MaxInvitations bounds the unused invitations of one inviter.
const MaxInvitations = 1000

// Invitation lets whoever has the code enrol one key.
type Invitation struct {
	Code    string // 26 characters, 128 random bits; stored as a hash only
	Expires int64  // Unix seconds
}

// roles are those somebody may invite.
type roles []statement.Role

func (r roles) includes(role statement.Role) bool { return slices.Contains(r, role) }

// invitable says whom an account may invite. Nobody invites stewards: they join
// by a change of the roster.
func (a *Accounts) invitable(ctx context.Context, tx store.Tx, who id.Thumbprint) (roles, error) {
	current, err := a.Roster(ctx, tx)
	if err != nil {
		return nil, err
	}
	if _, ok := current.Steward(who); ok {
		return roles{statement.Participant, statement.Researcher, statement.Partner}, nil
	}
	partner, err := a.officerOf(ctx, tx, who)
	if err != nil || partner == "" {
		return nil, err
	}
	return roles{statement.Participant}, nil
}

// officerOf is the partner in whose name an account may invite, or none.
func (a *Accounts) officerOf(ctx context.Context, tx store.Tx, who id.Thumbprint) (id.ID, error) {
	if a.InvitesFor == nil {
		return "", nil
	}
	return a.InvitesFor(ctx, tx, who)
}

// power is invitable for whoever made an invitation: an account or a partner. The
// names of the two have different lengths.
func (a *Accounts) power(ctx context.Context, tx store.Tx, inviter string) (roles, error) {
	partner, err := id.Parse(inviter)
	if err != nil {
		return a.invitable(ctx, tx, id.Thumbprint(inviter))
	}
	if a.Brings == nil {
		return nil, nil
	}
	may, err := a.Brings(ctx, tx, partner)
	if err != nil || !may {
		return nil, err
	}
	return roles{statement.Participant}, nil
}

// InviteFor makes an invitation for a participant in the name of a partner, one of
// whose programs asks. It is void when the partner may no longer invite.
func (a *Accounts) InviteFor(ctx context.Context, partner id.ID, commit Commit[Invitation]) (Invitation, error) {
	inv, err := a.invitation()
	if err != nil {
		return Invitation{}, err
	}
	return inv, a.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		may, err := a.power(ctx, tx, string(partner))
		if err != nil {
			return err
		}
		if !may.includes(statement.Participant) {
			return ErrNotFound
		}
		if err := a.write(ctx, tx, id.Thumbprint(partner), statement.Participant, inv); err != nil {
			return err
		}
		return commit.Do(ctx, tx, inv)
	})
}

func (a *Accounts) invitation() (Invitation, error) {
	code, err := id.New(a.Rand)
	if err != nil {
		return Invitation{}, fmt.Errorf("invite: %w", err)
	}
	return Invitation{Code: string(code), Expires: a.Now().Add(InvitationTerm).Unix()}, nil
}

// Invite makes an invitation for one key of a role. Who may invite nobody gets
// ErrNotFound; who may not invite that role gets ErrRefused.
func (a *Accounts) Invite(ctx context.Context, caller Caller, role statement.Role, commit Commit[Invitation]) (Invitation, error) {
	inv, err := a.invitation()
	if err != nil {
		return Invitation{}, err
	}
	return inv, a.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		may, err := a.invitable(ctx, tx, caller.ID)
		if err != nil {
			return err
		}
		switch {
		case len(may) == 0 || caller.Role == "":
			return ErrNotFound
		case !may.includes(role):
			return fmt.Errorf("%w: this account may invite %v only", ErrRefused, may)
		}
		by := caller.ID
		if partner, err := a.officerOf(ctx, tx, caller.ID); err != nil {
			return err
		} else if partner != "" && role == statement.Participant { // what she invites is the organisation's, and void with it
			by = id.Thumbprint(partner)
		}
		if err := a.write(ctx, tx, by, role, inv); err != nil {
			return err
		}
		return commit.Do(ctx, tx, inv)
	})
}

func (a *Accounts) write(ctx context.Context, tx store.Tx, by id.Thumbprint, role statement.Role, inv Invitation) error {
	q := accountdb.New(tx)
	if err := q.DropEndedInvitations(ctx, a.Now().Unix()); err != nil {
		return fmt.Errorf("drop ended invitations: %w", err)
	}
	n, err := q.OpenInvitations(ctx, string(by))
	if err != nil {
		return fmt.Errorf("count invitations: %w", err)
	}
	if n >= MaxInvitations {
		return &Quota{"unused invitations", MaxInvitations}
	}
	err = q.Invite(ctx, accountdb.InviteParams{CodeSha256: codeHash(inv.Code), Role: string(role), InvitedBy: string(by), UntilS: inv.Expires})
	if err != nil {
		return fmt.Errorf("write invitation: %w", err)
	}
	return nil
}

// codeHash is how a code is stored. A plain hash is enough: a code has 128 random
// bits, so there is nothing to guess.
func codeHash(code string) []byte {
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}
