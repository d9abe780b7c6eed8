package contracttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"

	"github.com/relatingfield/vault/api/apitest"
)

// Bender is a line on which requests of a real client are bent on their way, so that
// what is bent has good signatures, follows its chain and gets further than what is
// made up. Its answers are judged as Run's are.
type Bender struct {
	Base  http.RoundTripper
	Fault func(error)
	Every int // one request of so many is bent, on average

	mu  sync.Mutex
	rnd *rand.Rand
}

// Seed chooses what is bent.
func (b *Bender) Seed(seed, n uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rnd = rand.New(rand.NewPCG(seed, n))
}

// RoundTrip implements [http.RoundTripper].
func (b *Bender) RoundTrip(req *http.Request) (*http.Response, error) {
	text, how := b.bent(req)
	out := req
	if how != "" {
		out = req.Clone(req.Context())
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	}
	resp, err := b.Base.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	for _, err := range judge(out, resp, body, how != "") {
		b.Fault(&BentError{Operation: operation(out), How: how, Sent: short(text), Answer: short(body), Err: err})
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// BentError says what was sent when an answer was not what it may be.
type BentError struct {
	Operation         apitest.Operation
	How, Sent, Answer string
	Err               error
}

// Error implements error.
func (e *BentError) Error() string {
	return e.Operation.Method + " " + e.Operation.Path + ", " + e.How + ": " + e.Sent + "\nanswered " + e.Answer + ": " + e.Err.Error()
}

// Unwrap gives what is wrong.
func (e *BentError) Unwrap() error { return e.Err }

func operation(req *http.Request) apitest.Operation {
	o, _ := apitest.Find(req.Method, req.URL.EscapedPath())
	return o
}

// bent gives another body for some of the requests that have one of JSON.
func (b *Bender) bent(req *http.Request) (text []byte, how string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if req.GetBody == nil || b.rnd == nil || b.rnd.IntN(b.Every) > 0 {
		return nil, ""
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, ""
	}
	text, err = io.ReadAll(body)
	if err != nil || !json.Valid(text) {
		return nil, ""
	}
	d := &draft{body: text}
	all := append(treeBends(), textBends()...)
	for range 20 {
		if one := all[b.rnd.IntN(len(all))]; one.do(d, b.rnd) && !bytes.Equal(d.body, text) {
			return d.body, one.name
		}
	}
	return nil, ""
}
