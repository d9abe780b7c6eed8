package config

import "time"

// Uploads is about uploads under way.
type Uploads struct {
	// Keep is how long an upload that stands still is kept, counted from the last
	// day that brought bytes, 24h to 8760h: a phone that was taken away for a month
	// can still go on.
	Keep time.Duration `yaml:"keep"`
}
