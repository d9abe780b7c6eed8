//go:build linux

package clustertest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
)

// upload is a part on its way in.
type upload struct {
	*world
	her       *peopletest.Person
	testimony api.ID
	said      []byte // what is sealed in it
	header    []byte
	payload   []byte
	binding   statement.Binding
}

// continued uploads a part through three nodes: the first dies in the middle, at the
// second the line breaks, the third gets the rest. What came is asked for at a node
// that did not take it.
func (w *world) continued() {
	u := w.begun(12 << 20)
	line := u.patch(0, 0, int64(len(u.payload))/2)
	u.comes(1, 1)
	w.must(w.Nodes[0].Kill())
	line()
	at := u.offset(1)
	u.patch(1, at, (at+int64(len(u.payload)))/2)()
	next := u.comes(2, at+1)
	u.rest(2)
	w.must(w.Nodes[0].Start(w.t.Context()))
	u.added()
	w.t.Logf("of %d bytes the second node went on at %d, the third at %d", len(u.payload), at, next)
}

// begun is a part of a size that was begun at some node.
func (w *world) begun(size int) *upload {
	w.t.Helper()
	u := &upload{world: w, her: w.Front().Participant(), said: make([]byte, size)}
	rand.Read(u.said) // never fails
	var err error
	u.testimony, err = u.her.Create(w.t.Context(), client.Testimony{Title: "дорога"})
	w.must(err)
	to, _, err := envelope.ParseRecipient(u.her.Keys.Recipient)
	w.must(err)
	key, err := envelope.NewFileKey(rand.Reader)
	w.must(err)
	nonce, err := envelope.NewNonce(rand.Reader)
	w.must(err)
	header, err := envelope.ComposeHeader(key, to)
	w.must(err)
	var plain, payload bytes.Buffer
	w.must(envelope.WriteContainer(&plain, envelope.PartInfo{MediaType: "audio/mp4", Kind: envelope.Original}, bytes.NewReader(u.said), int64(len(u.said))))
	_, err = envelope.Seal(&payload, &plain, key, nonce, 2)
	w.must(err)
	u.header, u.payload = header, payload.Bytes()
	sum := sha256.Sum256(u.payload)
	commit := envelope.Commit(key, sum)
	u.binding = statement.Binding{Length: int64(len(u.payload)), PayloadSHA256: statement.B64(sum[:]), Commit: statement.B64(commit[:]), HeaderSHA256: api.HashOf(header).String()}
	u.post("/parts", api.NewPart{Header: header, Statement: u.her.Says(statement.ActBegin, statement.Begin{Testimony: u.testimony, N: 1,
		HeaderSHA256: u.binding.HeaderSHA256, Nonce: statement.B64(nonce[:]), Length: u.binding.Length})})
	return u
}

// post sends a statement to any node.
func (u *upload) post(path string, body any) {
	u.t.Helper()
	b, err := json.Marshal(body)
	u.must(err)
	req := u.her.Request(http.MethodPost, "/v1/testimonies/"+string(u.testimony)+path, bytes.NewReader(b))
	req.Header.Set("Content-Type", api.MediaJSON)
	req.Header.Set(api.HeaderIdempotencyKey, u.Front().IdempotencyKey())
	resp, err := u.Balance.Client().Do(req)
	u.must(err)
	u.must(resp.Body.Close())
	if resp.StatusCode >= 300 {
		u.t.Fatalf("%s: %s", path, resp.Status)
	}
}

// at is a request about the payload to one node.
func (u *upload) at(node int, method string, body io.Reader) *http.Request {
	u.t.Helper()
	door := u.Door(node)
	req := u.her.At(door).Request(method, fmt.Sprintf("/v1/testimonies/%s/parts/1/payload", u.testimony), body)
	req.Header.Set(api.HeaderTusResumable, api.TusVersion)
	return req
}

// patch sends the payload from one place to another to a node, and then holds the line
// until the function that it returns breaks it, or finds the upload ended.
func (u *upload) patch(node int, from, to int64) (ended func()) {
	u.t.Helper()
	out, in := io.Pipe()
	req := u.at(node, http.MethodPatch, out)
	req.Header.Set("Content-Type", api.MediaTus)
	req.Header.Set(api.HeaderUploadOffset, strconv.FormatInt(from, 10))
	req.ContentLength = int64(len(u.payload)) - from
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Whether it ends well is asked for by whoever goes on.
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	if _, err := in.Write(u.payload[from:to]); err == nil && to == int64(len(u.payload)) {
		_ = in.Close()
		<-done
	}
	return func() { _ = in.CloseWithError(errBroken); <-done }
}

// rest sends what is missing to a node. What another node still had in hand when its
// line broke may come in between: then this one is refused, and asks again, as clients
// do.
func (u *upload) rest(node int) {
	u.t.Helper()
	const tries = 20
	for range tries {
		at := u.offset(node)
		if at == int64(len(u.payload)) {
			return
		}
		u.patch(node, at, int64(len(u.payload)))()
	}
	u.t.Fatalf("node %d does not take the rest", node+1)
}

var errBroken = errors.New("the line breaks")

// offset asks a node how much has come.
func (u *upload) offset(node int) int64 {
	u.t.Helper()
	resp, err := http.DefaultClient.Do(u.at(node, http.MethodHead, nil))
	u.must(err)
	u.must(resp.Body.Close())
	n, err := strconv.ParseInt(resp.Header.Get(api.HeaderUploadOffset), 10, 64)
	if err != nil || n > int64(len(u.payload)) {
		u.t.Fatalf("node %d says that %d bytes have come: %s, %v", node+1, n, resp.Status, err)
	}
	return n
}

// comes waits until a node says that so much has come at least.
func (u *upload) comes(node int, least int64) int64 {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(u.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if n := u.offset(node); n >= least {
			return n
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			u.t.Fatalf("nothing comes")
		}
	}
}

// added makes a part of it and opens it at every node.
func (u *upload) added() {
	u.t.Helper()
	u.post("/parts/1/add", api.Signed{Statement: u.her.Says(statement.ActAdd, statement.Add{Testimony: u.testimony, N: 1, Length: u.binding.Length,
		PayloadSHA256: u.binding.PayloadSHA256, Commit: u.binding.Commit, HeaderSHA256: u.binding.HeaderSHA256})})
	for i := range u.Nodes {
		var got bytes.Buffer
		u.must(u.her.At(u.Door(i)).OpenOwn(u.t.Context(), u.testimony, 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return &got, nil })))
		if !bytes.Equal(got.Bytes(), u.said) {
			u.t.Errorf("node %d gave other bytes than were sent", i+1)
		}
	}
}
