package canarytest_test

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/relatingfield/vault/internal/canarytest"
	"github.com/relatingfield/vault/internal/samples"
)

const said = "شهادتي عن الليلة التي أُغلقت فيها المدرسة"

func scanner(t *testing.T, marks ...canarytest.Mark) *canarytest.Scanner {
	t.Helper()
	s, err := canarytest.New(marks...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func voice(t *testing.T) []byte {
	t.Helper()
	files, err := samples.Files("")
	if err != nil {
		t.Fatal(err)
	}
	b, err := fs.ReadFile(files, samples.UkrainianVoice)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func noise(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(rand.Reader, b); err != nil {
		t.Fatal(err)
	}
	return b
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

func logged(format func(io.Writer) slog.Handler, text string) []byte {
	var out bytes.Buffer
	slog.New(format(&out)).Info("request", "value", text)
	return out.Bytes()
}

func utf16Of(order binary.AppendByteOrder, s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

// hidings are ways in which a program could leave data behind, written with
// other people's encoders.
func hidings(text string) map[string][]byte {
	b := []byte(text)
	ascii, _ := json.Marshal(text)
	out := map[string][]byte{
		"plain": b, "hex": []byte(hex.EncodeToString(b)), "HEX": []byte(strings.ToUpper(hex.EncodeToString(b))),
		"bytea in a dump": []byte(`\\x` + hex.EncodeToString(append([]byte("seal"), b...))),
		"utf-16le":        utf16Of(binary.LittleEndian, text), "utf-16be": utf16Of(binary.BigEndian, text),
		"go quoted": fmt.Appendf(nil, "%q", text), "go quoted ascii": fmt.Appendf(nil, "%+q", text), "json": ascii,
		"url": []byte(url.QueryEscape(text)), "path": []byte((&url.URL{Path: text}).EscapedPath()),
		"log as text": logged(func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) }, text),
		"log as json": logged(func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) }, text),
	}
	for before := range 5 {
		padded := append([]byte("#####"[:before]), append(b, "...."...)...)
		out[fmt.Sprintf("base64 after %d", before)] = []byte(base64.StdEncoding.EncodeToString(padded))
		out[fmt.Sprintf("base64url after %d", before)] = []byte(base64.RawURLEncoding.EncodeToString(padded))
		out[fmt.Sprintf("base32 after %d", before)] = []byte(base32.StdEncoding.EncodeToString(padded))
		out[fmt.Sprintf("base32hex lower after %d", before)] = []byte(strings.ToLower(base32.StdEncoding.EncodeToString(padded)))
	}
	return out
}

// A search that can find nothing finds nothing: each spelling must be found,
// also where two blocks of reading meet.
func TestMarkedTextIsFoundInEverySpelling(t *testing.T) {
	s := scanner(t, canarytest.Mark{Name: "text", Data: []byte(said)})
	for how, hidden := range hidings(said) {
		for _, before := range []int{0, 7, 1<<20 - 20} {
			file := append(append(noise(t, before), hidden...), noise(t, 100)...)
			found, err := s.Read("file", bytes.NewReader(file))
			if err != nil || len(found) == 0 {
				t.Errorf("%s behind %d bytes was not found (%v)", how, before, err)
			}
		}
	}
}

// Media is looked for by its pieces: 31 bytes of it anywhere are enough.
func TestAnyPieceOfMediaIsFoundAsItIsEncodedOrPackedWithOtherData(t *testing.T) {
	media := voice(t)
	s := scanner(t, canarytest.Mark{Name: "voice", Data: media})
	for _, at := range []int{4096, 5001, 77777, len(media) / 2} {
		piece := media[at : at+31]
		longer := media[at : at+64]
		for how, file := range map[string][]byte{
			"plain": piece, "behind noise": append(noise(t, 3), piece...), "packed": gzipped(append(noise(t, 999), longer...)),
			"hex": []byte(hex.EncodeToString(piece)), "base64": []byte(base64.StdEncoding.EncodeToString(longer)),
			"base64url": []byte(base64.URLEncoding.EncodeToString(longer)), "base32": []byte(base32.StdEncoding.EncodeToString(longer)),
		} {
			if found, err := s.Read("file", bytes.NewReader(file)); err != nil || len(found) == 0 {
				t.Errorf("%s of byte %d on was not found (%v)", how, at, err)
			}
		}
	}
}

func TestWhatIsNotMarkedIsNotFound(t *testing.T) {
	media := voice(t)
	s := scanner(t, canarytest.Mark{Name: "voice", Data: media}, canarytest.Mark{Name: "text", Data: []byte(said)})
	other, err := samples.Files("")
	if err != nil {
		t.Fatal(err)
	}
	photo, err := fs.ReadFile(other, samples.Photo)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"noise": noise(t, 4<<20), "zeros": make([]byte, 1<<20), "photo": photo, "15 bytes": media[9000:9015], "nothing": nil,
		"text": []byte(strings.Repeat("the vault holds nothing that opens anything; ", 999)),
	} {
		if found, err := s.Read(name, bytes.NewReader(file)); err != nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", name, found, err)
		}
	}
}

func TestMarkTooPlainToBeFoundIsRefused(t *testing.T) {
	for name, data := range map[string]string{"short": "a word", "plain": strings.Repeat("ab", 99)} {
		if _, err := canarytest.New(canarytest.Mark{Name: name, Data: []byte(data)}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestFileNamesFoldersAndLinksAreSearchedToo(t *testing.T) {
	s := scanner(t, canarytest.Mark{Name: "text", Data: []byte(said)})
	for how, plant := range map[string]func(dir string) error{
		"content": func(dir string) error { return os.WriteFile(filepath.Join(dir, ".x"), []byte("0"+said), 0o600) },
		"name":    func(dir string) error { return os.WriteFile(filepath.Join(dir, said), nil, 0o600) },
		"folder":  func(dir string) error { return os.Mkdir(filepath.Join(dir, said), 0o700) },
		"link":    func(dir string) error { return os.Symlink("../"+said, filepath.Join(dir, "l")) },
	} {
		dir := filepath.Join(t.TempDir(), "a", "b")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		root := filepath.Dir(filepath.Dir(dir))
		if found, _, err := s.Tree(root); err != nil || len(found) > 0 {
			t.Fatalf("%s: found %v before it was planted (%v)", how, found, err)
		}
		if err := plant(dir); err != nil {
			t.Fatal(err)
		}
		if found, _, err := s.Tree(root); err != nil || len(found) == 0 {
			t.Errorf("%s: not found (%v)", how, err)
		}
	}
}
