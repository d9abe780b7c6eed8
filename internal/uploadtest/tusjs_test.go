package uploadtest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/npmtest"
	"github.com/relatingfield/vault/internal/peopletest"
)

// tusStory is what tusjs/upload.mjs is told, and tusSeen what it saw.
type tusStory struct {
	Story   string   `json:"story"`
	Origin  string   `json:"origin"`
	Vault   api.Hash `json:"vault"`
	Card    string   `json:"card"` // the digits of her secret
	Path    string   `json:"path"`
	Payload string   `json:"payload"` // a file
	Control string   `json:"control"`
}

type tusSeen struct {
	Asked   []tusAsked `json:"asked"`
	Retries int        `json:"retries"`
	Failed  int        `json:"failed"` // the status it gave up with
}

type tusAsked struct {
	Method   string `json:"method"`
	Status   int    `json:"status"`
	Metadata bool   `json:"metadata"` // it was sent
}

// count is how many requests of a method were answered so.
func (s tusSeen) count(method string, status int) (n int) {
	for _, a := range s.Asked {
		if a.Method == method && a.Status == status {
			n++
		}
	}
	return n
}

// daemon is the real program, and the door to it.
func daemon(t *testing.T) (*daemontest.Daemon, *peopletest.Door) {
	t.Helper()
	program, err := daemontest.Build(t.TempDir(), "cmd/testimonyd")
	if err != nil {
		t.Fatal(err)
	}
	d, err := daemontest.New(daemontest.Config{Program: program, Dir: filepath.Join(t.TempDir(), "vault")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Kill() }) // a test that ends well has stopped it
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	vault, err := d.Way().Vault(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d, &peopletest.Door{T: t, Origin: d.Origin(), Vault: vault}
}

// The client of the people who wrote tus brings its uploads to their end: in pieces,
// put away and found again, with the vault restarted in the middle, and with two of
// it at one upload. What arrives opens the way she opens it. It signs in from her
// card, by the protocol's page and the Web Crypto API.
func TestTusJSClient(t *testing.T) {
	d, door := daemon(t)
	for story, check := range map[string]func(t *testing.T, u *upload, s tusSeen){
		"whole": func(t *testing.T, u *upload, s tusSeen) {
			if s.count("POST", 201) != 1 || s.count("PATCH", 204) != (len(u.payload)+299_999)/300_000 || len(s.Asked) != 1+s.count("PATCH", 204) {
				t.Errorf("it is not one creation and its pieces: %+v", s.Asked)
			}
			u.add()
			u.opensWithStockTools()
		},
		"paused": func(t *testing.T, u *upload, s tusSeen) {
			if s.count("POST", 201) != 1 || s.count("HEAD", 200) != 1 || s.count("PATCH", 204) != (len(u.payload)+299_999)/300_000 {
				t.Errorf("it did not go on where it was: %+v", s.Asked)
			}
			u.add()
			u.opensWithStockTools()
		},
		"broken": func(t *testing.T, u *upload, s tusSeen) {
			if s.count("HEAD", 200) != 2 || s.count("POST", 201) != 0 {
				t.Errorf("it did not ask how far it is: %+v", s.Asked)
			}
			u.add()
		},
		"terminated": func(t *testing.T, u *upload, s tusSeen) {
			if s.count("DELETE", 204) != 1 || u.ask(u.tus(http.MethodHead, nil)).StatusCode != http.StatusNotFound {
				t.Errorf("it is not gone: %+v", s.Asked)
			}
		},
		"restarted": func(t *testing.T, u *upload, s tusSeen) {
			if s.Retries == 0 {
				t.Error("the vault was not missed")
			}
			u.add()
			u.opensWithStockTools()
		},
		"two": func(_ *testing.T, u *upload, _ tusSeen) { u.add() },
		"named": func(t *testing.T, u *upload, s tusSeen) {
			if s.Failed != http.StatusBadRequest || u.offset() != 0 {
				t.Errorf("a name is answered with %d", s.Failed)
			}
		},
	} {
		t.Run(story, func(t *testing.T) {
			u := begun(t, door, 3<<20)
			s := u.tell(story, d)
			if named := slices.ContainsFunc(s.Asked, func(a tusAsked) bool { return a.Metadata }); named != (story == "named") {
				t.Errorf("Upload-Metadata was sent: %t", named)
			}
			check(t, u, s)
		})
	}
	if err := d.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// tell has the client do a story about the upload.
func (u *upload) tell(story string, d *daemontest.Daemon) (seen tusSeen) {
	u.t.Helper()
	file := filepath.Join(u.t.TempDir(), "payload")
	u.must(os.WriteFile(file, u.payload, 0o600))
	control := httptest.NewServer(u.control(d))
	defer control.Close()
	in, err := json.Marshal(tusStory{Story: story, Origin: u.door.Origin, Vault: u.door.Vault, Card: client.Digits(u.her.Secret),
		Path: u.path, Payload: file, Control: control.URL})
	u.must(err)
	u.must(json.Unmarshal(npmtest.Run(u.t, "tusjs", "upload.mjs", in), &seen))
	return seen
}

// control lets the story end the vault and start it again.
func (u *upload) control(d *daemontest.Daemon) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/gone", func(http.ResponseWriter, *http.Request) {
		if err := d.Kill(); err != nil {
			u.t.Error(err)
		}
	})
	mux.HandleFunc("/missed", func(http.ResponseWriter, *http.Request) {
		if err := d.Start(u.t.Context()); err != nil {
			u.t.Error(err)
		}
	})
	return mux
}
