package clienttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/canonical"
)

// request is one request with its body read and its caller known.
type request struct {
	*http.Request
	who  api.Account
	body []byte
}

func (r *request) testimony() api.ID { return api.ID(r.PathValue("t")) }

// refused is an answer that is a problem.
type refused struct {
	name api.ProblemName
	head *api.Head
}

func (r refused) Error() string { return string(r.name) }

// file is an answer that is not JSON.
type file struct {
	bytes []byte
	etag  string
}

type handler func(*request) (any, error)

// read decodes a JSON body as strictly as a vault.
func read[In any](do func(*request, In) (any, error)) handler {
	return func(r *request) (any, error) {
		var in In
		if err := canonical.Request(r.body, &in); err != nil {
			return nil, refused{name: api.ProblemBadRequest}
		}
		return do(r, in)
	}
}

// Handler serves the vault.
func (v *Vault) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range v.open() {
		mux.HandleFunc(pattern, v.serve(pattern, h, false))
	}
	for _, routes := range []map[string]handler{v.signedIn(), v.trusting(), v.recovering()} {
		for pattern, h := range routes {
			mux.HandleFunc(pattern, v.serve(pattern, h, true))
		}
	}
	for method, h := range v.uploading() {
		mux.HandleFunc(method+" "+uploadPath, v.stream(method+" "+uploadPath, h))
	}
	return mux
}

// open are the routes that need no account.
func (v *Vault) open() map[string]handler {
	return map[string]handler{
		"GET /v1/vault":              v.info,
		"GET /v1/roster":             v.getRoster,
		"GET /v1/enrolment":          v.enrolment,
		"POST /v1/accounts":          read(v.enrol),
		"POST /v1/session/challenge": v.challenge,
		"POST /v1/session":           v.login,
		"POST /v1/pause":             read(v.pauseByCode),
	}
}

// signedIn are the routes for accounts.
func (v *Vault) signedIn() map[string]handler {
	return map[string]handler{
		"GET /v1/statements":                        v.statements,
		"POST /v1/rekeys":                           read(v.rekey),
		"POST /v1/roster":                           read(v.postRoster),
		"POST /v1/invitations":                      read(v.invite),
		"POST /v1/applications":                     read(v.apply),
		"GET /v1/applications":                      v.applications,
		"POST /v1/accreditations":                   read(v.accredit),
		"POST /v1/suspensions":                      read(v.suspend),
		"GET /v1/researchers":                       v.listResearchers,
		"GET /v1/researchers/{account}":             v.getResearcher,
		"POST /v1/testimonies":                      read(v.create),
		"GET /v1/testimonies":                       v.list,
		"GET /v1/testimonies/{t}":                   v.show,
		"PUT /v1/testimonies/{t}/card":              read(v.putCard),
		"POST /v1/testimonies/{t}/parts":            read(v.postPart),
		"POST /v1/testimonies/{t}/parts/{n}/add":    read(v.addSlot),
		"POST /v1/testimonies/{t}/arrivals/{n}":     v.arrive,
		"POST /v1/testimonies/{t}/parts/{n}/adopt":  read(v.adopt),
		"GET /v1/testimonies/{t}/parts/{n}/header":  v.header,
		"GET /v1/testimonies/{t}/parts/{n}/content": v.content,
		"POST /v1/testimonies/{t}/grants":           read(v.postGrant),
		"GET /v1/testimonies/{t}/grants":            v.listGrants,
		"POST /v1/testimonies/{t}/revocations":      read(v.revoke),
		"POST /v1/testimonies/{t}/renewals":         read(v.renew),
		"POST /v1/testimonies/{t}/narrowings":       read(v.narrow),
		"POST /v1/testimonies/{t}/answers":          read(v.answerAsk),
		"POST /v1/inbox/{g}/asks":                   read(v.ask),
		"POST /v1/inbox/{g}/hearings":               read(v.hear),
		"POST /v1/testimonies/{t}/relocks":          read(v.relock),
		"POST /v1/testimonies/{t}/erasure":          read(v.erase),
		"GET /v1/testimonies/{t}/feed":              v.feed,
		"GET /v1/account":                           v.standing,
		"POST /v1/pauses":                           read(v.pause),
		"POST /v1/lifts":                            read(v.lift),
		"POST /v1/pause-codes":                      read(v.setPauseCode),
		"POST /v1/withdrawals":                      read(v.withdraw),
		"GET /v1/withdrawals":                       v.listWithdrawals,
		"GET /v1/withdrawals/{g}":                   v.getWithdrawal,
		"GET /v1/endings":                           v.endings,
		"POST /v1/endings/{g}/replies":              read(v.reply),
		"GET /v1/inbox":                             v.inbox,
		"GET /v1/inbox/{g}":                         v.inboxGrant,
		"GET /v1/inbox/{g}/parts/{n}/content":       v.inboxContent,
		"GET /v1/inbox/{g}/parts/{n}/export":        v.inboxContent,
		"POST /v1/testimonies/{t}/modes":            read(v.setMode),
	}
}

// serve does one request at a time, but reads all bodies at once: a client may
// read one thing while it writes another.
func (v *Vault) serve(pattern string, h handler, signedIn bool) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		r := &request{Request: req}
		if v.begin(pattern, w, r, signedIn) {
			return
		}
		var err error
		if r.body, err = io.ReadAll(req.Body); err != nil {
			return // the client went away
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		answer, err := v.answer(pattern, h, r)
		if err != nil {
			writeProblem(w, err)
			return
		}
		if f, ok := answer.(*file); ok {
			w.Header().Set("ETag", f.etag)
			w.Header().Set("Content-Type", api.MediaBytes)
			http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(f.bytes))
			return
		}
		w.Header().Set("Content-Type", api.MediaJSON)
		_, _ = w.Write(answer.([]byte)) // a client that went away is no matter here
	}
}

// begin finds out who asks, before the body is read, and says whether the
// request has been answered already.
func (v *Vault) begin(pattern string, w http.ResponseWriter, r *request, signedIn bool) (done bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.Asked[pattern]++
	if v.Before != nil && v.Before(w, r.Request) {
		return true
	}
	w.Header().Set(api.HeaderDPoPNonce, v.Nonce)
	if !signedIn {
		return false
	}
	var err error
	if r.who, err = v.authenticate(r.Request); err != nil {
		writeProblem(w, err)
	}
	return err != nil
}

// answer does what is asked. A repeated idempotency key gets the first answer.
func (v *Vault) answer(pattern string, h handler, r *request) (any, error) {
	key := r.Header.Get(api.HeaderIdempotencyKey)
	if b, again := v.answers[string(r.who)+key]; again && key != "" {
		return b, nil
	}
	if r.Method == http.MethodPost && !strings.Contains(pattern, "/session") && pattern != "POST /v1/pause" && !strings.HasPrefix(key, `"`) {
		return nil, refused{name: api.ProblemIdempotencyKeyMissing}
	}
	out, err := h(r)
	if err != nil {
		return nil, err
	}
	return v.lied(pattern, string(r.who)+key, out)
}

// lied applies the test's lie and spells the answer.
func (v *Vault) lied(pattern, key string, out any) (any, error) {
	lie := v.lies[pattern]
	if f, ok := out.(*file); ok {
		if lie != nil {
			lie(&f.bytes)
		}
		return f, nil
	}
	if lie != nil {
		lie(out)
	}
	b, err := json.Marshal(out)
	if err == nil {
		v.answers[key] = b
	}
	return b, err
}

func writeProblem(w http.ResponseWriter, err error) {
	p := api.Problem{Type: api.ProblemInternal.Type(), Title: err.Error(), Status: http.StatusInternalServerError}
	var r refused
	if errors.As(err, &r) {
		p = api.Problem{Type: r.name.Type(), Title: string(r.name), Status: r.name.Status(), Head: r.head}
	}
	if r.name == api.ProblemUseDPoPNonce {
		w.Header().Set("WWW-Authenticate", `DPoP error="use_dpop_nonce", algs="ES256"`)
	}
	w.Header().Set("Content-Type", api.MediaProblem)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a client that went away is no matter here
}

func notFound() error { return refused{name: api.ProblemNotFound} }
