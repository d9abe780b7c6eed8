package api_test

import (
	"cmp"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/shamir"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
)

// recovering is a recovery with two trustees, and a claim on it.
func (t *testimony) recovering() {
	trustees := []*person{t.person("7878787878787878787878787878787a"), t.person("8787878787878787878787878787878a")}
	slices.SortFunc(trustees, func(a, b *person) int { return cmp.Compare(a.ID, b.ID) })
	claimant := t.person("9696969696969696969696969696969a")
	for _, p := range append(trustees, claimant) {
		p.enters(statement.Participant)
	}
	shares, err := shamir.Split(t.rand, secret.Of(slices.Repeat([]byte{0x4b}, 16)), 2, 2)
	t.must(err)
	body, files := statement.Recovery{Threshold: 2, Wait: 14 * statement.Day}, []api.Bytes{}
	for i, p := range trustees {
		file := t.share(shares[i], p)
		files = append(files, file)
		body.Trustees = append(body.Trustees, statement.Share{Account: p.ID, RecipientSHA256: sharedkey.Digest([]byte(p.Recipient)),
			ShareSHA256: sharedkey.Digest(shares[i].Reveal()), SealedSHA256: sharedkey.Digest(file)})
	}
	set := t.her.says(body)
	t.tell("newRecovery", "Two trustees, both needed, and two weeks", api.NewRecovery{Statement: set.Compact(), Shares: files})
	t.tell("recoverySet", "The receipt", t.accepted(set))
	hash := set.Hash()
	agree := trustees[0].says(statement.Trust{Of: set.ID, OfSHA256: statement.B64(hash[:]), Answer: statement.Agreed})
	t.tell("recoveryAnswer", "A trustee agrees", api.Signed{Statement: agree.Compact()})
	t.tell("recoveryAnswered", "The receipt", t.accepted(agree))
	said := claimant.says(statement.Claim{Account: t.her.ID})
	t.tell("claim", "Somebody says that the account is theirs", api.Signed{Statement: said.Compact()})
	t.tell("claimed", "The receipt, as for every claim", t.accepted(said))
	claims := []api.Claimed{{Claim: said.ID, Claimant: claimant.ID, Opened: statement.DayOf(t.now), GivesAt: statement.DayOf(t.now) + statement.Day + body.Wait, Said: said.Compact(), Key: claimant.key.Compact()}}
	t.tell("recovery", "One agreed, and somebody claims", api.Recovery{Recovery: set.ID, Claims: claims,
		Trustees: []api.Trustee{{Account: trustees[0].ID, Answer: api.TrusteeAgreed}, {Account: trustees[1].ID, Answer: api.TrusteeNone}}})
	t.tell("namedRecoveries", "One, and a claim on it", api.NamedRecoveries{Recoveries: []api.NamedRecovery{{Recovery: set.ID, Account: t.her.ID,
		Statement: set.Compact(), Rekeys: []string{}, Share: files[0], Answer: api.TrusteeAgreed, Claims: claims}}})
	given := t.releases(trustees, shares, said, claimant)
	t.tell("recoveredShares", "Both of two", api.RecoveredShares{Account: t.her.ID, Recovery: set.Compact(), Rekeys: []string{}, Shares: given})
}

func (t *testimony) share(s secret.Bytes, to *person) api.Bytes {
	file, err := sharedkey.SealFile(sharedkey.Card{Share: s, Threshold: 2, Of: 2}, to.Recipient)
	t.must(err)
	return file
}

// releases has every trustee seal a share to the claimant.
func (t *testimony) releases(trustees []*person, shares []secret.Bytes, claim *statement.Statement, to *person) (out []api.ReleasedShare) {
	hash := claim.Hash()
	for i, p := range trustees {
		file := t.share(shares[i], to)
		s := p.says(statement.Release{Of: claim.ID, OfSHA256: statement.B64(hash[:]), SealedSHA256: sharedkey.Digest(file)})
		if i == 0 {
			t.tell("recoveryRelease", "A trustee who is sure who it is", api.NewRelease{Statement: s.Compact(), Share: file})
			t.tell("recoveryReleased", "The receipt", t.accepted(s))
		}
		out = append(out, api.ReleasedShare{Account: p.ID, Statement: s.Compact(), Share: file})
	}
	return out
}
