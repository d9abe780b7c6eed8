package config

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"
)

// Webhooks are requests that the vault makes to partners.
type Webhooks struct {
	// Keep is how long events are kept, 5d to 365d: what no receiver took can be sent
	// again for so long.
	Keep Days `yaml:"keep"`

	// Overlap is how long an old signing key signs beside a new one, 1h to 720h.
	Overlap time.Duration `yaml:"overlap"`

	// Ports are the ports of receivers, beside 443.
	Ports []string `yaml:"ports"`

	// Refuse are networks (like 198.51.100.0/24) that are not asked, beside all that
	// are not public: name your own public ones, if they hold more than this vault.
	Refuse []string `yaml:"refuse"`

	// CAFile holds the certificates (PEM) that may vouch for receivers. Empty: those
	// that this system trusts.
	CAFile string `yaml:"ca_file"`

	// IKnowReceiversAreHere allows receivers on this machine, also without TLS: for
	// trying things out. A partner could then reach what listens here.
	IKnowReceiversAreHere bool `yaml:"i_know_receivers_are_here"`
}

func (c Config) checkWebhooks(f *Faults) {
	w := c.Webhooks
	between(f, "webhooks.keep", w.Keep, 5, 365)
	between(f, "webhooks.overlap", w.Overlap, time.Hour, 720*time.Hour)
	if _, err := w.PortNumbers(); err != nil {
		f.add("webhooks.ports", err.Error(), "write numbers from 1 to 65535, or leave it empty")
	}
	if _, err := w.Networks(); err != nil {
		f.add("webhooks.refuse", err.Error(), "write networks like 198.51.100.0/24 or 2001:db8::/32")
	}
}

// PortNumbers are all ports of receivers.
func (w Webhooks) PortNumbers() ([]int, error) {
	out := []int{443}
	for _, text := range w.Ports {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 || strconv.FormatUint(n, 10) != text {
			return nil, fmt.Errorf("%q is no port", text)
		}
		out = append(out, int(n))
	}
	return out, nil
}

// Networks are the networks to be refused.
func (w Webhooks) Networks() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range w.Refuse {
		p, err := netip.ParsePrefix(text)
		if err != nil || p != p.Masked() {
			return nil, fmt.Errorf("%q is no network", text)
		}
		out = append(out, p)
	}
	return out, nil
}
