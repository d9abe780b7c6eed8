package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/gateway/queue"
	"github.com/relatingfield/vault/internal/statement"
)

// vault is the way to it, in the program's name.
type vault struct {
	c            *client.Client
	program      *client.Program
	destinations map[string]Destination
}

func (g *Gateway) vault() (*vault, error) {
	s := g.Settings
	program, err := client.NewProgram(s.Vault.client, s.Vault.key, statement.ScopeDeliver)
	if err != nil {
		return nil, err
	}
	line, err := client.Line(s.Vault.Line).HTTP(time.Now) // a certificate counts by the true clock
	if err != nil {
		return nil, err
	}
	c, err := client.New(client.Config{Server: s.Vault.Server, Vault: s.Vault.id, Program: program, HTTP: line, Now: g.Now, Rand: g.Rand})
	if err != nil {
		return nil, err
	}
	v := &vault{c: c, program: program, destinations: map[string]Destination{}}
	for _, d := range s.Destinations {
		v.destinations[d.Name] = d
	}
	return v, nil
}

// line is how the queue speaks to the vault.
func (v *vault) line(g *Gateway) queue.Line {
	return queue.Line{Note: v.note, Bring: v.bring, Pause: g.pause, Tell: func(err error) {
		var refused *queue.Refused
		switch {
		case err == nil:
			g.Log.Debug("the vault has received an item")
		case errors.As(err, &refused):
			g.Log.Warn("the vault refuses an item; it stays in the queue: see testimonyd gateway status", "reason", refused.Reason)
		default:
			g.Log.Warn("the vault cannot be reached; what came in waits, sealed", "cause", err)
		}
	}}
}

// note gives the note of an item: the one of the last attempt as long as the vault
// would take it for today's, and else a new one.
func (v *vault) note(ctx context.Context, i queue.Item) (string, error) {
	to, ok := v.destinations[i.To]
	if !ok {
		return "", &queue.Refused{Reason: "its destination is no longer in the configuration"}
	}
	if i.Note != "" {
		if _, err := v.c.Partner(ctx); err != nil { // also learns the vault's time
			return "", verdict(err)
		}
		if n, kid, err := delivery.Peek(i.Note); err == nil && kid == v.program.Key() && n.Day == statement.DayOf(v.c.Time()) {
			return i.Note, nil
		}
	}
	note, err := v.c.SignDelivery(ctx, api.DeliveryNote{Item: i.ID, RecipientSHA256: i.RecipientSHA256, Length: i.Length, PayloadSHA256: i.PayloadSHA256,
		Commit: i.Commit, HeaderSHA256: i.HeaderSHA256, Assurance: delivery.Gateway, Consultation: to.Consultation})
	if err != nil {
		return "", verdict(err)
	}
	return note, nil
}

func (v *vault) bring(ctx context.Context, i queue.Item, s *queue.Sealed) error {
	to := v.destinations[i.To]
	err := v.c.BringSealed(ctx, client.SealedItem{Item: i.ID, Tray: string(to.tray.Reveal()), Note: i.Note, Header: s.Header, Length: i.Length,
		Payload: func() (io.Reader, error) { return s.Payload(), nil }})
	if i.Tried && errors.Is(err, client.ErrBrought) {
		// The vault has an item of this id under another note: the one of an attempt
		// whose answer was lost. Nobody else can have drawn the id.
		return nil
	}
	return verdict(err)
}

// verdict tells a no of the vault from a line that is down.
func verdict(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, client.ErrProgram) {
		return &queue.Refused{Reason: "the vault does not let this program in: its partner is halted, or its key is retired or not registered", Err: err}
	}
	if errors.Is(err, client.ErrBrought) {
		return &queue.Refused{Reason: "the vault has another item of this name", Err: err}
	}
	var p *api.Problem
	if !errors.As(err, &p) || errors.Is(err, client.ErrUnavailable) || p.Status >= http.StatusInternalServerError {
		return err
	}
	if why, ok := reasons()[p.Name()]; ok {
		return &queue.Refused{Reason: why, Err: err}
	}
	return &queue.Refused{Reason: fmt.Sprintf("the vault answered %d", p.Status), Err: err}
}

// reasons are the refusals that an operator can do something about.
func reasons() map[api.ProblemName]string {
	return map[api.ProblemName]string{
		api.ProblemNotFound:            "its tray is closed or over, or its code is wrong",
		api.ProblemUnauthorized:        "the vault does not let this program in: its partner is halted, or its key is retired or not registered",
		api.ProblemScope:               "this program may not deliver: its key lacks the scope deliver",
		api.ProblemOtherRecipient:      "the owner of the tray has another recipient than the configuration: scan her card again",
		api.ProblemAcknowledgementOwed: "a withdrawal waits for the partner's acknowledgement; nothing is taken before it",
		api.ProblemTooLarge:            "it is larger than the vault takes",
		api.ProblemQuota:               "too much waits in the tray already",
	}
}
