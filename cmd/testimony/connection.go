package main

import (
	"context"
	"flag"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/explain"
)

// connection is which vault a command speaks to, and what it knows of it.
type connection struct {
	server, vault string
	trustFirst    bool
	head, keep    string
	timeout       time.Duration
	line          client.Line
}

func (o *connection) flags(f *flag.FlagSet) {
	f.StringVar(&o.server, "server", "", "address of the vault, `URL`; else TESTIMONY_SERVER")
	f.StringVar(&o.vault, "vault", "", "the vault's `ID`, from your card; else TESTIMONY_VAULT")
	f.BoolVar(&o.trustFirst, "trust-first", false, "believe the server which vault it is; only for a first look")
	f.StringVar(&o.head, "head", "", "the head you noted, `SEQ:HASH`: shows whether newer acts are hidden")
	f.StringVar(&o.keep, "keep", "", "`FILE` in which this program notes the head for you")
	f.StringVar(&o.line.CA, "ca", "", "who vouches for the vault's certificate where no public authority does, `FILE`; else TESTIMONY_CA")
	f.StringVar(&o.line.Certificate, "certificate", "", "certificate to show to the vault, `FILE`; else TESTIMONY_CERTIFICATE")
	f.StringVar(&o.line.Key, "certificate-key", "", "the key of that certificate, `FILE`; else TESTIMONY_CERTIFICATE_KEY")
	f.DurationVar(&o.timeout, "timeout", 0, "give up after this `TIME`, such as 30s")
}

// keysOf derives the keys of a secret in a vault.
type keysOf func(client.Secret, api.Hash) (*client.Keys, error)

// asSteward gives the keys of a steward, which are the same in every vault.
func asSteward(s client.Secret, _ api.Hash) (*client.Keys, error) { return client.StewardKeys(s) }

// use is what a command does with a client.
type use func(ctx context.Context, c *client.Client) error

// account does something for the account whose words are to be had.
func (o *connection) account(ctx context.Context, p *program, do use) error {
	return o.as(ctx, p, client.KeysFor, func(ctx context.Context, c *client.Client) error {
		p.remind(ctx, c)
		return do(ctx, c)
	})
}

// steward does something for the steward whose words are to be had.
func (o *connection) steward(ctx context.Context, p *program, do use) error {
	err := o.as(ctx, p, asSteward, do)
	if exitOf(err) == exitNotFound {
		p.err.sayf("If you have not joined this vault as a steward yet: testimony steward join\n")
	}
	return err
}

func (o *connection) as(ctx context.Context, p *program, keys keysOf, do use) error {
	cfg, err := o.config(ctx, p)
	if err != nil {
		return err
	}
	s, err := p.secret(ctx)
	if err != nil {
		return err
	}
	defer s.Wipe()
	if cfg.Keys, err = keys(s, cfg.Vault); err != nil {
		return err
	}
	if cfg.Kept, err = o.kept(cfg.Keys.ID); err != nil {
		return err
	}
	return o.with(ctx, p, cfg, func(ctx context.Context, c *client.Client) error {
		if !c.KnowsHead() {
			p.err.sayf(unheld)
		}
		p.warnOfClaims(ctx, c)
		return do(ctx, c)
	})
}

// warnOfClaims says at every sign-in if somebody claims her account: there is no
// other way to reach her. That the vault does not answer is no reason to stop.
func (p *program) warnOfClaims(ctx context.Context, c *client.Client) {
	if r, err := c.Recovery(ctx); err == nil {
		p.claimed(p.err, r.Claims)
	}
}

// with connects, says what has to be said of the vault, and does it.
func (o *connection) with(ctx context.Context, p *program, cfg client.Config, do use) error {
	c, err := client.New(cfg)
	if err != nil {
		return usage("%s", err)
	}
	ctx, cancel := o.limited(ctx)
	defer cancel()
	if err := p.greet(ctx, c); err != nil {
		return err
	}
	if err := do(ctx, c); err != nil || o.keep == "" || cfg.Keys == nil {
		return err
	}
	head, err := c.Head(ctx)
	if err != nil {
		return err
	}
	return o.note(cfg.Keys.ID, head)
}

// nobody does something that needs no account.
func (o *connection) nobody(ctx context.Context, p *program, do use) error {
	cfg, err := o.config(ctx, p)
	if err != nil {
		return err
	}
	return o.with(ctx, p, cfg, do)
}

func (o *connection) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if o.timeout <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, o.timeout)
}

// config finds out which vault is meant.
func (o *connection) config(ctx context.Context, p *program) (client.Config, error) {
	cfg := client.Config{Server: first(o.server, p.env("TESTIMONY_SERVER")), Language: explain.Pick(p.env), Now: p.now, Rand: p.rand, Again: p.countsAgain}
	if cfg.Server == "" {
		return cfg, usage("which vault? Give its address with --server or TESTIMONY_SERVER")
	}
	var err error
	if cfg.HTTP, err = o.lineOf(p).HTTP(p.now); err != nil {
		return cfg, usage("%s", err)
	}
	id, err := o.vaultID(p)
	if err != nil {
		return cfg, err
	}
	if cfg.Vault = id; id == (api.Hash{}) {
		cfg.Vault, err = o.believe(ctx, p, cfg)
	}
	return cfg, err
}

// lineOf is what the way to the vault needs beyond the ordinary.
func (o *connection) lineOf(p *program) client.Line {
	return client.Line{CA: first(o.line.CA, p.env("TESTIMONY_CA")), Certificate: first(o.line.Certificate, p.env("TESTIMONY_CERTIFICATE")),
		Key: first(o.line.Key, p.env("TESTIMONY_CERTIFICATE_KEY"))}
}

// vaultID is the id that was given, zero if there is none and none is needed.
func (o *connection) vaultID(p *program) (api.Hash, error) {
	text := first(o.vault, p.env("TESTIMONY_VAULT"))
	switch {
	case text == "" && o.trustFirst:
		return api.Hash{}, nil
	case text == "":
		return api.Hash{}, usage("which vault? Its id stands on your card: give it with --vault or TESTIMONY_VAULT. " +
			"Without it a false server could pass for the vault (--trust-first risks that)")
	}
	id, err := api.ParseHash(text)
	if err != nil || id == (api.Hash{}) {
		return api.Hash{}, usage("this is not the id of a vault: it has 43 letters and digits")
	}
	return id, nil
}

// believe takes the server's word for which vault it is.
func (o *connection) believe(ctx context.Context, p *program, cfg client.Config) (api.Hash, error) {
	ctx, cancel := o.limited(ctx)
	defer cancel()
	v, err := client.Ask(ctx, cfg)
	if err != nil {
		return api.Hash{}, err
	}
	p.err.sayf("The server says that it is vault %s.\n"+
		"Nothing proves it. Compare it with a card or with somebody you trust before you store anything real.\n", v.VaultID)
	return v.VaultID, nil
}

// greet verifies the roster, from which everything else follows, and says if
// the vault is one for practice, or ends. Both stand in the roster, so no server can
// hide them.
func (p *program) greet(ctx context.Context, c *client.Client) error {
	roster, err := c.Roster(ctx)
	if err != nil {
		return err
	}
	if roster.Practice() {
		p.err.sayf("PRACTICE VAULT: nothing real belongs here.\n")
	}
	p.warnOfSilence(ctx, c, roster)
	p.sayFarewell(p.err, roster.Farewell())
	return nil
}

// clocks says when the vault's clock and this one's disagree: terms count from
// the vault's.
func (p *program) clocks(c *client.Client) {
	skew := c.Skew()
	if skew < 0 {
		skew = -skew
	}
	if skew > time.Hour {
		p.err.sayf("The clock of this device and that of the vault are %s apart. One is wrong. Terms count by the vault's clock, which says %s.\n",
			skew.Round(time.Minute), moment(c.Time().Unix()))
	}
}

// first gives the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
