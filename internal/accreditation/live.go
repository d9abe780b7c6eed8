package accreditation

import (
	"bytes"
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/accreditation/accreditationdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Live says whether an accreditation of that account counts at now, in Unix
// seconds. It stands in the way of every opening and costs one query: the roster
// comes from memory while it stays the same.
func (a *Accreditations) Live(ctx context.Context, tx store.Tx, accreditation []byte, who id.Thumbprint, now int64) (bool, error) {
	s, head, err := load(ctx, tx, accreditation)
	if err != nil || s.account != who || who == "" {
		return false, err
	}
	current, err := a.Book.At(ctx, tx, head)
	if err != nil {
		return false, err
	}
	return s.live(current, now), nil
}

// load reads what decides, and the hash of the roster that decides with it. Of an
// accreditation that nobody has signed it gives the zero standing.
func load(ctx context.Context, tx store.Tx, accreditation []byte) (s standing, roster []byte, err error) {
	rows, err := accreditationdb.New(tx).Standing(ctx, accreditation)
	if err != nil {
		return standing{}, nil, fmt.Errorf("read accreditation: %w", err)
	}
	for _, r := range rows {
		s.account, s.from, s.until = id.Thumbprint(r.Account), r.FromS, r.UntilS
		s.suspended = r.SuspendedDay.Valid
		s.overtaken = !bytes.Equal(r.ApplySha256, r.NewestApplySha256)
		s.vouched = append(s.vouched, id.Thumbprint(r.Steward))
		roster = r.RosterSha256
	}
	return s, roster, nil
}

// file is one accreditation with everything that was said about it.
type file struct {
	standing
	accredits, suspends []string
}

// files sorts voices, which come in order of account and accreditation, into
// files. newest names the application that each account stands by.
func files(rows []accreditationdb.VoicesRow, newest map[string][]byte) map[id.Thumbprint][]*file {
	out := map[id.Thumbprint][]*file{}
	var last []byte
	var f *file
	for _, r := range rows {
		who := id.Thumbprint(r.Account)
		if !bytes.Equal(r.ID, last) {
			last = r.ID
			f = &file{standing: standing{
				account: who, from: r.FromS, until: r.UntilS, suspended: r.SuspendedDay.Valid,
				overtaken: !bytes.Equal(r.ApplySha256, newest[r.Account]),
			}}
			out[who] = append(out[who], f)
		}
		f.hear(r)
	}
	return out
}

func (f *file) hear(r accreditationdb.VoicesRow) {
	if r.Act == string(statement.ActSuspend) {
		f.suspends = append(f.suspends, r.Statement)
		return
	}
	f.accredits = append(f.accredits, r.Statement)
	f.vouched = append(f.vouched, id.Thumbprint(r.Steward))
}
