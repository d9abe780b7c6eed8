package housetest

import (
	"go/ast"
	"strings"
)

// fence says which packages may import what lies behind it.
type fence struct {
	prefix  string
	allowed []string
	instead string
}

// fences returns every package of others that only some of ours may know.
func fences() []fence {
	return []fence{
		{"github.com/labstack/", []string{"internal/httpapi"}, "the web framework stays in internal/httpapi"},
		{"github.com/jackc/", []string{"internal/store", "internal/bench"}, "engines stay behind internal/store"},
		{"modernc.org/sqlite", []string{"internal/store", "internal/bench"}, "engines stay behind internal/store"},
		{"github.com/minio/", []string{"internal/blob/s3blob"}, "S3 stays behind internal/blob/s3blob"},
		{"go.opentelemetry.io/", []string{"internal/trace"}, "what leaves in a trace is decided in internal/trace"},
		{"google.golang.org/", []string{"internal/trace"}, "protobuf is there for traces only"},
		{"github.com/rogpeppe/go-internal", []string{"internal/bench"}, "testscript is for tests"},
		{"pgregory.net/rapid", nil, "rapid is for tests"},
		{"github.com/tus/tusd/", []string{"internal/httpapi"}, "the upload protocol stays in internal/httpapi"},
		{"github.com/andybalholm/brotli", []string{"internal/web/build"}, "what is served was compressed when the site was built"},
		{"golang.org/x/exp/", []string{"internal/httpapi"}, "it is there for tusd's logger only"},
		{"c2sp.org/CCTV/", nil, "the community vectors are for tests"},
		{"math/rand", []string{"internal/store", "internal/bench", "internal/soak"}, "take an io.Reader of secure randomness"},
		{"log", nil, "take a *slog.Logger"},
		{"os/exec", []string{"internal/bench", "internal/soak", "internal/demo", "internal/inventory", "internal/fuzzrun"}, "the product starts no programs"},
		{"unsafe", nil, "nothing here needs it"},
		{"C", nil, "builds are without cgo"},
		{"plugin", nil, "nothing here needs it"},
		{"expvar", nil, "it publishes the command line on the default mux"},
		{"net/http/pprof", nil, "it publishes memory on the default mux"},
		{"net/http/httptest", nil, "it is for tests"},
		{"encoding/gob", nil, "statements and wire forms are canonical text"},
		{"crypto/md5", []string{"internal/openrosa"}, "broken; the format of field tools is made of it, and nothing is trusted to it"},
		{"crypto/sha1", []string{"internal/httpapi"}, "broken; uploads have it against bad lines, as tus does"},
		{"crypto/des", nil, "broken"},
		{"crypto/rc4", nil, "broken"},
	}
}

func outsideRules() []Rule {
	return []Rule{
		{"fenced-imports", "a dependency that is everywhere can never be replaced, and some must be nowhere", checkFences},
		{"no-sql-at-the-edge", "the edge asks domains; a query beside a handler skips authorisation and the custody event", checkSQLImport},
		{"plain-imports", "dot imports hide where a name comes from; blank ones run code nobody calls", checkPlain},
	}
}

func checkFences(t Tree, report Report) {
	for _, f := range t.Files {
		if !f.Product() {
			continue
		}
		f.imports(func(p string, spec *ast.ImportSpec) {
			for _, w := range fences() {
				if behind(p, w.prefix) && !within(f.Dir(), w.allowed...) {
					report(f, f.line(spec), "imports %s: %s", p, w.instead)
				}
			}
		})
	}
}

// behind matches a path against a prefix; the standard library's prefixes match
// whole elements, so that "log" does not cover "log/slog".
func behind(p, prefix string) bool {
	if p == prefix || p == prefix+"/v2" {
		return true
	}
	return strings.Contains(prefix, ".") && strings.HasPrefix(p, prefix)
}

func checkSQLImport(t Tree, report Report) {
	for _, f := range t.Files {
		f.imports(func(p string, spec *ast.ImportSpec) {
			if p == "database/sql" && compiled(f) && within(f.Dir(), "internal/httpapi", "internal/web", "internal/app", "api", "cmd") {
				report(f, f.line(spec), "imports database/sql; call a domain operation")
			}
		})
	}
}

func checkPlain(t Tree, report Report) {
	for _, f := range t.Files {
		if !f.Written() {
			continue
		}
		f.imports(func(p string, spec *ast.ImportSpec) {
			switch {
			case spec.Name == nil:
			case spec.Name.Name == ".":
				report(f, f.line(spec), "dot import of %s", p)
			case spec.Name.Name == "_" && p != "embed" && !f.Test() && !f.Main() && !within(f.Dir(), "internal/store", "internal/app"):
				report(f, f.line(spec), "blank import of %s; drivers are chosen in internal/store or internal/app", p)
			}
		})
	}
}
