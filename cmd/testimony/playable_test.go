package main

import "testing"

// What a browser could run is not shown, however its type is spelled.
func TestWhatRunsIsNotPlayed(t *testing.T) {
	for media, want := range map[string]bool{
		"video/mp4": true, "audio/ogg": true, "image/png": true,
		"image/svg+xml": false, "image/SVG+XML": false, "text/html": false, "application/pdf": false, "": false,
	} {
		if playable(media) != want {
			t.Errorf("%q: %t", media, !want)
		}
	}
}
