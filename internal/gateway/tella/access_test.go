package tella_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/canarytest"
)

// Users reach their own projects and reports and nothing else; what is not theirs
// looks like what there is not.
func TestUsersReachOnlyTheirProjects(t *testing.T) {
	g := newGateway(t)
	a := newApp(t, g)
	if err := a.submit("x", "y"); err != nil {
		t.Fatal(err)
	}
	b := &app{g: g}
	var in struct {
		Token string `json:"access_token"`
	}
	if s, err := b.json("POST", "/login", map[string]string{"username": "field-2", "password": "another password"}, &in); err != nil || s != 201 {
		t.Fatal(s, err)
	}
	b.token = in.Token
	for path, want := range map[string]int{"/p/other": 200, "/p/listening": 404, "/p/nothing": 404} {
		if s, err := b.json("GET", path, nil, nil); err != nil || s != want {
			t.Errorf("%s: %d, %v", path, s, err)
		}
	}
	bent := []byte(a.report)
	bent[3] ^= 1
	for _, id := range []string{a.report, string(bent), "x", strings.Repeat("a", 52)} {
		resp, _, err := b.do("PUT", "/file/v2/"+id+"/x.jpg", strings.NewReader("x"), map[string]string{"Content-Range": "bytes 0-0/1"})
		if err != nil || resp.StatusCode != 404 {
			t.Errorf("a report of somebody else's: %v, %v", resp, err)
		}
	}
	for _, token := range []string{"", "x", a.token[1:], a.token + "x"} {
		resp, _, err := b.do("HEAD", "/file/"+a.report+"/x.jpg", nil, map[string]string{"Authorization": "Bearer " + token})
		if err != nil || resp.StatusCode != 401 {
			t.Errorf("token %q: %v, %v", token, resp, err)
		}
	}
	resp, _, err := b.do("HEAD", "/file/"+a.report+"/x.jpg", nil, map[string]string{"Authorization": a.token}) // some versions leave the word out
	if err != nil || resp.StatusCode != 200 {
		t.Errorf("a bare token: %v, %v", resp, err)
	}
}

// Guessing passwords is slowed down, for names that there are and are not alike, and
// a phone that is signed in does not notice.
func TestGuessingIsSlowedDown(t *testing.T) {
	g := newGateway(t)
	a := newApp(t, g)
	for _, name := range []string{"field-2", "nobody", ""} {
		var last int
		for range 11 {
			var err error
			if last, err = a.json("POST", "/login/", map[string]string{"username": name, "password": "guess"}, nil); err != nil {
				t.Fatal(err)
			}
			if last == http.StatusServiceUnavailable {
				break
			}
			if last != http.StatusUnauthorized {
				t.Fatalf("%q: %d", name, last)
			}
		}
		if last != http.StatusServiceUnavailable {
			t.Errorf("%q: the last guess was answered %d", name, last)
		}
	}
	if s, err := a.json("POST", "/login/", map[string]string{"username": "field-2", "password": "another password"}, nil); err != nil || s != http.StatusServiceUnavailable {
		t.Errorf("the right password among the guesses: %d, %v", s, err)
	}
	if s, err := a.json("GET", "/p/listening", nil, nil); err != nil || s != 200 {
		t.Errorf("a phone that is signed in: %d, %v", s, err)
	}
}

// Only so many files are under way, and none that would not fit; what is refused
// leaves nothing. A queue that is full is told as such and forgets nothing.
func TestTooMuchIsRefusedForNow(t *testing.T) {
	g := newGateway(t)
	a := newApp(t, g)
	if err := a.submit("x", "y"); err != nil {
		t.Fatal(err)
	}
	begin := func(name string, total int) int {
		t.Helper()
		resp, _, err := a.do("PUT", "/file/v2/"+a.report+"/"+name, strings.NewReader("x"), map[string]string{"Content-Range": fmt.Sprintf("bytes 0-0/%d", total)})
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode
	}
	for i := range 4 {
		if s := begin(fmt.Sprintf("%d.mp4", i), 5000); s != 206 {
			t.Fatal(s)
		}
	}
	if s := begin("5.mp4", 5000); s != http.StatusServiceUnavailable {
		t.Errorf("a fifth: %d", s)
	}
	g.reports.Close()
	if s := begin("large.mp4", 9<<20); s != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d", s)
	}
	g.reports.Close()
	g.Nothing()
	g.Room = 40 << 10 // the words of the report have taken some
	g.restart()
	if s := begin("a.mp4", 1); s != http.StatusCreated {
		t.Errorf("into what room there is: %d", s)
	}
	if s := begin("b.mp4", 1); s != http.StatusServiceUnavailable {
		t.Errorf("into a full queue: %d", s)
	}
	if held, err := a.held("a.mp4"); err != nil || held != 1 || len(g.Items()) != 2 {
		t.Errorf("%d held, %d items, %v", held, len(g.Items()), err)
	}
}

// Nothing of words, names or files is in the folder, at any time.
func TestNothingReadableIsInTheFolder(t *testing.T) {
	g := newGateway(t)
	a := newApp(t, g)
	content, words := noise(t, 300_000), "her words, which nobody else has: "+fmt.Sprintf("%x", noise(t, 16))
	look, err := canarytest.New(canarytest.Mark{Name: "words", Data: []byte(words)}, canarytest.Mark{Name: "content", Data: content[:100_000]},
		canarytest.Mark{Name: "name", Data: []byte(photo)}, canarytest.Mark{Name: "token", Data: []byte(a.token)}, canarytest.Mark{Name: "password", Data: []byte(password)})
	if err != nil {
		t.Fatal(err)
	}
	clean := func(when string) {
		t.Helper()
		if found, size, err := look.Tree(g.Dir); err != nil || len(found) > 0 || size < 64 {
			t.Errorf("%s, %d bytes: %v, %v", when, size, found, err)
		}
	}
	if err := a.submit("a title", words); err != nil {
		t.Fatal(err)
	}
	clean("with the words")
	a.cut = func(at int64) bool { return at > 200_000 }
	if err := a.upload(photo, "image/jpeg", content); err == nil {
		t.Fatal("the line did not break")
	}
	clean("with half a file")
	a.cut = nil
	a.patiently(t, photo, "image/jpeg", content)
	clean("with a file")
	g.Deliver()
	clean("after delivery")
}
