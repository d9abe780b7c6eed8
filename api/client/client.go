package client

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/relatingfield/vault/api"
)

// Config is what a Client needs to know.
type Config struct {
	// Server is the vault's origin, scheme and host without a path:
	// https://vault.example. Plain http is accepted for loopback addresses and
	// onion names only, where the line is already private.
	Server string
	// Vault is the id on the card. It decides which stewards count.
	Vault api.Hash
	// Keys are the account's. Nil is enough for what needs no account: Vault,
	// Roster and VerifyReceipt.
	Keys *Keys
	// Program, in the place of Keys, makes this the client of a partner's program.
	Program *Program
	// Kept is the head of the account's chain as it was noted on an earlier day.
	// With the zero Head nobody can tell whether the newest statements are being
	// withheld (ErrTailCut).
	Kept api.Head
	// ReceiptKey is a receipt key of the vault as it was noted on an earlier day. With
	// it receipts count only if they are signed by that key, or by one that follows from
	// it; without it the keys are the vault's word of today.
	ReceiptKey api.Bytes
	// Language is a BCP 47 tag for the titles of problems and the plain words beside
	// saved terms; empty is the vault's choice, and English.
	Language string

	// Again is asked before something that was begun as one opening of a granted part
	// counts as another: its session of 24 hours is over, or the part was locked anew.
	// An error of it ends the call, and nothing is counted. Nil agrees.
	Again func(ctx context.Context, grant api.ID, part int64) error

	// HTTP, Now and Rand have defaults for everyday use: a transport that sends
	// no user agent and follows no redirect, the system clock, crypto/rand. A Line gives
	// an HTTP that shows a certificate, or trusts an authority of the vault's own.
	HTTP *http.Client
	Now  func() time.Time
	Rand io.Reader
}

// Client speaks to one vault for one account. It is safe for concurrent use;
// acts are put one after the other, because statements form a chain.
type Client struct {
	origin  string // scheme://host, as it stands in aud and htu
	vault   api.Hash
	keys    *Keys
	program *Program
	lang    string
	http    *http.Client
	now     func() time.Time
	rand    io.Reader
	pause   func(context.Context, time.Duration) error
	stall   time.Duration // without a byte, a line is broken
	again   func(context.Context, api.ID, int64) error

	kept bool // a head was given

	receiptKey api.Bytes // that was kept; empty: none
	session    session
	nonce      nonces
	clock      clock

	acting  sync.Mutex // held while a statement is made and sent
	mu      sync.Mutex // guards what follows
	past    *history
	account api.Account // by the chain, once it was read
	seen    api.Head    // the newest head known to be hers: kept, or verified since
	info    *api.Vault
	newest  map[api.ID]int64 // by grant of the inbox: seq of the newest statement that set its terms
}

// New checks the configuration. It sends nothing.
func New(cfg Config) (*Client, error) {
	origin, err := originOf(cfg.Server)
	if err != nil {
		return nil, fmt.Errorf("new client: %w", err)
	}
	if cfg.Vault == (api.Hash{}) {
		return nil, errors.New("new client: the vault id is missing: it stands on the card")
	}
	if cfg.Keys != nil && cfg.Program != nil {
		return nil, errors.New("new client: it is an account's or a program's, not both")
	}
	c := &Client{origin: origin, vault: cfg.Vault, keys: cfg.Keys, program: cfg.Program, lang: cfg.Language, http: cfg.HTTP, now: cfg.Now,
		rand: cfg.Rand, pause: pause, stall: stallAfter, again: cfg.Again, kept: cfg.Kept.Seq > 0, seen: cfg.Kept, receiptKey: cfg.ReceiptKey}
	if c.http == nil {
		c.http = &http.Client{Transport: quietTransport()}
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.rand == nil {
		c.rand = rand.Reader
	}
	c.http = noRedirects(c.http)
	return c, nil
}

// originOf refuses whatever a proof of possession could not be bound to, and
// lines that anybody on the way can read.
func originOf(server string) (string, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || (u.Path != "" && u.Path != "/") {
		return "", fmt.Errorf("%q is not the address of a vault: it looks like https://vault.example", server)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !privateLine(u.Hostname())) {
		return "", fmt.Errorf("%q is not safe: the address of a vault begins with https://", server)
	}
	return u.Scheme + "://" + u.Host, nil
}

// Account is the account the client acts for, empty without keys: the thumbprint
// of its first key. Where words were changed that is another than the client's own
// key, and known once the chain has been read.
func (c *Client) Account() api.Account {
	if c.keys == nil {
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.account != "" {
		return c.account
	}
	return c.keys.ID
}
