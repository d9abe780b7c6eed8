package api_test

import (
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/statement"
)

// withdrawing tells of what she takes back at once, and of the answers.
func (t *testimony) withdrawing() {
	part := t.her.says(statement.Withdraw{Testimony: t.id, N: 2, Grantee: t.reader.ID})
	t.tell("withdraw", "One part, from one reader", api.Signed{Statement: part.Compact()})
	all := t.her.says(statement.Withdraw{})
	t.tell("withdrawEverything", "Everything, from everybody", api.Signed{Statement: all.Compact()})
	t.tell("withdrawn", "Two grants have ended", api.Withdrawn{Accepted: t.accepted(all), Grants: 2})
}

// closing tells how the end of the grant stands.
func (t *testimony) closing(revoke *statement.Statement) {
	due := t.day() + 15*statement.Day
	open := api.Closure{Seq: revoke.Seq, State: api.ClosureNotified, Parts: []int64{1, 2}, Day: t.day(), Due: due}
	receipt := t.revocation(revoke)
	t.tell("withdrawals", "The reader has not answered yet", api.Withdrawals{Withdrawals: []api.Withdrawal{
		{Grant: t.grant.ID, Testimony: t.id, Grantee: t.reader.ID, Closure: open, Revocation: receipt}}})
	t.tell("endings", "An answer is due in fifteen days", api.Endings{Endings: []api.Ending{{Grant: t.grant.ID, From: t.her.ID,
		Statement: t.grant.Compact(), StatementSHA256: t.grant.Hash(), Ended: revoke.Compact(), EndedSHA256: revoke.Hash(),
		Closure: open, Fetched: []api.Opening{t.opening()}, Rekeys: []string{}}}})
	t.now = t.now.Add(48 * time.Hour)
	said := t.reader.says(statement.Reply{Grant: t.grant.ID, Reply: statement.Destroyed})
	t.tell("reply", "Every copy is gone", api.Signed{Statement: said.Compact()})
	t.tell("replied", "It counts", t.accepted(said))
	done := open
	done.State, done.Reply = api.ClosureDestroyed, said.Compact()
	t.tell("withdrawal", "The reader attests that every copy is gone", api.Withdrawals{Withdrawals: []api.Withdrawal{
		{Grant: t.grant.ID, Testimony: t.id, Grantee: t.reader.ID, Closure: done, Revocation: receipt}}})
}

// revocation is the vault's word for the end of the grant.
func (t *testimony) revocation(by *statement.Statement) string {
	hash := by.Hash()
	said := statement.Revocation{Vault: t.vault.String(), Statement: statement.B64(hash[:]), Account: t.her.ID, Testimony: t.id, Grant: t.grant.ID,
		Grantee: t.reader.ID, Day: t.day(), Fetched: []statement.Delivered{statement.Delivered(t.opening())}}
	for n := int64(1); n <= 2; n++ {
		said.Parts = append(said.Parts, statement.EndedPart{N: n, HeaderSHA256: t.headers[n], Payload: statement.PayloadStored})
	}
	receipt, err := statement.SignRevocation(t.receipts, said)
	t.must(err)
	return receipt
}
