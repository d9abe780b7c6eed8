package suite_test

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/bench/suite"
)

// Every chapter runs against the real server and gives rows with figures, so that
// the measurements cannot rot. What the figures are is not looked at.
func TestEveryChapterMeasures(t *testing.T) {
	dir := t.TempDir()
	var log bytes.Buffer
	table, err := suite.Run(t.Context(), suite.Options{Short: true, Dir: dir, Log: &log})
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	for _, r := range table.Rows {
		if r.Absent != "" {
			t.Logf("%s: absent: %s", r.Name, r.Absent)
			continue
		}
		if len(r.Ours) == 0 || len(r.Ours) != len(r.Theirs) || r.Yardstick == "" || r.Unit == "" {
			t.Errorf("%s has no figures: %+v", r.Name, r)
		}
		for _, v := range append(r.Ours, r.Theirs...) {
			if !(v > 0) || math.IsInf(v, 0) {
				t.Errorf("%s: %v is no measurement", r.Name, v)
			}
		}
	}
	if !strings.Contains(log.String(), "measuring growth") || len(table.Rows) < 30 {
		t.Errorf("%d rows only\n%s", len(table.Rows), &log)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A chapter that does not exist is refused before anything is measured.
func TestAnUnknownChapterIsRefused(t *testing.T) {
	_, err := suite.Run(t.Context(), suite.Options{Only: []string{"speed"}, Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "growth") {
		t.Errorf("%v, want an error that names the chapters", err)
	}
}
