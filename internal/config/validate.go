package config

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/proofofwork"
)

// Validate reports every fault of a configuration, resolved or not. The error is
// Faults. It looks at nothing but the configuration: whether folders can be
// written or a database answers shows when they are opened.
func (c Config) Validate() error {
	var f Faults
	c.checkExposure(&f)
	c.checkTLS(&f)
	c.checkStore(&f)
	c.checkBlobs(&f)
	c.checkEnrolment(&f)
	c.checkLimits(&f)
	c.checkStrangers(&f)
	c.checkJournal(&f)
	c.checkBackups(&f)
	c.checkFieldTools(&f)
	c.checkWatch(&f)
	c.checkTraces(&f)
	c.checkWebhooks(&f)
	c.checkFolders(&f)
	c.checkRest(&f)
	return f.err()
}

func (c Config) checkEnrolment(f *Faults) {
	oneOf(f, "enrolment.mode", c.Enrolment.Mode, Open, Code, Partners)
	between(f, "enrolment.pow_bits", c.Enrolment.PowBits, 1, proofofwork.MaxBits)
	between(f, "enrolment.per_day", c.Enrolment.PerDay, 1, 1_000_000)
}

func (c Config) checkLimits(f *Faults) {
	l := c.Limits
	between(f, "limits.body", l.Body, 64*KiB, 64*MiB)
	between(f, "limits.testimonies_per_account", l.TestimoniesPerAccount, 1, 1_000_000)
	between(f, "limits.parts_per_testimony", l.PartsPerTestimony, 1, 10_000)
	between(f, "limits.bytes_per_account", l.BytesPerAccount, MiB, 64*TiB)
	between(f, "limits.part_size", l.PartSize, 64*KiB, 8*GiB)
	between(f, "limits.grants_per_testimony", l.GrantsPerTestimony, 1, 1_000_000)
	between(f, "limits.asks_per_month", l.AsksPerMonth, 1, 1000)
	between(f, "limits.keep_free", l.KeepFree, MiB, TiB)
	between(f, "limits.bytes_in_all", l.BytesInAll, GiB, 1<<20*TiB)
	between(f, "limits.requests_per_second", l.RequestsPerSecond, 10, 1_000_000)
	between(f, "limits.header_bytes", l.HeaderBytes, 4*KiB, MiB)
	between(f, "limits.header_timeout", l.HeaderTimeout, time.Second, 2*time.Minute)
	between(f, "limits.idle_timeout", l.IdleTimeout, time.Second, 10*time.Minute)
	between(f, "limits.min_bytes_per_second", l.MinBytesPerSecond, 1, MiB)
	between(f, "limits.stall", l.Stall, 5*time.Second, 10*time.Minute)
	if l.PartSize > l.BytesPerAccount {
		f.add("limits.part_size", "is more than a whole account may keep", "lower it, or raise limits.bytes_per_account")
	}
	// An inline payload travels as base64 in a JSON request.
	if c.Blobs.InlineMax/3*4+32*KiB > l.Body {
		f.add("blobs.inline_max", "does not fit into a request", "lower it, or raise limits.body")
	}
}

func (c Config) checkRest(f *Faults) {
	if c.DataDir == "" {
		f.add("data_dir", "is empty", "name a folder")
	}
	between(f, "fixity.every", c.Fixity.Every, 1, 3650)
	between(f, "fixity.bytes_per_second", c.Fixity.BytesPerSecond, 64*KiB, 4*GiB)
	if c.Backups.Keep > 0 && c.Fixity.Every > c.Backups.Keep && c.Blobs.Second.Engine == NoKeeper {
		f.add("fixity.every", "is longer than backups.keep, and there are no second copies: damage could be found when no backup holds what was damaged",
			"set it to "+c.Backups.Keep.String()+" or less, or name a place in blobs.second")
	}
	between(f, "fixity.asked_per_day", c.Fixity.AskedPerDay, 0, TiB)
	between(f, "closure.answer_within", c.Closure.AnswerWithin, 24*time.Hour, 365*24*time.Hour)
	t, day, year := c.Trays, 24*time.Hour, 365*24*time.Hour
	between(f, "trays.per_account", t.PerAccount, 1, 1000)
	between(f, "trays.items", t.Items, 1, 10000)
	between(f, "trays.bytes", t.Bytes, MiB, 1024*GiB)
	between(f, "trays.partner_bytes", t.PartnerBytes, MiB, 1024*1024*GiB)
	between(f, "trays.item_size", t.ItemSize, 64*KiB, 8*GiB)
	between(f, "trays.term", t.Term, day, year)
	between(f, "trays.keep", t.Keep, day, year)
	between(f, "trays.acknowledge_within", t.AcknowledgeWithin, day, year)
	between(f, "trays.collections", t.Collections, 0, 1000)
	between(f, "trays.warn", t.Warn, day, year)
	between(f, "uploads.keep", c.Uploads.Keep, 24*time.Hour, 365*24*time.Hour)
	between(f, "tokens.ttl", c.Tokens.TTL, 10*time.Second, 10*time.Minute)
	c.Programs.check(f)
	oneOf(f, "log.level", c.Log.Level, "debug", "info", "warn", "error")
	oneOf(f, "log.format", c.Log.Format, "text", "json")
	between(f, "gc.orphan_age", c.GC.OrphanAge, time.Hour, 365*24*time.Hour)
	between(f, "shutdown_grace", c.ShutdownGrace, 0, 10*time.Minute)
}

// maxSocket is the longest path of a socket on Linux, in bytes.
const maxSocket = 107

func (c Config) checkWatch(f *Faults) {
	if len(c.Watch.Socket) > maxSocket {
		f.add("watch.socket", "is too long for a socket", fmt.Sprintf("choose a path of at most %d bytes, such as /run/testimonyd/watch.sock", maxSocket))
	}
	if c.Watch.Listen == "" {
		return
	}
	host, _, err := net.SplitHostPort(c.Watch.Listen)
	switch {
	case err != nil:
		f.add("watch.listen", fmt.Sprintf("%q is not an address and a port", c.Watch.Listen), "write it like 127.0.0.1:9464")
	case !isLoopback(host):
		f.add("watch.listen", "other machines can reach it, and it asks nobody who they are", "listen on 127.0.0.1, and let what collects the counters run on this machine")
	}
}

// between reports a value outside its range.
func between[T int | Size | Days | time.Duration](f *Faults, path string, v, least, most T) {
	if v < least || v > most {
		f.add(path, "is "+text(v), "set it to "+text(least)+" at least and "+text(most)+" at most")
	}
}

// oneOf reports a value that is none of those there are.
func oneOf[T ~string](f *Faults, path string, v T, all ...T) {
	if !slices.Contains(all, v) {
		names := make([]string, len(all))
		for i, name := range all {
			names[i] = string(name)
		}
		f.add(path, fmt.Sprintf("is %q", v), "set it to one of "+strings.Join(names, ", "))
	}
}
