package config

import "time"

// Limits bounds what is accepted. None of them can be switched off.
type Limits struct {
	// Body is the largest JSON request, 64 KiB to 64 MiB. A re-lock carries about
	// 2.5 kB for each remaining reader; a small testimony its payloads and a third.
	Body Size `yaml:"body"`

	// TestimoniesPerAccount is how many testimonies one account keeps, 1 to 1000000.
	TestimoniesPerAccount int `yaml:"testimonies_per_account"`

	// PartsPerTestimony is how many parts one testimony has, 1 to 10000.
	PartsPerTestimony int `yaml:"parts_per_testimony"`

	// BytesPerAccount is how much one account keeps, sealed, 1 MiB to 64 TiB.
	BytesPerAccount Size `yaml:"bytes_per_account"`

	// PartSize is the largest payload, 64 KiB to 8 GiB; more is several parts.
	PartSize Size `yaml:"part_size"`

	// GrantsPerTestimony is how many grants one testimony has at a time, 1 to
	// 1000000.
	GrantsPerTestimony int `yaml:"grants_per_testimony"`

	// AsksPerMonth is how many requests of readers one person is shown in a month,
	// 1 to 1000. Those above wait for the next one, without anybody being told.
	AsksPerMonth int `yaml:"asks_per_month"`

	// KeepFree is how much stays free on each disk that the vault writes to, 1 MiB to 1
	// TiB, or a twentieth of a small disk: nothing more is taken in then, and taking
	// back, erasing and signing in go on.
	KeepFree Size `yaml:"keep_free"`

	// BytesInAll is how much the object store keeps of everybody, 1 GiB to 1048576 TiB.
	// It is looked at every half minute.
	BytesInAll Size `yaml:"bytes_in_all"`

	// RequestsPerSecond is how many requests one key sends to a node in the long run, 10
	// to 1000000, beside those that take something back, which are not counted; ten
	// seconds' worth may come at once.
	RequestsPerSecond int `yaml:"requests_per_second"`

	// HeaderBytes is the largest head of a request, 4 KiB to 1 MiB.
	HeaderBytes Size `yaml:"header_bytes"`

	// HeaderTimeout is how long the head of a request may take, 1s to 2m.
	HeaderTimeout time.Duration `yaml:"header_timeout"`

	// IdleTimeout is how long a connection may wait for its next request, 1s to
	// 10m.
	IdleTimeout time.Duration `yaml:"idle_timeout"`

	// MinBytesPerSecond is the slowest line that is served, 1 B to 1 MiB; a phone
	// on an old network manages a few kB.
	MinBytesPerSecond Size `yaml:"min_bytes_per_second"`

	// Stall is the time over which the speed of a line is measured before it is
	// cut, 5s to 10m. Longer is kinder to bad lines and to attackers.
	Stall time.Duration `yaml:"stall"`
}
