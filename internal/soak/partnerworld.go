package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/daemontest"
)

// women have trays for the partner.
const women = 20

// world is a partner with its programs, the women it knows, and its receiver.
type world struct {
	programs []integration
	women    []woman
	endpoint api.ID
	heard    *receiver
}

// integration is a program of the partner's, and how far it has followed.
type integration struct {
	*client.Client
	place string // in the list of deliveries
}

// woman has a tray.
type woman struct {
	client *client.Client
	place  client.Place
}

// receiver hears webhooks on this machine.
type receiver struct {
	server *http.Server
	url    string
	n      atomic.Int64
}

func listen() (*receiver, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{url: "http://" + l.Addr().String()}
	r.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if _, err := io.Copy(io.Discard, req.Body); err == nil {
			r.n.Add(1)
		}
		w.WriteHeader(http.StatusNoContent)
	})}
	go func() { _ = r.server.Serve(l) }() // until close
	return r, nil
}

func (r *receiver) count() int { return int(r.n.Load()) }
func (r *receiver) close()     { _ = r.server.Close() }

// meet makes everybody.
func meet(ctx context.Context, d *daemontest.Daemon, programs int) (*world, error) {
	p, err := d.Meet(ctx)
	if err != nil {
		return nil, err
	}
	w := &world{}
	partner, err := w.agree(ctx, d, p, programs)
	if err != nil {
		return nil, err
	}
	for range women {
		c, _, err := p.Participant(ctx)
		if err != nil {
			return nil, err
		}
		tray, err := c.OpenTray(ctx, partner)
		if err != nil {
			return nil, err
		}
		w.women = append(w.women, woman{c, client.Place{Recipient: c.Recipient(), Code: tray.Code}})
	}
	if w.heard, err = listen(); err != nil {
		return nil, err
	}
	hook, err := w.programs[0].CreateWebhook(ctx, api.WebhookWish{URL: w.heard.url})
	if err != nil {
		return nil, err
	}
	w.endpoint = hook.Webhook
	return w, nil
}

// agree makes the partner and its programs.
func (w *world) agree(ctx context.Context, d *daemontest.Daemon, p *daemontest.People, programs int) (api.ID, error) {
	partner, err := p.Partner(ctx)
	if err != nil {
		return "", err
	}
	for range programs {
		program, err := partner.Program(ctx)
		if err != nil {
			return "", err
		}
		c, err := client.New(client.Config{Server: d.Origin(), Vault: p.Vault(), Program: program})
		if err != nil {
			return "", err
		}
		w.programs = append(w.programs, integration{Client: c})
	}
	return partner.ID, nil
}
