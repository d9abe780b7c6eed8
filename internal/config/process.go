package config

import "time"

// Log is about the process log.
type Log struct {
	// Level is the least severe record written: debug, info, warn or error.
	Level string `yaml:"level"`

	// Format is text or json.
	Format string `yaml:"format"`
}

// Watch is where counters are served, which name nobody. The API never serves them.
type Watch struct {
	// Socket is the path of a socket for this user alone, with the counters, the
	// state that testimonyd status prints, and profiles of the process, which can
	// hold what is in its memory. Empty: there is none.
	Socket string `yaml:"socket"`

	// Listen is a loopback address and port with the counters alone, for a Prometheus
	// on this machine. Empty: there is none.
	Listen string `yaml:"listen"`
}

// GC is about removing payloads that no row names, left by a crash.
type GC struct {
	// OrphanAge is how old such a payload must be, 1h to 8760h. Younger ones may
	// belong to a request that is still running.
	OrphanAge time.Duration `yaml:"orphan_age"`
}
