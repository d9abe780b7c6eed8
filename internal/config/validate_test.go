package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/config"
)

// The zero configuration opens nothing and passes no check by accident.
func TestTheZeroConfigurationIsRefused(t *testing.T) {
	var faults config.Faults
	if err := (config.Config{}).Validate(); !errors.As(err, &faults) || len(faults) < 15 {
		t.Fatalf("%v", err)
	}
}

// Each setting has a range, and its fault names the setting and what to do.
func TestValuesOutOfRangeAreRefused(t *testing.T) {
	for set, says := range map[string]string{
		"data_dir=":                         "name a folder",
		"listen=8080":                       "write it like 127.0.0.1:8080",
		"listen=127.0.0.1:http":             "write it like 127.0.0.1:8080",
		"listen=127.0.0.1:65536":            "write it like 127.0.0.1:8080",
		"listen=127.0.0.1:08080":            "write it like 127.0.0.1:8080",
		"store.engine=mysql":                "one of sqlite, postgres",
		"blobs.inline_max=2 MiB":            "1 MiB at most",
		"enrolment.mode=closed":             "one of open, code, partners",
		"enrolment.pow_bits=0":              "1 at least and 28 at most",
		"enrolment.pow_bits=29":             "1 at least and 28 at most",
		"enrolment.per_day=0":               "1 at least",
		"limits.body=65 MiB":                "64 KiB at least and 64 MiB at most",
		"limits.testimonies_per_account=0":  "1 at least",
		"limits.parts_per_testimony=10001":  "10000 at most",
		"limits.bytes_per_account=65 TiB":   "64 TiB at most",
		"limits.part_size=9 GiB":            "8 GiB at most",
		"limits.grants_per_testimony=0":     "1 at least",
		"limits.asks_per_month=0":           "1 at least",
		"limits.header_bytes=1":             "4 KiB at least",
		"limits.header_timeout=0s":          "1s at least",
		"limits.idle_timeout=11m":           "10m at most",
		"limits.min_bytes_per_second=0":     "1 B at least",
		"limits.stall=1s":                   "5s at least",
		"limits.bytes_per_account=1 GiB":    "raise limits.bytes_per_account",
		"limits.requests_per_second=1":      "10 at least",
		"limits.keep_free=0":                "1 MiB at least",
		"limits.bytes_in_all=1 MiB":         "1 GiB at least",
		"strangers.sign_ins_per_second=0":   "1 at least",
		"strangers.looks_per_second=0":      "10 at least",
		"strangers.most_work_bits=3":        "lower strangers.work_bits",
		"strangers.most_work_bits=29":       "28 at most",
		"strangers.share=0":                 "1 at least",
		"strangers.forget=1s":               "1m at least",
		"strangers.proxies=10.0.0.1":        "like 192.0.2.0/24",
		"tls.mode=yes":                      "one of none, files, acme",
		"tls.certificate=x.pem":             "set tls.mode to files",
		"tokens.ttl=11m":                    "10s at least and 10m at most",
		"log.level=trace":                   "one of debug, info, warn, error",
		"log.format=xml":                    "one of text, json",
		"gc.orphan_age=1m":                  "1h at least",
		"shutdown_grace=1h":                 "10m at most",
		"journal.keep=29d":                  "30d at least and 3650d at most",
		"journal.keep=60d":                  "shorter than backups.keep",
		"journal.keep=400":                  "is not a number of days",
		"journal.node=Node 1":               "names no node",
		"journal.at_least=one 1":            "is no head of a journal",
		"backups.keep=0d":                   "1d at least",
		"limits.parts_per_testimony=-1":     "1 at least",
		"blobs.inline_max=-1":               "not a size",
		"limits.body=9000000 TiB":           "not a size",
		"limits.body=99999999999999999 KiB": "not a size",
	} {
		_, err := config.Sources{Set: []string{set}}.Load()
		path, _, _ := strings.Cut(set, "=")
		if strings.HasPrefix(set, "limits.bytes_per_account=1") {
			path = "limits.part_size"
		}
		says2(t, set, err, path, says)
	}
	_, err := config.Sources{Set: []string{"limits.body=64 KiB"}}.Load()
	says2(t, "inline too large for a body", err, "blobs.inline_max", "raise limits.body")
}

func says2(t *testing.T, name string, err error, path, text string) {
	t.Helper()
	says(t, name, err, text)
	says(t, name, err, path)
}

// Whoever lets other machines in must say that they mean it, and how people come.
func TestAPublicVaultMustBeMeant(t *testing.T) {
	origins := "origins=https://vault.example"
	for _, listen := range []string{"0.0.0.0:8080", ":8080", "[::]:8080", "192.0.2.1:80", "vault.example:443"} {
		_, err := config.Sources{Set: []string{"listen=" + listen, origins}}.Load()
		says2(t, listen, err, "listen", "set i_know_this_is_public: true")
		if _, err := (config.Sources{Set: []string{"listen=" + listen, origins, "i_know_this_is_public=true"}}).Load(); err != nil {
			t.Errorf("%s, meant: %v", listen, err)
		}
	}
	public := []string{"listen=:8080", "i_know_this_is_public=true"}
	_, err := config.Sources{Set: public}.Load()
	says2(t, "no origins", err, "origins", "list the addresses that people type")
	_, err = config.Sources{Set: append(public, origins, "enrolment.pow_bits=15")}.Load()
	says2(t, "little work", err, "enrolment.pow_bits", "16 or more")
	if _, err := (config.Sources{Set: append(public, origins, "enrolment.pow_bits=15", "enrolment.mode=code")}).Load(); err != nil {
		t.Errorf("little work by invitation: %v", err)
	}
	for _, listen := range []string{"127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "localhost:1", "127.0.0.1:0"} {
		if _, err := (config.Sources{Set: []string{"listen=" + listen}}).Load(); err != nil {
			t.Errorf("%s: %v", listen, err)
		}
	}
}

// An origin is written as browsers send it, and is not readable on the line.
func TestOrigins(t *testing.T) {
	for _, good := range []string{"https://vault.example", "https://vault.example:8443", "http://127.0.0.1:8080", "http://[::1]:1", "http://localhost", "http://dv6fr5jiltrubyzmfp7mw6inkq6msdqy7snftt7hakhhir3aindbgvid.onion", "https://www.dv6fr5jiltrubyzmfp7mw6inkq6msdqy7snftt7hakhhir3aindbgvid.onion"} {
		if _, err := (config.Sources{Set: []string{"origins=" + good}}).Load(); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, text := range map[string]string{
		"http://vault.example":  "would be read on the line",
		"http://onion.example":  "would be read on the line",
		"http://abcdefgh.onion": "slip of the pen",
		"http://dv6fr5jiltrubyzmfp7mw6inkq6msdqy7snftt7hakhhir3aindbgvie.onion": "slip of the pen",
		"http://ev6fr5jiltrubyzmfp7mw6inkq6msdqy7snftt7hakhhir3aindbgvid.onion": "slip of the pen",
		"ftp://vault.example":           "neither http nor https",
		"https://vault.example/":        "is not an origin",
		"https://vault.example/app":     "is not an origin",
		"https://Vault.example":         "is not an origin",
		"https://u@vault.example":       "is not an origin",
		"https://vault.example?":        "is not an origin",
		"https://":                      "is not an origin",
		"https://:8443":                 "is not an origin",
		"vault.example":                 "is not an origin",
		"https://vault.example:443":     "the port that browsers leave out",
		"https://a.test,https://a.test": "stands twice",
	} {
		_, err := config.Sources{Set: []string{"origins=" + bad}}.Load()
		says2(t, bad, err, "origins", text)
	}
}
