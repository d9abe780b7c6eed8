package config

import (
	"net/url"
	"time"

	"github.com/relatingfield/vault/internal/secret"
)

// Traces say where the time of requests goes, and name nobody.
type Traces struct {
	// Endpoint is the address of an OpenTelemetry collector that takes OTLP over HTTP, as
	// in https://collector.example/v1/traces. http is accepted for one on this machine
	// only. Empty: nothing is sent, and nothing gathered.
	Endpoint string `yaml:"endpoint"`

	// Every is how long requests are gathered before they are sent, 10m to 24h. The
	// collector learns in which of these spans a request came, and no finer.
	Every time.Duration `yaml:"every"`

	// Token is sent as Authorization: Bearer. A secret: set it in the environment, or put
	// it in a file and name that in token_file. Empty: there is none.
	Token secret.Bytes `yaml:"token"`

	// TokenFile is a file that holds the token, and nothing else.
	TokenFile string `yaml:"token_file"`

	// CAFile holds the certificates (PEM) that may vouch for the collector. Empty: those
	// that this system trusts.
	CAFile string `yaml:"ca_file"`
}

func (c Config) checkTraces(f *Faults) {
	t := c.Traces
	between(f, "traces.every", t.Every, 10*time.Minute, 24*time.Hour)
	if t.Endpoint == "" {
		if t.CAFile != "" || t.TokenFile != "" || t.Token.Len() > 0 {
			f.add("traces", "there is no endpoint, so nothing is sent", "name the collector in traces.endpoint, or leave the rest of traces out")
		}
		return
	}
	u, err := url.Parse(t.Endpoint)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.Path == "" || u.Scheme+"://"+u.Host+u.EscapedPath() != t.Endpoint:
		f.add("traces.endpoint", "is not an address", "write it like https://collector.example/v1/traces, with the path and nothing behind it")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		f.add("traces.endpoint", "the line to the collector is not encrypted", "write https://, or let a collector run on this machine and pass on what it gets")
	}
}
