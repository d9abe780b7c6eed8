package config

import "time"

// Programs is about the programs of partner organisations.
type Programs struct {
	// Requests is how many requests one program may send to a node in a window, 10
	// to 1000000. Each answer says how many are left.
	Requests int `yaml:"requests"`

	// Window is how long a window lasts, 1s to 1h; it begins with a request.
	Window time.Duration `yaml:"window"`

	// MutualTLS is a listener where programs show certificates.
	MutualTLS MutualTLS `yaml:"mutual_tls"`
}

func defaultPrograms() Programs { return Programs{Requests: 600, Window: time.Minute} }

func (p Programs) check(f *Faults) {
	between(f, "programs.requests", p.Requests, 10, 1_000_000)
	between(f, "programs.window", p.Window, time.Second, time.Hour)
	if p.Window%time.Second != 0 {
		f.add("programs.window", "is no number of whole seconds", "programs are told it in seconds")
	}
}
