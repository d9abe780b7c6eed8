//go:build linux

package clustertest_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
)

// once sends one request, under one idempotency key, to all nodes at the same time.
// Requests under way are remembered per node, so several may be carried out: one takes
// effect, and whoever is answered is answered the same.
func (w *world) once() {
	her := w.Door(0).Participant()
	testimony, err := her.Create(w.t.Context(), client.Testimony{Title: "0"})
	w.must(err)
	for range 5 {
		before, err := her.Head(w.t.Context())
		w.must(err)
		body, key := w.card(her, testimony), w.Door(0).IdempotencyKey()
		answers := make([]string, len(w.Nodes))
		var all sync.WaitGroup
		for i := range w.Nodes {
			req := her.At(w.Door(i)).Request(http.MethodPut, "/v1/testimonies/"+string(testimony)+"/card", bytes.NewReader(body))
			req.Header.Set("Content-Type", api.MediaJSON)
			req.Header.Set(api.HeaderIdempotencyKey, key)
			all.Go(func() { answers[i] = w.answer(req) })
		}
		all.Wait()
		after, err := her.Head(w.t.Context())
		w.must(err)
		if after.Seq != before.Seq+1 {
			w.t.Errorf("the chain went from %d to %d", before.Seq, after.Seq)
		}
		for _, a := range answers {
			if a != answers[0] {
				w.t.Errorf("one request was answered %q and %q", answers[0], a)
			}
		}
	}
}

// card is another card of hers, signed for the next place in her chain.
func (w *world) card(her *peopletest.Person, testimony api.ID) []byte {
	w.t.Helper()
	to, _, err := envelope.ParseRecipient(her.Keys.Recipient)
	w.must(err)
	card, err := envelope.SealCard(envelope.Card{Title: "1"}, to, rand.Reader)
	w.must(err)
	says := her.Says(statement.ActCard, statement.Card{Testimony: testimony, CardSHA256: api.HashOf(card).String()})
	body, err := json.Marshal(api.NewCard{Statement: says, Card: card})
	w.must(err)
	return body
}

// answer is the status and body of an answer.
func (w *world) answer(req *http.Request) string {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return resp.Status + " " + string(body)
}

// proofs sends a whole request a second time: the node that has seen its proof refuses
// it. Another node takes it, once, which docs/adr/0010 weighs.
func (w *world) proofs() {
	her := w.Front().Participant()
	for i := range w.Nodes {
		req := her.Request(http.MethodGet, "/v1/account", nil)
		for _, n := range []*daemontest.Daemon{w.Nodes[i], w.Nodes[(i+1)%len(w.Nodes)]} {
			for _, want := range []int{http.StatusOK, http.StatusUnauthorized} {
				req.URL.Scheme, req.URL.Host = "http", n.Addr()
				resp, err := http.DefaultClient.Do(req)
				w.must(err)
				w.must(resp.Body.Close())
				if resp.StatusCode != want {
					w.t.Errorf("node %s answered %s, want %d", n.Addr(), resp.Status, want)
				}
			}
		}
	}
}
