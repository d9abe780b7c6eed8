package fsck

import (
	"cmp"
	"slices"
)

// listed is how many subjects of one fault are named; all are counted.
const listed = 200

// Report is what a run has found. Numbers in Looked are of what was looked at, in
// InFlight of what is on its way and is no fault.
type Report struct {
	Deep      bool             `json:"deep"`
	Structure bool             `json:"structure"` // the database's own structure was read
	Looked    map[string]int64 `json:"looked"`
	InFlight  map[string]int64 `json:"in_flight"`
	Findings  []Finding        `json:"findings"`
}

// Finding is one kind of fault, with where it is.
type Finding struct {
	Fault    Fault    `json:"fault"`
	What     string   `json:"what"`
	Next     string   `json:"next"`
	Count    int64    `json:"count"`
	Repaired int64    `json:"repaired"`
	Safe     bool     `json:"repairable"`
	Accounts bool     `json:"-"`        // the subjects are accounts
	Subjects []string `json:"subjects"` // opaque ids, at most so many
}

// Left is how many faults there are that were not repaired.
func (r *Report) Left() (n int64) {
	for _, f := range r.Findings {
		n += f.Count - f.Repaired
	}
	return n
}

// Found is the finding of a fault, or nil.
func (r *Report) Found(f Fault) *Finding {
	at := slices.IndexFunc(r.Findings, func(g Finding) bool { return g.Fault == f })
	if at < 0 {
		return nil
	}
	return &r.Findings[at]
}

// WithoutAccounts is the report as it may be sent around: accounts are counted and not
// named.
func (r *Report) WithoutAccounts() *Report {
	out := *r
	out.Findings = slices.Clone(r.Findings)
	for i := range out.Findings {
		if out.Findings[i].Accounts {
			out.Findings[i].Subjects = []string{}
		}
	}
	return &out
}

func (r *Report) add(f Fault, subject string, repaired bool) {
	at := r.Found(f)
	if at == nil {
		d := about()[f]
		r.Findings = append(r.Findings, Finding{Fault: f, What: d.what, Next: d.next, Safe: d.safe, Accounts: d.who, Subjects: []string{}})
		at = &r.Findings[len(r.Findings)-1]
	}
	at.Count++
	if repaired {
		at.Repaired++
	}
	if subject != "" && len(at.Subjects) < listed {
		at.Subjects = append(at.Subjects, subject)
	}
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return cmp.Compare(a.Fault, b.Fault) })
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
}
