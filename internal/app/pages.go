package app

import (
	"strings"

	"github.com/relatingfield/vault/internal/httpapi"
	"github.com/relatingfield/vault/internal/web"
)

// pages are the files of the site. A sandboxed document has no origin of its own, so
// the viewer of media and what it loads are open to all (Firefox asks it of the document
// itself, too); they are the same for everybody and secret to nobody, and the policy
// lets no other site put them into a frame.
func pages() (map[string]httpapi.Page, error) {
	site, err := web.Open()
	if err != nil {
		return nil, err
	}
	out := map[string]httpapi.Page{}
	for _, path := range site.Paths() {
		f, _ := site.Get(path)
		out[path] = httpapi.Page{Type: f.Type, Body: f.Body, Gzip: f.Gzip, Brotli: f.Brotli, Open: path == "/viewer" || strings.HasPrefix(path, "/a/viewer-")}
	}
	return out, nil
}
