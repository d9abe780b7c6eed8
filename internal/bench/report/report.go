// Package report holds what a measurement found: our figure, the yardstick's
// from the same run, their ratio and whether that is what was aimed for.
//
// Promises: a ratio is the median over pairs that were measured one right after
// the other, never a quotient of two averages, because the speed of a shared
// machine drifts by a third within the hour; every sample is kept in the JSON. An
// absolute figure is for orientation and means nothing on another machine.
package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"
)

// Measure says how ours is compared with the yardstick's.
type Measure int

// The measures.
const (
	Times Measure = iota // ours ÷ yardstick
	More                 // ours − yardstick, in the row's unit
)

// Aim is what a comparison should come to. The zero Aim is none.
type Aim struct {
	Of      Measure
	AtLeast float64 // 0: no lower bound
	AtMost  float64 // 0: no upper bound
}

// Row is one line of the table.
type Row struct {
	Name      string    `json:"name"`
	Unit      string    `json:"unit"` // of both figures
	Ours      []float64 `json:"ours"`
	Yardstick string    `json:"yardstick"` // what it is
	Theirs    []float64 `json:"theirs"`    // the i-th was measured beside the i-th of Ours
	Aim       Aim       `json:"aim"`
	Note      string    `json:"note,omitempty"`   // how it was measured, where that is not plain
	Absent    string    `json:"absent,omitempty"` // why there are no figures
}

// Table is one run.
type Table struct {
	Date    time.Time `json:"date"`
	Machine string    `json:"machine"`
	Short   bool      `json:"short"` // sizes that prove that it runs, and nothing else
	Rows    []Row     `json:"rows"`
}

// Median is the middle sample, NaN where there is none.
func Median(samples []float64) float64 {
	if len(samples) == 0 {
		return math.NaN()
	}
	s := slices.Clone(samples)
	slices.Sort(s)
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// Quantile is the sample below which a share q of all lie.
func Quantile[T cmp.Ordered](samples []T, q float64) T {
	s := slices.Clone(samples)
	slices.Sort(s)
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

// Compared is the median over the pairs, NaN where there are none.
func (r Row) Compared() float64 {
	var pairs []float64
	for i := range min(len(r.Ours), len(r.Theirs)) {
		if r.Aim.Of == More {
			pairs = append(pairs, r.Ours[i]-r.Theirs[i])
		} else {
			pairs = append(pairs, r.Ours[i]/r.Theirs[i])
		}
	}
	return Median(pairs)
}

// Verdict is "met", "missed by …", or empty where there is no aim or no figure.
func (r Row) Verdict() string {
	got := r.Compared()
	switch a := r.Aim; {
	case math.IsNaN(got) || a.AtLeast == 0 && a.AtMost == 0:
		return ""
	case a.AtLeast != 0 && got < a.AtLeast:
		return fmt.Sprintf("missed by %.0f %%", 100*(1-got/a.AtLeast))
	case a.AtMost != 0 && got > a.AtMost:
		return fmt.Sprintf("missed by %.0f %%", 100*(got/a.AtMost-1))
	}
	return "met"
}

// MarshalJSON adds what the table shows to what the row holds.
func (r Row) MarshalJSON() ([]byte, error) {
	type row Row
	var compared *float64
	if c := r.Compared(); !math.IsNaN(c) && !math.IsInf(c, 0) {
		compared = &c
	}
	return json.Marshal(struct {
		row
		Compared *float64 `json:"compared"`
		Verdict  string   `json:"verdict,omitempty"`
	}{row(r), compared, r.Verdict()})
}
