package oracletest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/session/sessiontest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// Whoever tries words learns nothing from signing in: a key that has enrolled and
// one that nobody has are answered alike, and behind the door a vault is empty
// that has nothing in it and one that does not exist.
func TestKeyThatEnrolledSignsInLikeOneThatDidNot(t *testing.T) {
	v := vaulttest.New(t)
	door := &peopletest.Door{T: t, Origin: v.URL, Vault: v.ID, Steward: v.Steward, Now: v.Clock.Now}
	w := &world{t: t, vault: v, door: door}
	known, unknown := door.Participant(), door.Stranger()
	a, b := w.signIn(known), w.signIn(unknown)
	if a != b || a.status != http.StatusOK {
		t.Errorf("the known key is answered with\n%+v\nthe unknown with\n%+v", a, b)
	}
	for _, path := range []string{"/v1/testimonies", "/v1/inbox"} {
		r := route{http.MethodGet, path}
		a, b := w.ask(question{by: caller{Person: known}, to: r}, body{}), w.ask(question{by: caller{Person: unknown}, to: r}, body{})
		if a != b || a.status != http.StatusOK {
			t.Errorf("%s is answered to the known key with\n%+v\nto the unknown with\n%+v", path, a, b)
		}
	}
}

// signIn signs in by hand and gives the answer, with the token as long as it is.
func (w *world) signIn(p *peopletest.Person) answer {
	w.t.Helper()
	phone := sessiontest.With(w.t, w.door.Origin, p.Keys)
	resp, err := http.Post(w.door.Origin+"/v1/session/challenge", api.MediaJSON, nil)
	w.must(err)
	var challenge api.Challenge
	w.must(json.NewDecoder(resp.Body).Decode(&challenge))
	w.must(resp.Body.Close())
	login, err := json.Marshal(api.Login{Login: phone.Login(challenge.Nonce, time.Unix(challenge.Time, 0), nil, nil)})
	w.must(err)
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.door.Origin+"/v1/session", bytes.NewReader(login))
	w.must(err)
	req.Header.Set("Content-Type", api.MediaJSON)
	req.Header.Set(api.HeaderDPoP, phone.Proof(http.MethodPost, "/v1/session", nil, nil))
	resp, err = http.DefaultClient.Do(req)
	w.must(err)
	a := w.answer(resp)
	var s api.Session
	w.must(json.Unmarshal([]byte(a.body), &s))
	a.body = string(bytes.ReplaceAll([]byte(a.body), []byte(s.AccessToken), bytes.Repeat([]byte("."), len(s.AccessToken))))
	return a
}
