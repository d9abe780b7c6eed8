package config_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/config"
)

// What print writes is the configuration: read again, it gives the same one.
func TestPrintWritesWhatLoadReads(t *testing.T) {
	for _, dir := range []string{"plain/path", "with space", "a: b # c", "[x", "null", "~", "-x", "x:", "'", "\"", "خزنة", "x\ny", "\u2028", "yes", "10", "*a", "{a}", "a,b", "%x", "\x01"} {
		want, err := config.Sources{Set: []string{"data_dir=" + dir, "origins=https://a.test,http://dv6fr5jiltrubyzmfp7mw6inkq6msdqy7snftt7hakhhir3aindbgvid.onion", "tokens.ttl=61s", "shutdown_grace=0s", "blobs.inline_max=0", "limits.body=1048577"}}.Load()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := want.Print(&out); err != nil {
			t.Fatal(err)
		}
		if got, err := load(t, out.String()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v\n%s", dir, err, out.String())
		}
	}
}

// A secret key where a public one belongs is a fault, and is shown by nothing.
func TestAMisplacedSecretKeyIsNotPrinted(t *testing.T) {
	for _, key := range []string{"AGE-SECRET-KEY-1QYQSZQGPQYQSZQGPQYQSZQGP", "age-secret-key-pq-1qyqszqgp"} {
		for _, setting := range []string{"backups.recipients", "data_dir"} {
			var out bytes.Buffer
			err := config.Command("print", config.Sources{Set: []string{setting + "=" + key}}, &out)
			if all := strings.ToUpper(fmt.Sprint(err, out.String())); strings.Contains(all, "QYQSZQGP") || !strings.Contains(all, "REDACTED") {
				t.Errorf("%s: %v, %s", setting, err, out.String())
			}
		}
	}
}

// print shows also what is faulty, and says so; check says only that.
func TestTheSubcommands(t *testing.T) {
	good, bad := config.Sources{}, config.Sources{Set: []string{"tokens.ttl=1h"}}
	for name, c := range map[string]struct {
		subcommand string
		sources    config.Sources
		writes     string
		fails      bool
	}{
		"print":        {"print", good, "tokens:\n  ttl: 10m\n", false},
		"print faulty": {"print", bad, "tokens:\n  ttl: 1h\n", true},
		"check":        {"check", good, "the configuration is sound\n", false},
		"check faulty": {"check", bad, "", true},
		"example":      {"example", bad, config.Example(), false},
		"nonsense":     {"nonsense", good, "", true},
	} {
		var out bytes.Buffer
		err := config.Command(c.subcommand, c.sources, &out)
		if (err != nil) != c.fails || !strings.Contains(out.String(), c.writes) || c.writes == "" && out.Len() > 0 {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
	}
	if err := config.Command("", good, &bytes.Buffer{}); !errors.Is(err, config.ErrUsage) {
		t.Errorf("no subcommand: %v", err)
	}
}

// Sizes are written exactly and shortest, and read back.
func TestSizesHaveOneMeaning(t *testing.T) {
	for size, text := range map[config.Size]string{0: "0 B", 1: "1 B", 1023: "1023 B", 1024: "1 KiB", 1536: "1536 B", 50 * config.GiB: "50 GiB", 1 << 62: "4194304 TiB", 1<<63 - 1: "9223372036854775807 B"} {
		var again config.Size
		if err := again.UnmarshalText([]byte(text)); err != nil || again != size || size.String() != text {
			t.Errorf("%d: %s, %d, %v", size, size, again, err)
		}
	}
	for _, text := range []string{"64KiB", "65536", "65536 B", "64  KiB"} {
		var s config.Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != 64*config.KiB {
			t.Errorf("%q: %d, %v", text, s, err)
		}
	}
	for _, bad := range []string{"", " ", "KiB", "64 kB", "64 MB", "64 K", "-1", "+1", "1.5 GiB", "9223372036854775808", "8388608 TiB", "1 TiB MiB", "٦٤"} {
		s := config.Size(7)
		if err := s.UnmarshalText([]byte(bad)); err == nil || s != 7 {
			t.Errorf("%q: %d, %v", bad, s, err)
		}
	}
}

// Times are printed as people write them.
func TestTimesArePrintedShort(t *testing.T) {
	for d, text := range map[time.Duration]string{0: "0s", time.Minute: "1m", 10 * time.Minute: "10m", time.Hour: "1h", 24 * time.Hour: "24h", 90 * time.Second: "1m30s", time.Hour + time.Second: "1h0m1s", 100 * time.Second: "1m40s"} {
		c := config.Default()
		c.ShutdownGrace = d
		var out bytes.Buffer
		if err := c.Print(&out); err != nil || !strings.Contains(out.String(), "shutdown_grace: "+text+"\n") {
			t.Errorf("%v is not printed as %s: %v", d, text, err)
		}
	}
}
