package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"text/tabwriter"
)

// Print writes the table for people.
func (t Table) Print(w io.Writer) error {
	if t.Short {
		if _, err := fmt.Fprintln(w, "Tiny sizes: this shows that the measurement runs. The figures mean nothing."); err != nil {
			return err
		}
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "what\tours\tyardstick\t\tratio\taim\t")
	for _, r := range t.Rows {
		fmt.Fprintln(tw, r.line())
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	return t.notes(w)
}

func (r Row) line() string {
	if r.Absent != "" {
		return fmt.Sprintf("%s\t–\t–\t\t–\t\tabsent: %s", r.Name, r.Absent)
	}
	theirs, ratio := "–", "–"
	if len(r.Theirs) > 0 {
		theirs, ratio = figure(Median(r.Theirs))+" "+r.Unit, r.compared()
	}
	return fmt.Sprintf("%s\t%s %s\t%s\t%s\t%s\t%s\t%s", r.Name, figure(Median(r.Ours)), r.Unit, theirs, r.Yardstick, ratio, r.Aim.text(r.Unit), r.Verdict())
}

func (r Row) compared() string {
	if r.Aim.Of == More {
		return "+" + figure(r.Compared()) + " " + r.Unit
	}
	return fmt.Sprintf("%.2f×", r.Compared())
}

func (a Aim) text(unit string) string {
	suffix := "×"
	if a.Of == More {
		suffix = " " + unit + " more"
	}
	switch {
	case a.AtLeast != 0:
		return fmt.Sprintf("≥ %g%s", a.AtLeast, suffix)
	case a.AtMost != 0:
		return fmt.Sprintf("≤ %g%s", a.AtMost, suffix)
	}
	return ""
}

// figure shows three digits: no more are ever true.
func figure(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case math.Abs(v) >= 100:
		return fmt.Sprintf("%.0f", v)
	case math.Abs(v) >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// notes says how rows were measured whose name alone does not.
func (t Table) notes(w io.Writer) error {
	said := map[string]bool{}
	for _, r := range t.Rows {
		if r.Note == "" || said[r.Note] {
			continue
		}
		said[r.Note] = true
		if _, err := fmt.Fprintf(w, "%s: %s\n", r.Name, r.Note); err != nil {
			return err
		}
	}
	return nil
}

// Save writes the table with every sample as JSON in dir and returns the file's path.
func (t Table) Save(dir string) (path string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("save the figures: %w", err)
	}
	b, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return "", fmt.Errorf("save the figures: %w", err)
	}
	path = filepath.Join(dir, t.Date.UTC().Format("2006-01-02T150405Z")+".json")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("save the figures: %w", err)
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("save the figures: %w", err)
	}
	return path, nil
}
