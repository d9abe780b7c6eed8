package tella_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/gateway/gatewaytest"
	"github.com/relatingfield/vault/internal/gateway/tella"
	"github.com/relatingfield/vault/internal/secret"
)

const password = "a long password for phones"

// gateway is what the app talks to.
type gateway struct {
	*gatewaytest.World
	reports *tella.Reports
	url     string
	uploads int
}

func newGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{World: gatewaytest.New(t), uploads: 4}
	g.start()
	return g
}

func (g *gateway) start() {
	g.T.Helper()
	var err error
	g.reports, err = tella.New(g.Intake, tella.Config{
		Users: []tella.User{{Name: "field-1", Password: secret.Of([]byte(password))}, {Name: "field-2", Password: secret.Of([]byte("another password"))}},
		Projects: []tella.Project{{Slug: "listening", Name: "Notes", Users: []string{"field-1"}, To: g.To("amal")},
			{Slug: "other", Name: "Notes 2", Users: []string{"field-2"}, To: g.To("collection")}},
		Uploads: g.uploads, Idle: time.Hour, Rand: rand.Reader,
	})
	if err != nil {
		g.T.Fatal(err)
	}
	g.url = g.Serve(g.reports.Routes)
}

// restart is what kill -9 and a new start leave: the folder.
func (g *gateway) restart() {
	g.T.Helper()
	g.Close()
	g.reports.Close() // memory of the old process, which the test shares
	g.Open()
	g.start()
}

// app is Tella for Android from the version on that sends chunks: it keeps what the
// app keeps, and does what its ReportsRepositoryImp does, with its errors.
type app struct {
	g       *gateway
	token   string
	version string
	project string
	report  string
	chunk   int64

	cut func(sent int64) bool // breaks the line after so many bytes of a file
}

func (a *app) do(method, path string, body io.Reader, header map[string]string) (*http.Response, []byte, error) {
	req, err := http.NewRequest(method, a.g.url+path, body)
	if err != nil {
		return nil, nil, err
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	if a.token != "" && req.Header.Get("Authorization") == "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	if n, err := strconv.ParseInt(header["Content-Length"], 10, 64); err == nil {
		req.ContentLength = n
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, b, err
}

func (a *app) json(method, path string, in, out any) (int, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(b)
	}
	resp, b, err := a.do(method, path, body, map[string]string{"Content-Type": "application/json; charset=UTF-8"})
	if err != nil {
		return 0, err
	}
	if out != nil && resp.StatusCode < 300 {
		err = json.Unmarshal(b, out)
	}
	return resp.StatusCode, err
}

// newApp signs in and finds its project, as somebody does who adds a server.
func newApp(t *testing.T, g *gateway) *app {
	t.Helper()
	a := &app{g: g, chunk: 100_000}
	var in struct {
		Token   string `json:"access_token"`
		Version string `json:"version"`
	}
	if status, err := a.json("POST", "/login/", map[string]string{"username": "field-1", "password": password}, &in); err != nil || status > 299 {
		t.Fatalf("%d, %v", status, err)
	}
	a.token, a.version = in.Token, in.Version
	var project struct{ ID, Name, Slug string }
	if status, err := a.json("GET", "/p/listening", nil, &project); err != nil || status != 200 || project.Name != "Notes" {
		t.Fatalf("%d, %v, %+v", status, err, project)
	}
	a.project = project.ID
	return a
}

func (a *app) submit(title, description string) error {
	var made struct{ ID string }
	status, err := a.json("POST", "/project/"+a.project, map[string]string{"title": title, "description": description}, &made)
	if err != nil || status > 299 || made.ID == "" {
		return fmt.Errorf("submit: %d, %w", status, err)
	}
	a.report = made.ID
	return nil
}

// held asks for the size that the server has; what is no number is 0, as in the app.
func (a *app) held(name string) (int64, error) {
	resp, _, err := a.do("HEAD", "/file/"+a.report+"/"+name, nil, nil)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(resp.Header.Get("size"), 10, 64)
	if err != nil {
		return 0, nil
	}
	return n, nil
}

var errCut = errors.New("the line is cut")

// breaking is a body whose line breaks.
type breaking struct {
	io.Reader
	at  int64
	cut func(int64) bool
}

func (b *breaking) Read(p []byte) (int, error) {
	if b.cut != nil && b.cut(b.at) {
		return 0, errCut
	}
	n, err := b.Reader.Read(p[:min(len(p), 10_000)])
	b.at += int64(n)
	return n, err
}

// upload sends one file: HEAD, then chunks that each begin with the last byte of the
// one before, until an answer that is not 206.
func (a *app) upload(name, media string, content []byte) error {
	total := int64(len(content))
	at, err := a.held(name)
	if err != nil {
		return err
	}
	for range 1000 {
		if at >= total {
			return nil // the app takes it for safe
		}
		end := min(at+a.chunk, total) - 1
		resp, _, err := a.do("PUT", "/file/v2/"+a.report+"/"+name, &breaking{bytes.NewReader(content[at : end+1]), at, a.cut}, map[string]string{
			"Content-Range": fmt.Sprintf("bytes %d-%d/%d", at, end, total), "Content-Length": strconv.FormatInt(end-at+1, 10), "Content-Type": media})
		switch {
		case err != nil:
			return err
		case resp.StatusCode == http.StatusPartialContent:
			at = end // with one byte of overlap
		case resp.StatusCode < 300:
			return nil
		default:
			return fmt.Errorf("upload: %d", resp.StatusCode)
		}
	}
	return errors.New("the app would send for ever")
}

// patiently uploads as the app's worker does: again after each failure.
func (a *app) patiently(t *testing.T, name, media string, content []byte) {
	t.Helper()
	for range 20 {
		if a.upload(name, media, content) == nil {
			return
		}
	}
	t.Fatalf("%s did not get through", name)
}

// old is the app before 1.4.0, and iOS: all that is missing in one PUT, then POST.
func (a *app) old(name string, content []byte) error {
	skip, err := a.held(name)
	if err != nil || skip > int64(len(content)) {
		return fmt.Errorf("held %d: %w", skip, err)
	}
	rest := int64(len(content)) - skip
	var body io.Reader = &breaking{bytes.NewReader(content[skip:]), skip, a.cut}
	if rest == 0 {
		body = http.NoBody
	}
	resp, _, err := a.do("PUT", "/file/"+a.report+"/"+name, body, map[string]string{
		"Content-Length": strconv.FormatInt(rest, 10), "Content-Type": "application/octet-stream"})
	if err != nil || resp.StatusCode > 299 {
		return fmt.Errorf("put: %v, %w", resp, err)
	}
	resp, b, err := a.do("POST", "/file/"+a.report+"/"+name, nil, nil)
	if err != nil || resp.StatusCode > 299 || !strings.Contains(string(b), `"success":true`) {
		return fmt.Errorf("close: %v %s, %w", resp, b, err)
	}
	return nil
}

func noise(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}
