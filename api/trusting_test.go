package api_test

import (
	"cmp"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/statement"
)

// trusting has her name three people, two of whom let the reader in when she has
// said nothing for half a year.
type trusting struct {
	*cast
	maker     *person // another woman, whose chain goes on beside the one that is told
	testimony id.ID
	people    []*person
	shares    []secret.Bytes
	files     []api.Bytes
	body      statement.Policy
	policy    *statement.Statement
	recipient string
}

func (c *cast) trusting() {
	t := &trusting{cast: c, maker: c.person("9696969696969696969696969696969a"), testimony: c.story.id()}
	t.maker.enters(statement.Participant)
	for _, words := range []string{"6969696969696969696969696969696a", "7878787878787878787878787878787a", "8787878787878787878787878787878a"} {
		p := c.person(words)
		p.enters(statement.Participant)
		t.people = append(t.people, p)
	}
	slices.SortFunc(t.people, func(a, b *person) int { return cmp.Compare(a.ID, b.ID) })
	t.naming()
	t.answering()
	t.voting()
	t.checkingIn()
}

func (t *trusting) naming() {
	key, err := sharedkey.New(t.rand)
	t.must(err)
	t.shares, err = key.Split(t.rand, len(t.people), 2)
	t.must(err)
	t.recipient = key.Recipient
	t.body = statement.Policy{Testimony: t.testimony, Grantee: t.reader.ID, Threshold: 2, RecipientSHA256: sharedkey.Digest([]byte(key.Recipient)),
		Silence: 180 * statement.Day, Wait: 30 * statement.Day}
	for i, p := range t.people {
		file := t.sealShare(i, p, "If you hear nothing of me, let her read it.")
		t.files = append(t.files, file)
		t.body.Trustees = append(t.body.Trustees, statement.Share{Account: p.ID, RecipientSHA256: sharedkey.Digest([]byte(p.Recipient)),
			ShareSHA256: sharedkey.Digest(t.shares[i].Reveal()), SealedSHA256: sharedkey.Digest(file)})
	}
	t.policy = t.maker.says(t.body)
	t.tell("introduction", "A trustee may be asked for", api.Introduction{Open: true})
	t.tell("introduced", "Whoever knows the account can ask for its key", api.Introduction{Open: true})
	t.tell("accountKey", "Of somebody who read the account out to her", api.AccountKey{Key: t.people[0].key.Compact()})
	t.tell("newPolicy", "Two of three, after half a year without a word of hers", api.NewPolicy{Statement: t.policy.Compact(), Recipient: t.recipient, Shares: t.files})
	t.tell("policySet", "The receipt", t.accepted(t.policy))
}

func (t *trusting) sealShare(i int, to *person, note string) api.Bytes {
	file, err := sharedkey.SealFile(sharedkey.Card{Share: t.shares[i], Threshold: 2, Of: 3, Note: note}, to.Recipient)
	t.must(err)
	return file
}

func (t *trusting) silence() *api.Silence {
	notice := t.day() + statement.Day + t.body.Silence
	return &api.Silence{NoticeAt: notice, ReleaseAt: notice + t.body.Wait}
}

func (t *trusting) hash() string {
	sum := t.policy.Hash()
	return statement.B64(sum[:])
}

func (t *trusting) answering() {
	t.tell("trusts", "Before the answer, and before its time", api.Trusts{Trusts: []api.Trust{{Policy: t.policy.ID, Statement: t.policy.Compact(),
		Share: t.files[0], Answer: api.TrusteeNone, Silence: t.silence()}}})
	yes := t.people[0].says(statement.Trust{Of: t.policy.ID, OfSHA256: t.hash(), Answer: statement.Agreed})
	t.tell("trustAnswer", "A trustee agrees", api.Signed{Statement: yes.Compact()})
	t.tell("trustAnswered", "The receipt", t.accepted(yes))
}

// voting happens when her silence has lasted.
func (t *trusting) voting() {
	var given []api.ReleasedShare
	for i, p := range t.people[:2] {
		file := t.sealShare(i, t.reader, "")
		vote := p.says(statement.Release{Of: t.policy.ID, OfSHA256: t.hash(), SealedSHA256: sharedkey.Digest(file)})
		given = append(given, api.ReleasedShare{Account: p.ID, Statement: vote.Compact(), Share: file})
		if i == 0 {
			t.tell("newRelease", "A trustee passes the share on", api.NewRelease{Statement: vote.Compact(), Share: file})
			t.tell("shareReleased", "The receipt", t.accepted(vote))
		}
	}
	t.tell("shares", "Two of three have voted", api.Shares{Policy: t.policy.Compact(), Shares: given})
	trustees := []api.Trustee{{Account: t.people[0].ID, Answer: api.TrusteeReleased, Released: t.silence().ReleaseAt + 3600},
		{Account: t.people[1].ID, Answer: api.TrusteeReleased, Released: t.silence().ReleaseAt + 7200}, {Account: t.people[2].ID, Answer: api.TrusteeNone}}
	t.tell("policies", "Two have voted, one has not answered", api.Policies{Policies: []api.Policy{{Policy: t.policy.ID, Statement: t.policy.Compact(),
		Recipient: t.recipient, Trustees: trustees, Silence: t.silence()}}})
}

func (t *trusting) checkingIn() {
	t.tell("standingSilent", "Her silence has been noticed", api.Standing{Pauses: []api.Pause{}, Notices: []api.Notice{},
		Silences: []api.SilenceNotice{{Policy: t.policy.ID, Testimony: t.testimony, Silence: *t.silence()}}})
	here := t.maker.says(statement.CheckIn{})
	t.tell("checkIn", "She is there", api.Signed{Statement: here.Compact()})
	t.tell("checkedIn", "It ends every silence", t.accepted(here))
}
