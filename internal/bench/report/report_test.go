package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/bench/report"
)

// A ratio is the median over pairs: a slow hour that hits both does not change it.
func TestARatioIsTheMedianOverPairs(t *testing.T) {
	r := report.Row{Ours: []float64{10, 100, 30}, Theirs: []float64{5, 50, 10}}
	if got := r.Compared(); got != 2 {
		t.Errorf("ratio %v, want 2", got)
	}
	r.Aim.Of = report.More
	if got := r.Compared(); got != 20 {
		t.Errorf("difference %v, want 20", got)
	}
}

// The verdict says by how much an aim was missed, and nothing where none was set.
func TestVerdictsSayByHowMuch(t *testing.T) {
	for want, r := range map[string]report.Row{
		"met":             {Ours: []float64{3}, Theirs: []float64{2}, Aim: report.Aim{AtLeast: 1.5}},
		"missed by 25 %":  {Ours: []float64{3}, Theirs: []float64{2}, Aim: report.Aim{AtLeast: 2}},
		"missed by 50 %":  {Ours: []float64{3}, Theirs: []float64{2}, Aim: report.Aim{AtMost: 1}},
		"missed by 100 %": {Ours: []float64{6}, Theirs: []float64{2}, Aim: report.Aim{Of: report.More, AtMost: 2}},
	} {
		if got := r.Verdict(); got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
	for _, r := range []report.Row{{Ours: []float64{1}, Theirs: []float64{1}}, {Absent: "no nginx", Aim: report.Aim{AtLeast: 1}}} {
		if got := r.Verdict(); got != "" {
			t.Errorf("%+v: %q, want nothing", r, got)
		}
	}
}

func TestQuantiles(t *testing.T) {
	s := []int{5, 1, 4, 2, 3}
	if report.Quantile(s, 0.5) != 3 || report.Quantile(s, 0.99) != 5 || report.Quantile(s, 0) != 1 {
		t.Error("wrong quantiles")
	}
	if !math.IsNaN(report.Median(nil)) || report.Median([]float64{1, 2}) != 1.5 {
		t.Error("wrong medians")
	}
}

// In a contest nobody always comes first.
func TestAContestTakesTurns(t *testing.T) {
	var order []int
	contender := func(n int) func(context.Context) (float64, error) {
		return func(context.Context) (float64, error) {
			order = append(order, n)
			return float64(n), nil
		}
	}
	got, err := report.Contest(t.Context(), 3, contender(0), contender(1))
	if err != nil || !slices.Equal(order, []int{0, 1, 1, 0, 0, 1}) {
		t.Errorf("%v, %v", order, err)
	}
	if !slices.Equal(got[0], []float64{0, 0, 0}) || !slices.Equal(got[1], []float64{1, 1, 1}) {
		t.Errorf("samples %v", got)
	}
}

// What is printed and what is saved says the same; a row without figures says why.
func TestATableIsPrintedAndSaved(t *testing.T) {
	table := report.Table{Date: time.Unix(1e9, 0), Rows: []report.Row{
		{Name: "upload", Unit: "MB/s", Ours: []float64{1400}, Yardstick: "copy", Theirs: []float64{1000}, Aim: report.Aim{AtLeast: 1}, Note: "the note"},
		{Name: "download", Absent: "no nginx"},
	}}
	var out bytes.Buffer
	if err := table.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1400 MB/s", "1.40×", "met", "absent: no nginx", "upload: the note"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, &out)
		}
	}
	path, err := table.Save(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Rows []struct {
			Compared *float64
			Verdict  string
		}
	}
	if err := json.Unmarshal(b, &back); err != nil || len(back.Rows) != 2 || *back.Rows[0].Compared != 1.4 || back.Rows[0].Verdict != "met" || back.Rows[1].Compared != nil {
		t.Errorf("%s: %v", b, err)
	}
}
