package api_test

import (
	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/statement"
)

// pausing is a day on which she is afraid, and its end.
func (t *testimony) pausing() {
	code, err := phrase.NewCode(t.rand)
	t.must(err)
	set := t.her.says(statement.PauseCode{CodeSHA256: api.Hash(phrase.CodeSHA256(code)).String()})
	t.tell("pauseCode", "A code for somebody she trusts", api.Signed{Statement: set.Compact()})
	t.tell("pauseCodeSet", "The receipt", t.accepted(set))
	one := t.her.says(statement.Pause{Testimony: t.id})
	t.tell("pause", "One testimony", api.Signed{Statement: one.Compact()})
	t.tell("paused", "The receipt, once every stream has ended", t.accepted(one))
	t.tell("pauseAll", "Everything", api.Signed{Statement: t.her.says(statement.Pause{}).Compact()})
	t.tell("pauseByCode", "Her friend types the code", api.PauseByCode{Code: code})
	t.tell("heard", "The answer to every code", api.Heard{Heard: true})
	t.tell("standing", "Paused by a friend, and one testimony by herself", api.Standing{
		Pauses: []api.Pause{{ByCode: true}, {Testimony: t.id}}, PauseCode: true,
		Notices: []api.Notice{{Day: t.day(), Kind: api.NoticePausedByCode, Times: 1}}})
	t.tell("emptyStanding", "Of an account that has nothing", api.Standing{Pauses: []api.Pause{}, Notices: []api.Notice{}})
	lift := t.her.says(statement.Lift{})
	t.tell("lift", "She lifts the pause of everything", api.Signed{Statement: lift.Compact()})
	t.tell("lifted", "The receipt", t.accepted(lift))
	t.her.says(statement.Lift{Testimony: t.id})
}
