package app_test

import (
	"bytes"
	"flag"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
)

var updateReport = flag.Bool("update", false, "write docs/operate/processing.md from the default settings")

// The page that operators begin with is what the program writes of its own defaults.
func TestTheRecordOfProcessingIsThatOfTheDefaults(t *testing.T) {
	const page = "../../docs/operate/processing.md"
	a := app.New(config.Default(), slog.New(slog.DiscardHandler))
	a.Now = func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	var made bytes.Buffer
	if err := a.Processing(&made); err != nil {
		t.Fatal(err)
	}
	if *updateReport {
		if err := os.WriteFile(page, made.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.Open(page)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if b, err := io.ReadAll(kept); err != nil || !bytes.Equal(b, made.Bytes()) {
		t.Errorf("docs/operate/processing.md is out of date (%v): go test ./internal/app -run Processing -update", err)
	}
}
