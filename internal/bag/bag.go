// Package bag writes and checks folders after RFC 8493 (BagIt 1.0): payload under
// data/, manifests in SHA-512 and SHA-256 that sha512sum and sha256sum check, and
// tag manifests over all that describes it.
//
//	bagit.txt, bag-info.txt            what it is
//	manifest-sha512.txt, -sha256.txt   every file under data/
//	tagmanifest-sha512.txt, -sha256.txt  every other file but themselves and signatures/
//	signatures/                        over the tag manifests; no manifest can name them
//
// Promises: a name in a bag means the same file on every system, and never one
// outside it; a file has no name before all files are written, where the system
// can do that, so that a program that is killed leaves nothing that can be read.
// Check takes nothing on trust: a file that is missing, changed, or there and not
// listed is an error. Assumes: one program writes to a folder. Does not: sign, nor
// know what the files mean; a bag by itself is not proof against somebody who
// writes its manifests anew.
package bag

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/relatingfield/vault/internal/partial"
)

// The names of the files that every bag here has.
const (
	Declaration    = "bagit.txt"
	Info           = "bag-info.txt"
	Manifest512    = "manifest-sha512.txt"
	Manifest256    = "manifest-sha256.txt"
	TagManifest512 = "tagmanifest-sha512.txt"
	TagManifest256 = "tagmanifest-sha256.txt"
	Data           = "data"
	Signatures     = "signatures"
)

// declaration is all of bagit.txt (section 2.1.1).
const declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

// Sum is what the manifests say of a file, digests in hexadecimal.
type Sum struct {
	SHA512, SHA256 string
	Size           int64
}

// Field is a line of bag-info.txt.
type Field struct{ Label, Value string }

// Writer is a bag in the making.
type Writer struct {
	dir    string
	files  map[string]Sum
	taken  map[string]bool
	drafts []*partial.Draft
}

// Begin makes the folder of a new bag, which must not be there.
func Begin(dir string) (*Writer, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("begin the bag: %w", err)
	}
	return &Writer{dir: dir, files: map[string]Sum{}, taken: map[string]bool{}}, nil
}

// Payload puts a file under data/. The name has slashes, and each of its elements is
// as SafeName leaves it.
func (w *Writer) Payload(name string, fill func(io.Writer) error) (Sum, error) {
	return w.put(path.Join(Data, name), name, fill)
}

// Tag puts a file beside data/.
func (w *Writer) Tag(name string, b []byte) error {
	_, err := w.put(name, name, func(to io.Writer) error { _, err := to.Write(b); return err })
	return err
}

func (w *Writer) put(name, given string, fill func(io.Writer) error) (Sum, error) {
	if err := w.claim(name, given); err != nil {
		return Sum{}, fmt.Errorf("put %q into the bag: %w", name, err)
	}
	full := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return Sum{}, fmt.Errorf("put %s into the bag: %w", name, err)
	}
	d, err := partial.NewDraft(full)
	if err != nil {
		return Sum{}, fmt.Errorf("put %s into the bag: %w", name, err)
	}
	w.drafts = append(w.drafts, d)
	s := newSums()
	if err := fill(io.MultiWriter(d, s)); err != nil {
		return Sum{}, fmt.Errorf("put %s into the bag: %w", name, err)
	}
	w.files[name] = s.sum()
	return w.files[name], nil
}

var errName = errors.New("this is no name for a file in a bag")

// claim refuses names that are not safe, and those that some system takes for one
// that is there.
func (w *Writer) claim(name, given string) error {
	for _, element := range strings.Split(given, "/") { // as given: joined, a way out of data/ would not show
		if SafeName(element) != element {
			return errName
		}
	}
	if top, _, _ := strings.Cut(given, "/"); name == given && (top == Data || top == Signatures) {
		return errName
	}
	if w.taken[folded(name)] {
		return errors.New("another file has this name, or one that some systems take for it")
	}
	w.taken[folded(name)] = true
	return nil
}

// Files lists what is in the bag so far, in order.
func (w *Writer) Files() []string { return slices.Sorted(maps.Keys(w.files)) }

// Sum is what is known of a file.
func (w *Writer) Sum(name string) Sum { return w.files[name] }

// Finish writes bag-info.txt and the manifests, and gives every file its name. The
// sums are those of the tag manifests, for a signature over them.
func (w *Writer) Finish(info []Field) (tags512, tags256 Sum, err error) {
	defer func() { err = errors.Join(err, w.Close()) }()
	if err = w.describe(info); err != nil {
		return Sum{}, Sum{}, err
	}
	payload, tags := w.split()
	for _, m := range []struct {
		name   string
		digest func(Sum) string
	}{{Manifest512, Sum.in512}, {Manifest256, Sum.in256}} {
		if err = w.Tag(m.name, w.lines(payload, m.digest)); err != nil {
			return Sum{}, Sum{}, err
		}
		tags = append(tags, m.name)
	}
	if err = w.Tag(TagManifest512, w.lines(tags, Sum.in512)); err != nil {
		return Sum{}, Sum{}, err
	}
	if err = w.Tag(TagManifest256, w.lines(tags, Sum.in256)); err != nil {
		return Sum{}, Sum{}, err
	}
	for _, d := range w.drafts {
		if err = d.Publish(); err != nil {
			return Sum{}, Sum{}, fmt.Errorf("finish the bag: %w", err)
		}
	}
	return w.files[TagManifest512], w.files[TagManifest256], nil
}

// Close gives up what is open. Files without a name are then gone.
func (w *Writer) Close() error {
	var err error
	for _, d := range w.drafts {
		if closeErr := d.Close(); !errors.Is(closeErr, os.ErrClosed) {
			err = errors.Join(err, closeErr)
		}
	}
	w.drafts = nil
	return err
}

func (w *Writer) describe(info []Field) error {
	if err := w.Tag(Declaration, []byte(declaration)); err != nil {
		return err
	}
	payload, _ := w.split()
	var bytes int64
	for _, name := range payload {
		bytes += w.files[name].Size
	}
	var b strings.Builder
	for _, f := range append(slices.Clone(info), Field{"Payload-Oxum", fmt.Sprintf("%d.%d", bytes, len(payload))}) {
		if f.Label == "" || strings.ContainsAny(f.Label, ": \t\r\n") || strings.ContainsAny(f.Value, "\r\n") || strings.TrimSpace(f.Value) != f.Value {
			return fmt.Errorf("describe the bag: %q is no line of %s", f.Label, Info)
		}
		fmt.Fprintf(&b, "%s: %s\n", f.Label, f.Value)
	}
	return w.Tag(Info, []byte(b.String()))
}

func (w *Writer) split() (payload, tags []string) {
	for _, name := range w.Files() {
		if strings.HasPrefix(name, Data+"/") {
			payload = append(payload, name)
		} else {
			tags = append(tags, name)
		}
	}
	return payload, tags
}

// lines are a manifest: digest, two blanks, name, as sha512sum writes them. Names
// hold nothing that would have to be encoded (section 2.1.3).
func (w *Writer) lines(names []string, digest func(Sum) string) []byte {
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "%s  %s\n", digest(w.files[name]), name)
	}
	return []byte(b.String())
}

func (s Sum) in512() string { return s.SHA512 }
func (s Sum) in256() string { return s.SHA256 }

// sums hashes what is written to it.
type sums struct {
	io.Writer
	long, short hash.Hash
	size        int64
}

func newSums() *sums {
	s := &sums{long: sha512.New(), short: sha256.New()}
	s.Writer = io.MultiWriter(s.long, s.short)
	return s
}

// Write implements io.Writer.
func (s *sums) Write(b []byte) (int, error) {
	s.size += int64(len(b))
	return s.Writer.Write(b)
}

func (s *sums) sum() Sum {
	return Sum{hex.EncodeToString(s.long.Sum(nil)), hex.EncodeToString(s.short.Sum(nil)), s.size}
}
