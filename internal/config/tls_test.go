package config_test

import (
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/config"
)

// TLS is checked as a whole: what is missing, what does not go together, and what has
// to be said aloud.
func TestTLSIsCheckedAsAWhole(t *testing.T) {
	files := config.TLS{Mode: config.TLSFiles, Certificate: "c.pem", Key: "k.pem"}
	mutual := config.MutualTLS{Listen: "0.0.0.0:8445", Origin: "https://partners.vault.example:8445", CAFile: "p.pem"}
	for name, c := range map[string]struct {
		change func(*config.Config)
		says   string // empty: it is good
	}{
		"files":                      {func(c *config.Config) { c.TLS = files }, ""},
		"files, reached by others":   {func(c *config.Config) { c.TLS = files; c.Listen = "0.0.0.0:443" }, ""},
		"nothing, reached by others": {func(c *config.Config) { c.Listen = "0.0.0.0:443" }, "set tls.mode"},
		"a certificate without key":  {func(c *config.Config) { c.TLS = files; c.TLS.Key = "" }, "name the two files"},
		"files that nothing reads":   {func(c *config.Config) { c.TLS = files; c.TLS.Mode = config.NoTLS }, "set tls.mode to files"},
		"an origin without TLS":      {func(c *config.Config) { c.TLS = files; c.Origins = append(c.Origins, "http://x.onion") }, "an onion service needs"},
		"old phones":                 {func(c *config.Config) { c.TLS = files; c.FieldTools.Origin = "https://forms.example:8444" }, "let a proxy speak TLS"},
		"ACME without agreeing":      {func(c *config.Config) { c.TLS.Mode = config.TLSACME }, "read the authority's terms"},
		"ACME":                       {func(c *config.Config) { c.TLS.Mode = config.TLSACME; c.TLS.ACME.IAgreeToTheTerms = true }, ""},
		"ACME of nobody": {func(c *config.Config) {
			c.TLS.Mode = config.TLSACME
			c.TLS.ACME.IAgreeToTheTerms = true
			c.TLS.ACME.Directory = "http://x"
		}, "acme-v02"},
		"ACME for no host": {func(c *config.Config) {
			c.TLS.Mode = config.TLSACME
			c.TLS.ACME.IAgreeToTheTerms = true
			c.Origins = []string{"http://127.0.0.1:8080"}
		}, "no host to get"},
		"programs":                     {func(c *config.Config) { c.TLS = files; c.Programs.MutualTLS = mutual }, ""},
		"programs without certificate": {func(c *config.Config) { c.Programs.MutualTLS = mutual }, "set tls.mode to files or acme"},
		"programs, vouched by nobody":  {func(c *config.Config) { c.TLS = files; c.Programs.MutualTLS = mutual; c.Programs.MutualTLS.CAFile = "" }, "may vouch for programs"},
		"programs only, and nowhere":   {func(c *config.Config) { c.TLS = files; c.Programs.MutualTLS.Only = true }, "leave mutual_tls out"},
		"programs where people are": {func(c *config.Config) {
			c.TLS = files
			c.Programs.MutualTLS = mutual
			c.Origins = []string{mutual.Origin}
		}, "an address of their own"},
	} {
		cfg := config.Default()
		cfg.Origins = []string{"https://vault.example"}
		c.change(&cfg)
		err := cfg.Validate()
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}
