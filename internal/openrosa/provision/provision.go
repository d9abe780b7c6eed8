// Package provision writes the settings that set up ODK Collect or KoboCollect by
// one picture: where to get forms and where to send them, that what was sent is
// deleted from the phone, and that its settings stay as they are. The text in the
// picture is JSON, compressed with zlib, in base64, as Collect reads it.
//
// The address in it holds a token. Whoever photographs the picture can send forms
// as that collector, and nothing else, until the token is revoked: it reads nothing.
package provision

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"rsc.io/qr"
)

// Settings are those of a project in Collect.
type Settings struct {
	General general `json:"general"`
	Admin   admin   `json:"admin"`
	Project project `json:"project"`
}

type general struct {
	ServerURL  string `json:"server_url"`
	UpdateMode string `json:"form_update_mode"`
	AutoSend   string `json:"autosend"`
	Delete     bool   `json:"delete_send"`
	Analytics  bool   `json:"analytics"`
}

type admin struct {
	ChangeServer bool `json:"change_server"`
	DeleteSent   bool `json:"delete_after_send"`
	ViewSent     bool `json:"view_sent"`
}

type project struct {
	Name string `json:"name"`
	Icon string `json:"icon"`
}

// New gives the settings for a collector's address. The name shows on the phone, so
// it should say nothing.
func New(address, name string) Settings {
	return Settings{
		General: general{ServerURL: address, UpdateMode: "match_exactly", AutoSend: "wifi_and_cellular", Delete: true},
		Project: project{Name: name, Icon: "N"},
	}
}

// Text is what stands in the picture.
func (s Settings) Text() (string, error) {
	plain, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("write settings: %w", err)
	}
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, zlib.BestCompression)
	if err != nil {
		return "", fmt.Errorf("write settings: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return "", fmt.Errorf("write settings: %w", err)
	}
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("write settings: %w", err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// maxText bounds what ParseText unpacks.
const maxText = 16 << 10

// ParseText reads what Text wrote.
func ParseText(text string) (s Settings, err error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxText))
	if err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	if err := json.Unmarshal(plain, &s); err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	return s, nil
}

// Picture is the text as a square of dark and light.
type Picture struct{ code *qr.Code }

// Draw makes the picture of a text.
func Draw(text string) (Picture, error) {
	c, err := qr.Encode(text, qr.L)
	if err != nil {
		return Picture{}, fmt.Errorf("draw settings: %w", err)
	}
	return Picture{c}, nil
}

// PNG is the picture as an image, with the margin that cameras need.
func (p Picture) PNG() []byte { return p.code.PNG() }

// quiet is the margin in modules.
const quiet = 4

// Terminal is the picture for a terminal with dark letters on light or light on
// dark: two rows a line, drawn in both colours so that the terminal's own do not
// matter.
func (p Picture) Terminal() string {
	var out strings.Builder
	for y := -quiet; y < p.code.Size+quiet; y += 2 {
		for x := -quiet; x < p.code.Size+quiet; x++ {
			fmt.Fprintf(&out, "\x1b[%d;%dm▀", colour(30, p.code.Black(x, y)), colour(40, p.code.Black(x, y+1)))
		}
		out.WriteString("\x1b[0m\n")
	}
	return out.String()
}

// colour is black or bright white, as foreground (30) or background (40).
func colour(of int, dark bool) int {
	if dark {
		return of
	}
	return of + 67
}
