package provision_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/openrosa/provision"
)

const address = "https://vault.example/or/abcdefghijklmnopqrstuvwxyz"

// Collect inflates what it decodes and reads these names.
func TestCollectReadsTheSettings(t *testing.T) {
	text, err := provision.New(address, "Notes").Text()
	if err != nil {
		t.Fatal(err)
	}
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]map[string]any
	if err := json.Unmarshal(plain, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]any{
		"general": {"server_url": address, "form_update_mode": "match_exactly", "autosend": "wifi_and_cellular", "delete_send": true, "analytics": false},
		"admin":   {"change_server": false, "delete_after_send": false, "view_sent": false},
		"project": {"name": "Notes", "icon": "N"},
	}
	for group, fields := range want {
		for name, v := range fields {
			if got[group][name] != v {
				t.Errorf("%s.%s is %v", group, name, got[group][name])
			}
		}
		if len(got[group]) != len(fields) {
			t.Errorf("%s has %v", group, got[group])
		}
	}
}

// The image and the terminal show the same squares, with a margin all round.
func TestTheTerminalShowsThePicture(t *testing.T) {
	text, err := provision.New(address, "Notes").Text()
	if err != nil {
		t.Fatal(err)
	}
	p, err := provision.Draw(text)
	if err != nil {
		t.Fatal(err)
	}
	image, err := png.Decode(bytes.NewReader(p.PNG()))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(p.Terminal(), "\n"), "\n")
	across := strings.Count(lines[0], "▀")
	scale := image.Bounds().Dx() / across
	dark := 0
	for y, line := range lines {
		for x, cell := range strings.Split(strings.TrimSuffix(line, "\x1b[0m"), "▀")[:across] {
			for half, black := range []bool{strings.Contains(cell, "[30;"), strings.HasSuffix(cell, ";40m")} {
				at := 2*y + half
				if at >= across {
					continue
				}
				r, _, _, _ := image.At(x*scale+scale/2, at*scale+scale/2).RGBA()
				if black != (r == 0) {
					t.Fatalf("row %d, column %d: dark %v on the terminal, %v in the image", at, x, black, r == 0)
				}
				if black {
					dark++
				}
			}
		}
	}
	if dark < across*across/4 || dark > across*across*3/4 {
		t.Errorf("%d of %d squares are dark", dark, across*across)
	}
}

// Any text is settings or an error, and does not unpack without end.
func FuzzParseText(f *testing.F) {
	text, err := provision.New(address, "Notes").Text()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add("eJwDAAAAAAE=")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := provision.ParseText(text)
		if err != nil {
			return
		}
		again, err := s.Text()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := provision.ParseText(again); err != nil || got != s {
			t.Fatalf("%+v is not %+v: %v", got, s, err)
		}
	})
}
