package webtest_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/webtest"
)

// Every page at a clear address says where the same page is at the onion address; files
// and answers of the API do not, and nothing does that was asked for there.
func TestPagesNameTheOnionAddress(t *testing.T) {
	const onion = "http://dv6fr5jiltrubyzmfp7mw6inkq6msdqy7snftt7hakhhir3aindbgvid.onion"
	if err := webtest.Missing(); err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := webtest.Programs(bin); err != nil {
		t.Fatal(err)
	}
	d, err := daemontest.New(daemontest.Config{
		Program: filepath.Join(bin, "testimonyd"), Dir: filepath.Join(t.TempDir(), "data"), Origins: []string{onion},
		Set: []string{"onion=" + onion, "i_know_this_is_for_practice=true"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := d.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	here := "http://" + d.Addr()
	for path, want := range map[string]string{"/en/": onion + "/en/", "/ar/notes": onion + "/ar/notes", "/v1/vault": "", "/livez": "", "/en/nothing": ""} {
		if res, _ := ask(t, "GET", here+path); res.Header.Get("Onion-Location") != want {
			t.Errorf("%s names %q, not %q", path, res.Header.Get("Onion-Location"), want)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", here+"/en/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = strings.ToUpper(strings.TrimPrefix(onion, "http://")) + ":80"
	res, err := plainly.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Onion-Location"); res.StatusCode != 200 || got != "" {
		t.Errorf("at the onion address: %d, %q", res.StatusCode, got)
	}
}
