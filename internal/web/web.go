// Package web is the vault's own site as it is served: pages, scripts, styles and
// texts, made before the program is compiled and carried inside it.
//
// Promises: every file that is served stands in one manifest with its SHA-256, and
// what is served is what the manifest says; nothing is rendered per request, so the
// site is the same bytes for everybody and can be verified from outside; a program
// that was compiled without a built site says so on its only page and nowhere claims
// to be one.
//
// Assumes: internal/web/build made the folder site before compilation. Does not:
// speak HTTP, or know who asks.
//
// Specification: docs/web.md.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
)

//go:embed all:site
var built embed.FS

// ManifestName is where the manifest is served.
const ManifestName = "/manifest.json"

// ErrDamaged says that the site inside the program is not the one its manifest
// describes.
var ErrDamaged = errors.New("the built site is not what its manifest says: run make site, and compile again")

// Entry is what the manifest says of a file.
type Entry struct {
	Type   string `json:"type"`             // the media type it is served with
	SHA256 string `json:"sha256"`           // lower-case hexadecimal, of the bytes as served without Content-Encoding
	Size   int    `json:"size"`             // of those bytes
	Brotli string `json:"brotli,omitempty"` // the same of the bytes as served with Content-Encoding br; absent where that gains nothing
}

// Manifest names every file of the site by the path it is served under.
type Manifest struct {
	Files map[string]Entry `json:"files"`
}

// File is one file, as it goes out.
type File struct {
	Type   string
	Body   []byte
	Gzip   []byte // the same compressed; nil where that gains nothing
	Brotli []byte // the same
}

// Site is the whole of it. Make it with Open.
type Site struct {
	files map[string]File
	hash  string
	built bool
}

// Open gives the site that was compiled in, checked against its manifest; without
// one, a page that says how to make it.
func Open() (*Site, error) {
	root, err := fs.Sub(built, "site")
	if err != nil {
		return nil, fmt.Errorf("open site: %w", err)
	}
	s, err := Load(root)
	if errors.Is(err, fs.ErrNotExist) {
		return placeholder(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("open site: %w", err)
	}
	return s, nil
}

// Load reads a built site. Its error is fs.ErrNotExist where there is no manifest and
// ErrDamaged where a file is missing or differs.
func Load(root fs.FS) (*Site, error) {
	text, err := fs.ReadFile(root, ManifestName[1:])
	if err != nil {
		return nil, err
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	s := &Site{files: map[string]File{ManifestName: file("application/json", text)}, hash: hashOf(text), built: true}
	for path, e := range m.Files {
		f, err := read(root, path, e)
		if err != nil {
			return nil, err
		}
		s.files[path] = f
	}
	return s, nil
}

func read(root fs.FS, path string, e Entry) (File, error) {
	body, err := fs.ReadFile(root, StoredAs(path))
	if err != nil {
		return File{}, fmt.Errorf("%w: %s: %w", ErrDamaged, path, err)
	}
	if hashOf(body) != e.SHA256 || len(body) != e.Size {
		return File{}, fmt.Errorf("%w: %s", ErrDamaged, path)
	}
	f := file(e.Type, body)
	if e.Brotli == "" {
		return f, nil
	}
	f.Brotli, err = fs.ReadFile(root, CompressedAs(path))
	if err != nil || hashOf(f.Brotli) != e.Brotli {
		return File{}, fmt.Errorf("%w: %s, compressed: %w", ErrDamaged, path, err)
	}
	return f, nil
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// StoredAs is the name in the folder of what is served under path.
func StoredAs(path string) string {
	if path[len(path)-1] == '/' {
		return path[1:] + "index.html"
	}
	return path[1:]
}

// CompressedAs is the name of what the build compressed with Brotli: at its best that
// takes far longer than serving should, and this program need not know how.
func CompressedAs(path string) string { return StoredAs(path) + ".br" }

// file compresses a body once. A compressed answer can be measured by who sees the
// line; nothing secret is ever in one of these.
func file(kind string, body []byte) File {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(body)
	}
	if err = errors.Join(err, w.Close()); err != nil || b.Len() >= len(body) {
		return File{Type: kind, Body: body}
	}
	return File{Type: kind, Body: body, Gzip: b.Bytes()}
}

// Paths lists what is served, sorted.
func (s *Site) Paths() []string { return slices.Sorted(maps.Keys(s.files)) }

// Get gives the file that is served under path.
func (s *Site) Get(path string) (File, bool) {
	f, ok := s.files[path]
	return f, ok
}

// Hash is the SHA-256 of the manifest, in lower-case hexadecimal: it names this very
// site. The placeholder has none.
func (s *Site) Hash() string { return s.hash }

// Built tells whether this is a site and not the placeholder.
func (s *Site) Built() bool { return s.built }

// NoShort stands for the short hash where that is not known yet.
const NoShort = "00000000"

var short = regexp.MustCompile(`(<bdi class="hash">)[0-9a-f]{8}(</bdi>)`)

// Short is what stands at the foot of every page: eight hexadecimal digits of the
// SHA-256 over a line for each file, sorted by path, with the file's own SHA-256, two
// spaces and its path, as sha256sum writes it. Since nothing can contain its own hash,
// NoShort is put in its place on each page first.
func Short(files map[string][]byte) string {
	sum := sha256.New()
	for _, path := range slices.Sorted(maps.Keys(files)) {
		body := files[path]
		if bytes.HasPrefix(body, []byte("<!doctype html>")) {
			body = short.ReplaceAll(body, []byte("${1}"+NoShort+"${2}"))
		}
		fmt.Fprintf(sum, "%x  %s\n", sha256.Sum256(body), path)
	}
	return hex.EncodeToString(sum.Sum(nil))[:len(NoShort)]
}

func placeholder() *Site {
	const page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Notes</title><p>This program was compiled without its site. Run <code>make run</code>, which builds it.</p></html>\n"
	return &Site{files: map[string]File{"/": {Type: "text/html; charset=utf-8", Body: []byte(page)}}}
}
