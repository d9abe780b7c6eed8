package app

import (
	"strings"

	"github.com/relatingfield/vault/internal/httpapi"
	"github.com/relatingfield/vault/internal/web"
)

// pages are the files of the site. A sandboxed document has no origin of its own, so
// what the viewer of media loads is open to all; it is the same for everybody and
// secret to nobody.
func pages() (map[string]httpapi.Page, error) {
	site, err := web.Open()
	if err != nil {
		return nil, err
	}
	out := map[string]httpapi.Page{}
	for _, path := range site.Paths() {
		f, _ := site.Get(path)
		out[path] = httpapi.Page{Type: f.Type, Body: f.Body, Gzip: f.Gzip, Brotli: f.Brotli, Open: strings.HasPrefix(path, "/a/viewer-")}
	}
	return out, nil
}
