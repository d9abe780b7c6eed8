// Package samples holds material of the kinds that people bring: texts in five
// languages, voices, a scanned page, and a photo and a clip that know where they
// were taken. Demonstrations and attacks use it instead of "hello".
//
// Promises: every name of [List] can be read and is what its media type says.
// The texts and recordings were made for this project and are nobody's
// testimony. Does not: stand for a corpus; one file a kind is enough to see a
// format go through.
package samples

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
)

//go:embed testdata
var kept embed.FS

// Sample is one file.
type Sample struct {
	Name      string // of the file
	MediaType string
	Language  string // BCP 47; empty where nobody speaks
}

// The samples that other packages ask for by name.
const (
	ArabicText     = "testimony-ar.txt"
	UkrainianText  = "testimony-uk.txt"
	UkrainianVoice = "voice-uk.m4a"
	Photo          = "photo-gps.jpg" // its Exif block names a place
	Clip           = "clip-location.mp4"
)

// List names all samples.
func List() []Sample {
	return []Sample{
		{ArabicText, "text/plain", "ar"},
		{"testimony-ckb.txt", "text/plain", "ckb"},
		{"testimony-en.txt", "text/plain", "en"},
		{"testimony-fr.txt", "text/plain", "fr"},
		{UkrainianText, "text/plain", "uk"},
		{"voice-ar.ogg", "audio/ogg", "ar"},
		{"voice-en.webm", "audio/webm", "en"},
		{UkrainianVoice, "audio/mp4", "uk"},
		{Photo, "image/jpeg", ""},
		{"scan-text.png", "image/png", ""},
		{Clip, "video/mp4", ""},
	}
}

// Files gives the samples of a folder, or with "" the copies that are kept here.
// A folder that lacks one of them is refused.
func Files(dir string) (fs.FS, error) {
	if dir == "" {
		return fs.Sub(kept, "testdata")
	}
	files := os.DirFS(dir)
	for _, s := range List() {
		if _, err := fs.Stat(files, s.Name); err != nil {
			return nil, fmt.Errorf("samples in %s: %w: give a folder with all of them, or none for the copies kept here", dir, err)
		}
	}
	return files, nil
}
