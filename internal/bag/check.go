package bag

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// ErrBroken: the folder is no whole bag of this kind.
var ErrBroken = errors.New("the bag is not whole")

// maxManifest bounds a file that lists others, in bytes.
const maxManifest = 16 << 20

// Check reads all of a bag and compares it with its manifests. What it gives are the
// sums of the tag manifests, and of every file but signatures by name. Every error
// that is not one of reading wraps ErrBroken.
func Check(folder fs.FS) (map[string]Sum, error) {
	found, err := walk(folder)
	if err != nil {
		return nil, err
	}
	text, err := small(folder, Declaration)
	if err != nil {
		return nil, err
	}
	if string(text) != declaration {
		return nil, broken("%s says something else", Declaration)
	}
	payload, tags := map[string]Sum{}, map[string]Sum{}
	for name, s := range found {
		switch {
		case strings.HasPrefix(name, Data+"/"):
			payload[name] = s
		case name != TagManifest512 && name != TagManifest256:
			tags[name] = s
		}
	}
	for manifest, of := range map[string]map[string]Sum{Manifest512: payload, Manifest256: payload, TagManifest512: tags, TagManifest256: tags} {
		if err := compare(folder, manifest, of); err != nil {
			return nil, err
		}
	}
	return found, oxum(folder, payload)
}

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrBroken, fmt.Errorf(format, args...))
}

// walk hashes every file but signatures. What is no plain file does not belong here:
// a link could lead anywhere.
func walk(folder fs.FS) (map[string]Sum, error) {
	found := map[string]Sum{}
	err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name == Signatures:
			return fs.SkipDir
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return broken("%q is no plain file", name)
		}
		f, err := folder.Open(name)
		if err != nil {
			return err
		}
		s := newSums()
		_, err = io.Copy(s, f)
		found[name] = s.sum()
		return errors.Join(err, f.Close())
	})
	if err != nil {
		return nil, fmt.Errorf("check the bag: %w", err)
	}
	return found, nil
}

func small(folder fs.FS, name string) ([]byte, error) {
	f, err := folder.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, broken("%s is missing", name)
	}
	if err != nil {
		return nil, fmt.Errorf("check the bag: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxManifest+1))
	if err != nil {
		return nil, fmt.Errorf("check the bag: %w", err)
	}
	if len(b) > maxManifest {
		return nil, broken("%s is too long", name)
	}
	return b, nil
}

// compare holds a manifest against what is there: the same names, the same digests.
func compare(folder fs.FS, manifest string, found map[string]Sum) error {
	text, err := small(folder, manifest)
	if err != nil {
		return err
	}
	listed, err := ParseManifest(text)
	if err != nil {
		return fmt.Errorf("%s: %w", manifest, err)
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		digest := found[name].SHA512
		if manifest == Manifest256 || manifest == TagManifest256 {
			digest = found[name].SHA256
		}
		switch listed[name] {
		case digest:
		case "":
			return broken("%q is in the bag and not in %s", name, manifest)
		default:
			return broken("%q is not what %s says", name, manifest)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(listed)) {
		if _, there := found[name]; !there {
			return broken("%q is in %s and not in the bag", name, manifest)
		}
	}
	return nil
}

// ParseManifest reads a manifest as Finish writes it: digests by name.
func ParseManifest(text []byte) (map[string]string, error) {
	out := map[string]string{}
	for line := range bytes.Lines(text) {
		digest, name, ok := strings.Cut(strings.TrimSuffix(string(line), "\n"), "  ")
		if !ok || !bytes.HasSuffix(line, []byte("\n")) || !isDigest(digest) || !fs.ValidPath(name) || out[name] != "" {
			return nil, broken("it has a line that this program does not write")
		}
		for _, element := range strings.Split(name, "/") {
			if SafeName(element) != element {
				return nil, broken("it has a name that this program does not write")
			}
		}
		out[name] = digest
	}
	return out, nil
}

func isDigest(s string) bool {
	return (len(s) == 64 || len(s) == 128) && strings.Trim(s, "0123456789abcdef") == ""
}

// oxum compares Payload-Oxum, which stands last.
func oxum(folder fs.FS, payload map[string]Sum) error {
	text, err := small(folder, Info)
	if err != nil {
		return err
	}
	var size int64
	for _, s := range payload {
		size += s.Size
	}
	want := "Payload-Oxum: " + strconv.FormatInt(size, 10) + "." + strconv.Itoa(len(payload)) + "\n"
	if !strings.HasSuffix("\n"+string(text), "\n"+want) {
		return broken("it does not hold as much as %s says", Info)
	}
	return nil
}
