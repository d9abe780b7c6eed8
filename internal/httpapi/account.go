package httpapi

import (
	"net/http"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/pause"
	"github.com/relatingfield/vault/internal/trust"
)

// codeBody bounds a request that holds a code, in bytes.
const codeBody = 1 << 10

// Account are the routes about an account as a whole: how it stands, and the pauses.
type Account struct {
	Pauses   *pause.Pauses
	Policies *trust.Policies
	Farewell func() []api.Notice // what the stewards say of the vault's end; nil: nothing
}

// Routes lists them.
func (a *Account) Routes() []Route {
	const ok = http.StatusOK
	return []Route{
		{Method: "GET", Path: "/v1/account", Auth: SignedIn, Handler: Read(a.standing)},
		{Method: "POST", Path: "/v1/pauses", Auth: SignedIn, Body: smallBody, Handler: CreateThen(ok, a.pause, a.paused)},
		{Method: "POST", Path: "/v1/lifts", Auth: SignedIn, Body: smallBody, Handler: Create(ok, a.lift)},
		{Method: "POST", Path: "/v1/pause-codes", Auth: SignedIn, Body: smallBody, Handler: Create(ok, a.setCode)},
		{Method: "POST", Path: "/v1/pause", Auth: Anybody, Body: codeBody, Handler: plain(a.knock)},
	}
}

// standing is the whole view: whatever else an account has to be told joins here.
func (a *Account) standing(r *Request) (api.Standing, error) {
	s, err := a.Pauses.Standing(r.Context(), r.Caller)
	if err != nil {
		return api.Standing{}, err
	}
	out := api.Standing{PauseCode: s.Code}
	for _, p := range s.Pauses {
		out.Pauses = append(out.Pauses, api.Pause(p))
	}
	for _, n := range s.Notices {
		out.Notices = append(out.Notices, api.Notice{Day: n.Day, Kind: api.NoticeKind(n.Kind), Times: n.Times})
	}
	if f := a.Farewell; f != nil {
		out.Notices = append(f(), out.Notices...)
	}
	silences, err := a.Policies.Notices(r.Context(), r.Caller)
	for _, n := range silences {
		out.Silences = append(out.Silences, api.SilenceNotice{Policy: n.Policy, Testimony: n.Testimony,
			Silence: api.Silence{NoticeAt: n.NoticeAt, ReleaseAt: n.ReleaseAt}})
	}
	return out, err
}

func (a *Account) pause(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	out, err := a.Pauses.Pause(r.Context(), r.Caller, in.Statement, one(keep, accepted))
	return accepted(out), err
}

// paused waits until nothing is sent any more, also before a repeated answer.
func (a *Account) paused(r *Request, _ *api.Accepted) error {
	return a.Pauses.Settle(r.Context(), r.Caller)
}

func (a *Account) lift(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	out, err := a.Pauses.Lift(r.Context(), r.Caller, in.Statement, one(keep, accepted))
	return accepted(out), err
}

func (a *Account) setCode(r *Request, in api.Signed, keep idempotency.Commit) (api.Accepted, error) {
	out, err := a.Pauses.SetCode(r.Context(), r.Caller, in.Statement, one(keep, accepted))
	return accepted(out), err
}

// knock takes a code. JSON that cannot be read is a wrong code like any other.
// Refused is only what is refused whatever the code (no JSON, too long, broken
// off, too much at a time), because whoever sent a good one must not think that it
// was heard.
func (a *Account) knock(r *Request) error {
	if err := r.checkMedia(api.MediaJSON); err != nil {
		return err
	}
	body, err := r.bytes()
	if err != nil {
		return err
	}
	var in api.PauseByCode
	if err := canonical.Request(body, &in); err != nil {
		in.Code = string(body)
	}
	if err := a.Pauses.Knock(r.Context(), in.Code); err != nil {
		return err
	}
	return r.JSON(http.StatusOK, api.Heard{Heard: true})
}
