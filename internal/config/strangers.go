package config

import (
	"net/netip"
	"time"

	"github.com/relatingfield/vault/internal/proofofwork"
)

// Strangers are those who have not shown a key yet. What tells them apart is kept in
// memory only, under a secret that is thrown away with it.
type Strangers struct {
	// SignInsPerSecond is how many sign-ins a node takes for nothing, 1 to 100000.
	// Whoever comes beyond that does a proof of work first, which the clients do by
	// themselves.
	SignInsPerSecond int `yaml:"sign_ins_per_second"`

	// EnrolmentsPerSecond is how many enrolments a node takes for the work of
	// enrolment.pow_bits, 1 to 100000. When more come, the work grows.
	EnrolmentsPerSecond int `yaml:"enrolments_per_second"`

	// LooksPerSecond is how many questions that anybody may ask a node answers from its
	// database, 10 to 1000000, for each kind of them: rosters and calls, tokens of
	// programs, addresses of phones. Programs and phones that were good lately are
	// answered beyond it.
	LooksPerSecond int `yaml:"looks_per_second"`

	// WorkBits is the work of a sign-in beyond sign_ins_per_second, 1 to 28: each bit
	// doubles it.
	WorkBits int `yaml:"work_bits"`

	// MostWorkBits is how far the work grows when many do it, 1 to 28. An old phone
	// needs about half a minute for 20.
	MostWorkBits int `yaml:"most_work_bits"`

	// Share is which part of all that one network (/24, or /48 of IPv6) gets, 1 to
	// 1000: with 8 an eighth. It counts for addresses that tell people apart: not for
	// loopback, private networks and proxies.
	Share int `yaml:"share"`

	// Forget is when networks are forgotten, with the secret that they are known by,
	// 1m to 1h.
	Forget time.Duration `yaml:"forget"`

	// Proxies are the networks, like 192.0.2.0/24, of machines that pass on what others
	// ask, from public addresses.
	Proxies []string `yaml:"proxies"`
}

func defaultStrangers() Strangers {
	return Strangers{SignInsPerSecond: 50, EnrolmentsPerSecond: 5, LooksPerSecond: 1000, WorkBits: 14, MostWorkBits: 21, Share: 8, Forget: 10 * time.Minute, Proxies: []string{}}
}

// Networks reads Proxies.
func (s Strangers) Networks() (out []netip.Prefix, err error) {
	for _, text := range s.Proxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, err
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func (c Config) checkStrangers(f *Faults) {
	s := c.Strangers
	between(f, "strangers.sign_ins_per_second", s.SignInsPerSecond, 1, 100_000)
	between(f, "strangers.enrolments_per_second", s.EnrolmentsPerSecond, 1, 100_000)
	between(f, "strangers.looks_per_second", s.LooksPerSecond, 10, 1_000_000)
	between(f, "strangers.work_bits", s.WorkBits, 1, proofofwork.MaxBits)
	between(f, "strangers.most_work_bits", s.MostWorkBits, 1, proofofwork.MaxBits)
	between(f, "strangers.share", s.Share, 1, 1000)
	between(f, "strangers.forget", s.Forget, time.Minute, time.Hour)
	if s.MostWorkBits < s.WorkBits {
		f.add("strangers.most_work_bits", "is less than the work of a sign-in", "raise it, or lower strangers.work_bits")
	}
	if _, err := s.Networks(); err != nil {
		f.add("strangers.proxies", "holds what is no network", "write each like 192.0.2.0/24")
	}
}
