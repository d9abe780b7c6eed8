package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

// later is the namespace of modules that a page asks for when it gets there.
const later = "later"

// laterModules lets whatever is asked for later import the page's own script, which is
// always there by then. So esbuild, which makes a file of its own for each set of
// entries that need the same modules, puts everything that the page needs at once into
// one file: on a slow line each file more costs a round trip.
//
// Modules are named by their place within root, so that the folder the site is built in
// shows in no file and in no file's name.
func laterModules(root, entry string) api.Plugin {
	return api.Plugin{Name: later, Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `^\.`}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			if args.Kind != api.ResolveJSDynamicImport {
				return api.OnResolveResult{}, nil
			}
			r := b.Resolve(args.Path, api.ResolveOptions{ResolveDir: args.ResolveDir, Importer: args.Importer, Kind: api.ResolveJSImportStatement})
			if len(r.Errors) > 0 {
				return api.OnResolveResult{Errors: r.Errors}, nil
			}
			within, err := filepath.Rel(root, r.Path)
			return api.OnResolveResult{Path: "./" + filepath.ToSlash(within), Namespace: later}, err
		})
		b.OnLoad(api.OnLoadOptions{Filter: `.`, Namespace: later}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			page, err := json.Marshal(entry)
			if err != nil {
				return api.OnLoadResult{}, err
			}
			module, err := json.Marshal(args.Path)
			text := fmt.Sprintf("import %s; export * from %s;", page, module)
			return api.OnLoadResult{Contents: &text, ResolveDir: root, Loader: api.LoaderJS}, err
		})
	}}
}
