package kobo_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/canarytest"
	"github.com/relatingfield/vault/internal/gateway/gatewaytest"
	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/gateway/kobo"
	"github.com/relatingfield/vault/internal/secret"
)

const token = "a-token-of-kobo-that-a-machine-made"

// submission is as kpi's JSON service sends it: Python's spelling, with everything
// beyond ASCII escaped.
func submission(uuid, words string) string {
	return fmt.Sprintf(`{"_id": 17, "formhub/uuid": "0b5ac6d2e31f4b8f", "start": "2026-03-08T10:01:02.000+03:00", "group/what_happened": %s, `+
		`"__version__": "vAbC", "meta/instanceID": "uuid:%s", "_xform_id_string": "aBcD", "_uuid": "%s", "_attachments": [{"filename": "x/attachments/a.jpg"}], `+
		`"_status": "submitted_via_web", "_geolocation": [null, null], "_submission_time": "2026-03-08T07:02:00", "_tags": [], "_notes": [], "_submitted_by": null}`,
		words, uuid, uuid)
}

const (
	uuid  = "5b1c2d3e-4f50-4612-8a9b-0c1d2e3f4a5b"
	words = `"\u0645\u0627 \u062d\u062f\u062b, and an emoji \ud83d\udd4a"`
)

type service struct {
	*gatewaytest.World
	url string
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{World: gatewaytest.New(t)}
	s.start()
	return s
}

func (s *service) start() {
	s.url = s.Serve(kobo.New(s.Intake, []intake.Form{
		{Name: "listening", Secret: secret.Of([]byte(token)), To: s.To("amal")},
		{Name: "other", Secret: secret.Of([]byte("another-token-that-a-machine-made")), To: s.To("collection")},
	}).Routes)
}

// send is one attempt of Kobo's: requests.post(endpoint, timeout=30, json=…, auth=…).
func (s *service) send(form, body string, change func(*http.Request)) (int, string) {
	s.T.Helper()
	req, err := http.NewRequest("POST", s.url+"/kobo/"+form, strings.NewReader(body))
	if err != nil {
		s.T.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "KoboToolbox external service - kobo.example #hAbC")
	req.SetBasicAuth("gateway", token)
	if change != nil {
		change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.T.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.T.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// retried are the statuses after which Kobo comes again (kpi, RETRIABLE_STATUS_CODES);
// after any other failure the submission is given up.
func retried(status int) bool { return status == 502 || status == 503 || status == 504 }

// A submission is kept byte for byte, for the recipient of its form, by either way in
// which Kobo can show a secret; nothing of it is in the answer, which Kobo logs.
func TestASubmissionIsKept(t *testing.T) {
	s := newService(t)
	body := submission(uuid, words)
	status, answer := s.send("listening", body, nil)
	if status != http.StatusCreated || strings.Contains(answer, "5b1c") {
		t.Fatalf("%d %s", status, answer)
	}
	second := strings.Replace(body, uuid, "6b1c2d3e-4f50-4612-8a9b-0c1d2e3f4a5b", 2)
	if status, _ := s.send("other", second, func(r *http.Request) { r.Header.Set("Authorization", "Bearer another-token-that-a-machine-made") }); status != 201 {
		t.Fatal(status)
	}
	items := s.Items()
	if len(items) != 2 || string(items[0].Content) != body || items[0].To != "amal" || items[0].Info.MediaType != "application/json" {
		t.Errorf("%+v", items)
	}
	if string(items[1].Content) != second || items[1].To != "collection" {
		t.Errorf("the second: %+v", items[1].Info)
	}
	s.Nothing()
}

// The same submission again, at once, later, after a restart and after delivery, is
// answered with success and kept once.
func TestASubmissionIsTakenOnce(t *testing.T) {
	s := newService(t)
	body := submission(uuid, words)
	var wg sync.WaitGroup
	var mu sync.Mutex
	kept := 0
	for range 8 {
		wg.Go(func() {
			status, _ := s.send("listening", body, nil)
			mu.Lock()
			defer mu.Unlock()
			if status == 201 {
				kept++
			} else if !retried(status) {
				t.Errorf("a repetition was told %d", status)
			}
		})
	}
	wg.Wait()
	if kept == 0 || len(s.Items()) != 1 {
		t.Errorf("%d successes, %d items", kept, len(s.Items()))
	}
	s.Deliver()
	s.Close()
	s.Open()
	s.start()
	if status, _ := s.send("listening", body, nil); status != 201 || len(s.Items()) != 0 {
		t.Errorf("after delivery: %d, %d items", status, len(s.Items()))
	}
}

// When there is no room Kobo is told so that it comes again, and then it is kept.
func TestKoboComesAgainWhenThereIsNoRoom(t *testing.T) {
	s := newService(t)
	s.Close()
	s.Room = 20 << 10 // one small item
	s.Open()
	s.start()
	if status, _ := s.send("listening", submission(uuid, words), nil); status != 201 {
		t.Fatal(status)
	}
	second := submission("6b1c2d3e-4f50-4612-8a9b-0c1d2e3f4a5b", words)
	if status, _ := s.send("listening", second, nil); !retried(status) {
		t.Errorf("without room: %d", status)
	}
	s.Deliver()
	if status, _ := s.send("listening", second, nil); status != 201 || string(s.Items()[0].Content) != second {
		t.Errorf("with room: %d", status)
	}
	if len(s.Failed()) != 1 {
		t.Errorf("the operator heard %v", s.Failed())
	}
}

// Whoever has not the secret of this form gets nowhere, and does not learn which
// forms there are; guessing does not keep Kobo out.
func TestOnlyTheFormsSecretOpensIt(t *testing.T) {
	s := newService(t)
	body := submission(uuid, words)
	for _, change := range []func(*http.Request){
		func(r *http.Request) { r.Header.Del("Authorization") },
		func(r *http.Request) { r.SetBasicAuth("gateway", "another-token-that-a-machine-made") },
		func(r *http.Request) { r.SetBasicAuth(token, "") },
		func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") },
		func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token+"x") },
		func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer " + token, "Bearer " + token} },
	} {
		one, said := s.send("listening", body, change)
		two, alike := s.send("no-such-form", body, change)
		if one != 401 || two != 401 || said != alike {
			t.Errorf("%d %s, %d %s", one, said, two, alike)
		}
	}
	for range 20 {
		if status, _ := s.send("listening", body, func(r *http.Request) { r.SetBasicAuth("", "guess") }); status != 401 && status != 503 {
			t.Fatal(status)
		}
	}
	if status, _ := s.send("listening", body, nil); status != 201 {
		t.Errorf("Kobo itself: %d", status)
	}
}

// What is no submission is told so, and never with a status that Kobo repeats for
// ever or takes for success.
func TestWhatIsNoSubmissionIsRefused(t *testing.T) {
	s := newService(t)
	for body, want := range map[string]int{
		``: 400, `[]`: 400, `null`: 400, `{`: 400, `{"a":1}`: 400, `{"_uuid":"x"}`: 400, `{"_uuid":7}`: 400, submission(uuid, words) + "{}": 400,
		`{"_uuid":"` + uuid + `","_uuid":"` + uuid + `"}`: 400, `{"_uuid":"` + uuid + `","a":` + strings.Repeat("[", 20_000) + `}`: 400,
		`{"_uuid":"` + uuid + `","a":"` + strings.Repeat("x", 1<<20) + `"}`: 413,
	} {
		if status, _ := s.send("listening", body, nil); status != want {
			t.Errorf("%.40q: %d, want %d", body, status, want)
		}
	}
	if status, _ := s.send("listening", submission(uuid, words), func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }); status != 400 {
		t.Errorf("another media type: %d", status)
	}
	if len(s.Items()) != 0 {
		t.Error("something was kept")
	}
	s.Nothing()
}

// Nothing of a submission or of the secret is in the folder.
func TestNothingReadableIsInTheFolder(t *testing.T) {
	s := newService(t)
	said := `"a sentence of hers that stands nowhere else, and 9f86d081884c7d65"`
	look, err := canarytest.New(canarytest.Mark{Name: "words", Data: []byte(said)}, canarytest.Mark{Name: "uuid", Data: []byte(uuid)}, canarytest.Mark{Name: "token", Data: []byte(token)})
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := s.send("listening", submission(uuid, said), nil); status != 201 {
		t.Fatal(status)
	}
	for range 2 {
		if found, size, err := look.Tree(s.Dir); err != nil || len(found) > 0 || size < 64 {
			t.Errorf("in %d bytes: %v, %v", size, found, err)
		}
		s.Deliver()
	}
}

// A submission that is taken has one id of the right shape, and the bytes are not
// touched.
func FuzzParseSubmission(f *testing.F) {
	f.Add([]byte(submission(uuid, words)))
	f.Add([]byte(`{"_uuid":"` + uuid + `","x":"\ud800"}`))
	f.Add([]byte(`{"_uuid":"` + uuid + `","_uuid":"x"}`))
	f.Add([]byte(`{"_UUID":"` + uuid + `"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		id, err := kobo.ParseSubmission(b)
		if !bytes.Equal(b, before) {
			t.Error("it was changed")
		}
		if err == nil && (len(id) != 36 || !bytes.Contains(b, []byte("_uuid")) && !bytes.Contains(b, []byte(`\u`)) && !bytes.Contains(b, []byte(`\U`))) {
			t.Errorf("%q from %q", id, b)
		}
	})
}
