package clienttest

import (
	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/statement"
)

// whole is what holds for an account as a whole.
type whole struct {
	paused  map[api.ID]bool // whether by a code; "" is everything
	order   []api.ID
	code    string // hash
	notices []api.Notice
}

func (v *Vault) whole(who api.Account) *whole {
	if v.wholes[who] == nil {
		v.wholes[who] = &whole{paused: map[api.ID]bool{}}
	}
	return v.wholes[who]
}

func (v *Vault) standing(r *request) (any, error) {
	w := v.whole(r.who)
	out := &api.Standing{Pauses: []api.Pause{}, PauseCode: w.code != "", Notices: append([]api.Notice{}, w.notices...)}
	for _, t := range w.order {
		if byCode, ok := w.paused[t]; ok {
			out.Pauses = append(out.Pauses, api.Pause{Testimony: t, ByCode: byCode})
		}
	}
	return out, nil
}

// put pauses what is not paused yet.
func (w *whole) put(t api.ID, byCode bool) {
	if _, there := w.paused[t]; !there {
		w.paused[t], w.order = byCode, append(w.order, t)
	}
}

func (v *Vault) pause(r *request, in api.Signed) (any, error) {
	_, body, a, err := said[*statement.Pause](v, r.who, in.Statement)
	if err == nil {
		v.whole(r.who).put(body.Testimony, false)
	}
	return &a, err
}

func (v *Vault) lift(r *request, in api.Signed) (any, error) {
	_, body, a, err := said[*statement.Lift](v, r.who, in.Statement)
	if err == nil {
		delete(v.whole(r.who).paused, body.Testimony)
	}
	return &a, err
}

func (v *Vault) setPauseCode(r *request, in api.Signed) (any, error) {
	_, body, a, err := said[*statement.PauseCode](v, r.who, in.Statement)
	if err == nil {
		v.whole(r.who).code = body.CodeSHA256
	}
	return &a, err
}

func (v *Vault) pauseByCode(_ *request, in api.PauseByCode) (any, error) {
	sum := phrase.CodeSHA256(in.Code)
	for _, w := range v.wholes {
		if w.code == statement.B64(sum[:]) {
			w.put("", true)
			w.notices = append(w.notices, api.Notice{Day: statement.DayOf(v.now()), Kind: api.NoticePausedByCode, Times: 1})
		}
	}
	return &api.Heard{Heard: true}, nil
}

// isPaused says whether a testimony is, by itself or with everything.
func (v *Vault) isPaused(t api.ID) bool {
	of := v.testimonies[t]
	if of == nil {
		return false
	}
	w := v.whole(of.owner)
	_, all := w.paused[""]
	_, one := w.paused[t]
	return all || one
}
