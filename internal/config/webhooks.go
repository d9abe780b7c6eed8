package config

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"
)

func (c Config) checkWebhooks(f *Faults) {
	w := c.Webhooks
	between(f, "webhooks.keep", w.Keep, 5, 365)
	between(f, "webhooks.acknowledge_within", w.AcknowledgeWithin, 1, 90)
	between(f, "webhooks.leave_within", w.LeaveWithin, 0, 24*time.Hour)
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
