package app

import (
	"context"
	"time"

	"github.com/relatingfield/vault/internal/flood"
	"github.com/relatingfield/vault/internal/proofofwork"
	"github.com/relatingfield/vault/internal/session"
)

// measure makes what bounds strangers.
func (v *vault) measure(context.Context) error {
	s := v.cfg.Strangers
	proxies, err := s.Networks()
	if err != nil {
		return err
	}
	look := flood.Rate{PerSecond: s.LooksPerSecond}
	v.flood, err = flood.New(flood.Config{
		Rates: map[flood.Kind]flood.Rate{
			flood.SignIn: {PerSecond: s.SignInsPerSecond, Work: s.WorkBits},
			flood.Enrol:  {PerSecond: s.EnrolmentsPerSecond, Work: v.cfg.Enrolment.PowBits},
			flood.Look:   look, flood.Token: look, flood.Phone: look,
		},
		Most: s.MostWorkBits, Share: s.Share, Forget: s.Forget, Proxies: proxies, Rand: v.app.Rand, Tick: time.Now,
	})
	return err
}

// signInWork makes the work of sign-ins: under a key of its own, so that no work is
// good for both.
func (v *vault) signInWork() (*proofofwork.Issuer, error) {
	macs, err := v.keys.MAC("proof-of-work sign-in")
	if err != nil {
		return nil, err
	}
	return proofofwork.NewIssuer(macs[0], v.app.Now, v.cfg.Strangers.WorkBits, session.ChallengeLife)
}
