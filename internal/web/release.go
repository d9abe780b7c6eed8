//go:build release

package web

import _ "embed" // for the directive below

// A release carries a site or is not compiled at all: without a manifest there is
// nothing for this directive to embed.
//
//go:embed site/manifest.json
var released []byte

// Released is the manifest that a release was compiled with.
func Released() []byte { return released }
