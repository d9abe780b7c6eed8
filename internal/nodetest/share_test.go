//go:build linux

package nodetest_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
)

func (w *world) opensElsewhere() {
	said := []byte("на кухні")
	for from, to := range map[*peopletest.Door]*peopletest.Door{w.doorA: w.doorB, w.doorB: w.doorA} {
		her := w.her.At(from)
		testimony, err := her.Create(w.t.Context(), client.Testimony{Title: "чай", Parts: []client.Content{client.Bytes("t.txt", "", said)}})
		w.must(err)
		grant := w.grant(her, testimony, w.reader)
		var got bytes.Buffer
		_, err = w.reader.At(to).Open(w.t.Context(), grant, 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return &got, nil }))
		w.must(err)
		if !bytes.Equal(got.Bytes(), said) {
			w.t.Errorf("it opened to %q", got.Bytes())
		}
	}
}

// races asks both nodes for the one next place in her chain.
func (w *world) races() {
	testimony, err := w.her.Create(w.t.Context(), client.Testimony{Title: "0"})
	w.must(err)
	before, err := w.her.Head(w.t.Context())
	w.must(err)
	const rounds = 10
	for range rounds {
		statuses := w.race(w.card(w.doorA, testimony), w.card(w.doorB, testimony))
		if statuses[http.StatusOK] != 1 || statuses[http.StatusConflict] != 1 {
			w.t.Errorf("two statements for one place got %v", statuses)
		}
	}
	after, err := w.her.At(w.doorA).Head(w.t.Context())
	w.must(err)
	if after.Seq != before.Seq+rounds {
		w.t.Errorf("after %d rounds the chain went from %d to %d", rounds, before.Seq, after.Seq)
	}
}

// card is a request for another card, signed for the next place.
func (w *world) card(door *peopletest.Door, testimony api.ID) *http.Request {
	w.t.Helper()
	her := w.her.At(door)
	to, _, err := envelope.ParseRecipient(her.Keys.Recipient)
	w.must(err)
	card, err := envelope.SealCard(envelope.Card{Title: "1"}, to, rand.Reader)
	w.must(err)
	says := her.Says(statement.ActCard, statement.Card{Testimony: testimony, CardSHA256: api.HashOf(card).String()})
	body, err := json.Marshal(api.NewCard{Statement: says, Card: card})
	w.must(err)
	req := her.Request(http.MethodPut, "/v1/testimonies/"+string(testimony)+"/card", bytes.NewReader(body))
	req.Header.Set("Content-Type", api.MediaJSON)
	req.Header.Set(api.HeaderIdempotencyKey, door.IdempotencyKey())
	return req
}

// race sends requests at the same time and counts the answers by status.
func (w *world) race(requests ...*http.Request) map[int]int {
	w.t.Helper()
	var all sync.WaitGroup
	start, statuses := make(chan struct{}), make(chan int, len(requests))
	for _, req := range requests {
		all.Go(func() {
			<-start
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				statuses <- 0
				return
			}
			_ = resp.Body.Close()
			statuses <- resp.StatusCode
		})
	}
	close(start)
	all.Wait()
	close(statuses)
	out := map[int]int{}
	for s := range statuses {
		out[s]++
	}
	return out
}
