package config

import (
	"net"
	"path/filepath"
	"time"
)

// Default is the configuration of somebody who sets nothing: a vault of one
// process on this machine alone. Paths that follow data_dir are still empty; see
// [Config.Resolve].
func Default() Config {
	return Config{
		DataDir:   "./var/vault",
		Listen:    "127.0.0.1:8080",
		TLS:       defaultTLS(),
		Store:     Store{Engine: SQLite},
		Blobs:     Blobs{Engine: Folder, InlineMax: 136 * KiB, S3: defaultS3(), Second: Second{Engine: NoKeeper, S3: defaultS3()}},
		Fixity:    Fixity{Every: 30, BytesPerSecond: 32 * MiB, AskedPerDay: GiB},
		Journal:   Journal{Node: "one", Keep: 400, AtLeast: []string{}},
		Backups:   Backups{Keep: 90, Recipients: []string{}, Objects: "copy"},
		Enrolment: Enrolment{Mode: Open, PowBits: 18, PerDay: 1000},
		OnArrival: OnArrival{Enabled: true},
		Closure:   Closure{AnswerWithin: 14 * 24 * time.Hour},
		Webhooks:  Webhooks{Keep: 30, Overlap: 72 * time.Hour, Ports: []string{}, Refuse: []string{}},
		Limits: Limits{
			Body:                  8 * MiB,
			TestimoniesPerAccount: 1000,
			PartsPerTestimony:     500,
			BytesPerAccount:       50 * GiB,
			PartSize:              8 * GiB,
			GrantsPerTestimony:    20000,
			AsksPerMonth:          4,
			KeepFree:              GiB,
			BytesInAll:            1024 * TiB,
			RequestsPerSecond:     200,
			HeaderBytes:           32 * KiB,
			HeaderTimeout:         20 * time.Second,
			IdleTimeout:           2 * time.Minute,
			MinBytesPerSecond:     256,
			Stall:                 time.Minute,
		},
		Strangers: defaultStrangers(),
		Trays: Trays{
			PerAccount: 20, Items: 200, Bytes: 4 * GiB, PartnerBytes: 200 * GiB, ItemSize: 2 * GiB, Term: 90 * 24 * time.Hour, Keep: 60 * 24 * time.Hour,
			AcknowledgeWithin: 14 * 24 * time.Hour, Collections: 20, Warn: 30 * 24 * time.Hour,
		},
		Uploads:       Uploads{Keep: 30 * 24 * time.Hour},
		Tokens:        Tokens{TTL: 10 * time.Minute},
		Programs:      defaultPrograms(),
		FieldTools:    defaultFieldTools(),
		Traces:        Traces{Every: time.Hour},
		Log:           Log{Level: "info", Format: "text"},
		GC:            GC{OrphanAge: 24 * time.Hour},
		ShutdownGrace: 30 * time.Second,
	}
}

func defaultS3() S3 { return S3{Region: "us-east-1", PathStyle: true, SSE: "none"} }

// Resolve fills in the settings that are empty because they follow others: the
// paths under data_dir, and the origins of a loopback address. Resolving twice
// changes nothing.
func (c *Config) Resolve() {
	within := func(path *string, name string) {
		if *path == "" {
			*path = filepath.Join(c.DataDir, name)
		}
	}
	within(&c.KeysDir, "keys")
	if c.Blobs.Engine == Folder {
		within(&c.Blobs.Dir, "blobs")
	}
	if c.Blobs.Engine == Bucket {
		within(&c.Blobs.S3.Scratch, "arriving")
	}
	if c.Blobs.Second.Engine == Bucket {
		within(&c.Blobs.Second.S3.Scratch, "arriving")
	}
	within(&c.Journal.Dir, "journal")
	if c.TLS.Mode == TLSACME {
		within(&c.TLS.ACME.Cache, "acme")
	}
	if c.Store.Engine == SQLite {
		within(&c.Store.Path, "vault.db")
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if len(c.Origins) == 0 && c.TLS.Mode == NoTLS && err == nil && isLoopback(host) && port != "0" {
		c.Origins = LoopbackOrigins(port)
	}
}

// LoopbackOrigins are the origins of a vault that listens on this machine alone.
// With port 0 the port is known only after listening: whoever listens then asks
// here.
func LoopbackOrigins(port string) []string {
	return []string{"http://127.0.0.1:" + port, "http://localhost:" + port}
}
