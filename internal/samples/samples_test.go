package samples_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/relatingfield/vault/internal/samples"
)

// most is what all samples may weigh together: everybody who clones pays for it.
const most = 1200 << 10

func read(t *testing.T, name string) []byte {
	t.Helper()
	files, err := samples.Files("")
	if err != nil {
		t.Fatal(err)
	}
	b, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEverySampleIsWhatItsMediaTypeSays(t *testing.T) {
	magic := map[string][]byte{
		"audio/ogg": []byte("OggS"), "audio/webm": {0x1a, 0x45, 0xdf, 0xa3}, "audio/mp4": []byte("\x00\x00\x00\x1cftyp"),
		"image/jpeg": {0xff, 0xd8, 0xff}, "image/png": []byte("\x89PNG\r\n"), "video/mp4": []byte("\x00\x00\x00\x20ftyp"),
	}
	total := 0
	for _, s := range samples.List() {
		b := read(t, s.Name)
		total += len(b)
		if want, ok := magic[s.MediaType]; ok != (s.MediaType != "text/plain") || !bytes.HasPrefix(b, want) || len(b) < 400 {
			t.Errorf("%s begins with %x: it is not %s", s.Name, b[:12], s.MediaType)
		}
		if s.MediaType == "text/plain" && !utf8.Valid(b) {
			t.Errorf("%s is not UTF-8", s.Name)
		}
	}
	if total > most {
		t.Errorf("the samples weigh %d bytes, %d are the most", total, most)
	}
}

func TestTextsAreInTheirScripts(t *testing.T) {
	for name, script := range map[string]*unicode.RangeTable{
		samples.ArabicText: unicode.Arabic, "testimony-ckb.txt": unicode.Arabic, samples.UkrainianText: unicode.Cyrillic,
		"testimony-en.txt": unicode.Latin, "testimony-fr.txt": unicode.Latin,
	} {
		letters, inScript := 0, 0
		for _, r := range string(read(t, name)) {
			if unicode.IsLetter(r) {
				letters++
				if unicode.Is(script, r) {
					inScript++
				}
			}
		}
		if letters < 250 || inScript*10 < letters*9 {
			t.Errorf("%s: %d of %d letters are of its script", name, inScript, letters)
		}
	}
}

// A photo or clip without a place in it would not show that one is kept sealed.
func TestPhotoAndClipKnowWhereTheyWereTaken(t *testing.T) {
	gps := []byte{0x88, 0x25, 0x00, 0x04, 0x00, 0x00, 0x00, 0x01} // Exif: a pointer to the GPS block
	if b := read(t, samples.Photo); !bytes.Contains(b, []byte("Exif\x00\x00")) || !bytes.Contains(b, gps) {
		t.Error("the photo has no GPS block")
	}
	if !bytes.Contains(read(t, samples.Clip), []byte("loci\x00\x00\x00\x00")) {
		t.Error("the clip has no location box")
	}
}

func TestFolderThatLacksASampleIsRefused(t *testing.T) {
	dir := t.TempDir()
	for _, s := range samples.List()[1:] {
		if err := os.WriteFile(filepath.Join(dir, s.Name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := samples.Files(dir); err == nil {
		t.Error("accepted")
	}
	if err := os.WriteFile(filepath.Join(dir, samples.List()[0].Name), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := samples.Files(dir); err != nil {
		t.Error(err)
	}
}
