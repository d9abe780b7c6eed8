package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// pageScripts are what pages name. Each is bundled by itself: a page loads nothing that
// is split off for another page's sake.
var pageScripts = []string{"start.ts", "notes.ts", "read.tsx", "team.tsx", "worker/worker.ts"}

// bundle makes the scripts and styles. The viewer stands alone: it runs in a document
// of no origin, which can load one plain script and no modules.
func bundle(app string, made files) (assets, error) {
	a := assets{}
	for _, entry := range pageScripts {
		modules := options(app, []string{entry})
		modules.Format, modules.Splitting = api.FormatESModule, true
		modules.Plugins = []api.Plugin{laterModules(absolute(app), "./src/"+entry)}
		if err := run(app, modules, made, a); err != nil {
			return nil, err
		}
	}
	alone := options(app, []string{"viewer/viewer.ts", "safe.ts", "blank.ts"})
	alone.Format = api.FormatIIFE
	if err := run(app, alone, made, a); err != nil {
		return nil, err
	}
	return a, run(app, options(app, []string{"style/base.css", "style/start.css", "style/notes.css", "style/console.css", "style/blank.css", "viewer/viewer.css"}), made, a)
}

func options(app string, entries []string) api.BuildOptions {
	o := api.BuildOptions{
		AbsWorkingDir: absolute(app), Outdir: "/a", Outbase: "src", EntryNames: "[name]-[hash]", ChunkNames: "c-[hash]",
		Bundle: true, MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true, Target: api.ES2022, Charset: api.CharsetUTF8,
		JSX: api.JSXAutomatic, JSXImportSource: "preact", LegalComments: api.LegalCommentsNone, Metafile: true, Write: false, LogLevel: api.LogLevelSilent,
	}
	for _, e := range entries {
		o.EntryPoints = append(o.EntryPoints, "src/"+e)
	}
	return o
}

func absolute(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	return abs
}

// outputs is the part of esbuild's metafile that says which source became what, and
// what that asks for.
type outputs struct {
	Outputs map[string]struct {
		EntryPoint string `json:"entryPoint"`
		Imports    []struct{ Path, Kind string }
	} `json:"outputs"`
}

func run(app string, o api.BuildOptions, made files, a assets) error {
	r := api.Build(o)
	var errs []error
	for _, m := range r.Errors {
		at := ""
		if m.Location != nil {
			at = fmt.Sprintf("%s:%d: ", m.Location.File, m.Location.Line)
		}
		errs = append(errs, fmt.Errorf("bundle: %s%s", at, m.Text))
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	var meta outputs
	if err := json.Unmarshal([]byte(r.Metafile), &meta); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	for _, f := range r.OutputFiles {
		made["/a/"+path.Base(filepath.ToSlash(f.Path))] = f.Contents
	}
	for out, m := range meta.Outputs {
		if m.EntryPoint == "" || strings.HasPrefix(m.EntryPoint, later+":") {
			continue
		}
		name := plain(m.EntryPoint)
		a[name] = "/a/" + path.Base(out)
		for i, to := range m.Imports {
			if to.Kind == "import-statement" {
				a[fmt.Sprintf("needs/%s/%02d", name, i)] = "/a/" + path.Base(to.Path)
			}
		}
	}
	return nil
}

// plain is the name that templates use: notes.js for src/notes.ts.
func plain(entry string) string {
	name := path.Base(entry)
	return strings.NewReplacer(".tsx", ".js", ".ts", ".js").Replace(name)
}
