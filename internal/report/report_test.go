package report_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/report"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// What hangs on an account is in the answer about it, and nothing of anybody else's.
func TestADemandHasWhatHangsOnTheAccountAndNoMore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		one := w.Add(w.Her, tid, 1, []byte("one"))
		g := w.Grant(tid, map[int64]testimonytest.Sealed{1: one})
		if _, err := w.Read(w.Reader, g, 1); err != nil {
			t.Fatal(err)
		}
		ask := func(who id.Thumbprint) (report.Demand, map[string]int) {
			d, err := report.Source{DB: db, Keys: w.Feed.Keys, Ledger: &ledger.Ledger{Keys: w.Feed.Keys}}.Ask(t.Context(), who)
			if err != nil {
				t.Fatal(err)
			}
			counts := map[string]int{}
			for _, r := range d.Rows {
				counts[r.Table]++
			}
			return d, counts
		}
		hers, counts := ask(w.Her.ID)
		for _, table := range []string{"accounts", "testimonies", "parts", "grants", "grant_parts", "openings", "statements", "events", "shred_keys"} {
			if counts[table] == 0 {
				t.Errorf("nothing of %s is in it", table)
			}
		}
		if len(hers.Events) < 4 || len(hers.Acts) < 3 {
			t.Errorf("%d events and %d acts are readable", len(hers.Events), len(hers.Acts))
		}
		readers, counts := ask(w.Reader.ID)
		if counts["grants"] != 1 || counts["openings"] != 1 || counts["testimonies"] != 0 || counts["parts"] != 0 || len(readers.Events) != 0 {
			t.Errorf("about the reader there is %v", counts)
		}
	})
}

// A worksheet counts what lay there in the time, and refuses words it does not know.
func TestAWorksheetCountsWhatLayThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		g := w.Grant(tid, map[int64]testimonytest.Sealed{1: w.Add(w.Her, tid, 1, []byte("one"))})
		if _, err := w.Read(w.Reader, g, 1); err != nil {
			t.Fatal(err)
		}
		now := w.Clock.Now()
		for _, c := range []struct {
			b    report.Breach
			want []string
		}{
			{report.Breach{What: report.Database, From: now.Add(-time.Hour), Until: now.Add(time.Hour), Kept: 90},
				[]string{"* testimonies: 1, of 1 accounts", "* grants in force in that time: 1, from 1 people to 1 researchers", "* openings in that time: 1, by 1 researchers", "up to 90 days"}},
			{report.Breach{What: report.Reader, Reader: w.Reader.ID, From: now.Add(-time.Hour), Until: now.Add(time.Hour)},
				[]string{"held 1 grants of 1 people", "opened 1 times: 1 testimonies of 1 people"}},
			{report.Breach{What: report.Machine, From: now.Add(-50 * 24 * time.Hour), Until: now.Add(-49 * 24 * time.Hour)}, []string{"* openings in that time: 0", "sealed on arrival"}},
		} {
			var out bytes.Buffer
			if err := c.b.Worksheet(t.Context(), db, &out); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%s does not say %q:\n%s", c.b.What, want, out.String())
				}
			}
		}
		for _, b := range []report.Breach{{What: "everything"}, {What: report.Reader}, {What: report.Keys, Reader: w.Reader.ID}} {
			if err := b.Worksheet(t.Context(), db, &bytes.Buffer{}); !errors.Is(err, report.ErrLost) {
				t.Errorf("%+v: %v, want ErrLost", b, err)
			}
		}
	})
}

// Nothing is taken out of a register, changed in it or put between, unnoticed.
func TestARegisterOnlyGrows(t *testing.T) {
	r := report.Register{Path: filepath.Join(t.TempDir(), "register.jsonl")}
	for _, e := range []report.Entry{
		{Day: "2026-03-01", Kind: "demand", Country: "FR", Authority: "court", Answer: "pending", Accounts: 2},
		{Day: "2026-03-09", Kind: "demand", Country: "FR", Authority: "court", Answer: "inventory-given", Accounts: 2, Replaces: 1},
		{Day: "2026-05-02", Kind: "incident", Country: "ZZ", Authority: "none", Answer: "told"},
	} {
		if _, err := r.Add(e, today); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(r.Path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for name, broken := range map[string][]byte{
		"the first is missing":  bytes.Join(lines[1:], nil),
		"the second is missing": slicesJoin(lines[0], lines[2]),
		"two changed places":    slicesJoin(lines[1], lines[0]),
		"an answer was changed": bytes.Replace(whole, []byte("pending"), []byte("refused"), 1),
		"a name was put in":     bytes.Replace(whole, []byte(`"court"`), []byte(`"X v. Y"`), 1),
		"a field was put in":    bytes.Replace(whole, []byte(`{"n":1`), []byte(`{"name":"x","n":1`), 1),
		"half a line":           whole[:len(whole)-9],
	} {
		if _, _, err := report.ParseRegister(bytes.NewReader(broken)); !errors.Is(err, report.ErrBroken) {
			t.Errorf("%s: %v, want ErrBroken", name, err)
		}
	}
	if list, err := r.Read(); err != nil || len(list) != 3 || list[1].Replaces != 1 {
		t.Errorf("read again: %v, %+v", err, list)
	}
}

func slicesJoin(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestAnEntryHasFixedWordsOnly(t *testing.T) {
	r := report.Register{Path: filepath.Join(t.TempDir(), "register.jsonl")}
	good := report.Entry{Day: "2026-03-01", Kind: "demand", Country: "UA", Authority: "police", Answer: "refused"}
	for name, change := range map[string]func(*report.Entry){
		"a day that is none":      func(e *report.Entry) { e.Day = "yesterday" },
		"a day to come":           func(e *report.Entry) { e.Day = "2027-01-01" },
		"a kind with a name":      func(e *report.Entry) { e.Kind = "demand about Olena" },
		"a country in full":       func(e *report.Entry) { e.Country = "Ukraine" },
		"an authority by name":    func(e *report.Entry) { e.Authority = "Tribunal de Paris" },
		"an answer in free words": func(e *report.Entry) { e.Answer = "we said no" },
		"fewer than none":         func(e *report.Entry) { e.Accounts = -1 },
		"what is not there":       func(e *report.Entry) { e.Replaces = 1 },
	} {
		e := good
		change(&e)
		if _, err := r.Add(e, today); !errors.Is(err, report.ErrEntry) {
			t.Errorf("%s: %v, want ErrEntry", name, err)
		}
	}
	if _, err := os.Stat(r.Path); err == nil {
		t.Error("a refused entry left something")
	}
}

// The public gets counts of what stands, by fixed words.
func TestATransparencyReportCountsWhatStands(t *testing.T) {
	list := []report.Entry{
		{N: 1, Day: "2026-03-01", Kind: "demand", Country: "FR", Authority: "court", Answer: "pending", Accounts: 2},
		{N: 2, Day: "2026-03-09", Kind: "demand", Country: "FR", Authority: "court", Answer: "inventory-given", Accounts: 2, Replaces: 1},
		{N: 3, Day: "2026-04-01", Kind: "demand", Country: "FR", Authority: "court", Answer: "inventory-given", Accounts: 1},
		{N: 4, Day: "2025-12-31", Kind: "seizure", Country: "FR", Authority: "police", Answer: "closed"},
	}
	from, until := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), today
	var out, none bytes.Buffer
	if err := errors.Join(report.Transparency(&out, list, from, until), report.Transparency(&none, nil, from, until)); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); !strings.Contains(s, "| demand | FR | court | inventory-given | 2 | 3 |") || strings.Contains(s, "pending") || strings.Contains(s, "seizure") {
		t.Error(s)
	}
	if !strings.Contains(none.String(), "Nobody demanded anything") {
		t.Error(none.String())
	}
}

func FuzzParseRegister(f *testing.F) {
	f.Add([]byte(`{"n":1,"before":"","day":"2026-03-01","kind":"demand","country":"FR","authority":"court","accounts":2,"answer":"pending"}` + "\n"))
	f.Add([]byte("{}\n{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, _, err := report.ParseRegister(bytes.NewReader(b))
		if err != nil && !errors.Is(err, report.ErrBroken) {
			t.Fatalf("%v", err)
		}
		for i, e := range list {
			if e.N != int64(i)+1 || e.Check(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)) != nil {
				t.Fatalf("entry %d is %+v", i, e)
			}
		}
	})
}
